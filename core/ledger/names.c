/* How records' words are spelt in JSON and CSV. */
#include <sliders.h>

#define WORD(words, i) ((size_t)(i) < sizeof(words) / sizeof *(words) ? (words)[i] : "?")

const char *sld_order_state_name(sld_order_state state) {
  static const char *const words[] = { "pending", "filled", "rejected", "expired", "cancelled" };
  return WORD(words, state);
}

const char *sld_reason_name(sld_reason reason) {
  static const char *const words[] = { "none", "min_size", "leverage", "end_of_data", "ruined", "stop_side", "replaced",
    "pyramiding", "unknown_id", "no_position", "oca", "time_limit", "request" };
  return WORD(words, reason);
}

const char *sld_exit_name(sld_exit exit) {
  static const char *const words[] = { "open", "order", "stop_loss", "take_profit", "end_of_data", "trailing_stop", "stop_out" };
  return WORD(words, exit);
}

const char *sld_order_kind_name(sld_order_kind kind) {
  static const char *const words[] = { "target", "market", "stop_loss", "take_profit", "end_of_data",
    "limit", "stop", "stop_limit", "exit", "close", "trailing_stop", "modify", "stop_out" };
  return WORD(words, kind);
}

const char *sld_weights_name(sld_weights weights) {
  static const char *const words[] = { "sum", "equal", "inverse_vol", "vol_target" };
  return WORD(words, weights);
}

const char *sld_rollover_name(sld_rollover rollover) {
  static const char *const words[] = { "none", "points", "rates" };
  return WORD(words, rollover);
}

const char *sld_oca_name(sld_oca oca) {
  static const char *const words[] = { "none", "cancel", "reduce" };
  return WORD(words, oca);
}

const char *sld_quantity_name(sld_quantity quantity) {
  static const char *const words[] = { "units", "lots", "fraction", "risk" };
  return WORD(words, quantity);
}

const char *sld_job_state_name(sld_job_state state) {
  static const char *const words[] = { "done", "failed", "cancelled", "skipped", "ruined" };
  return WORD(words, state);
}
