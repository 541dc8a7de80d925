/* How records' words are spelt in JSON and CSV. */
#include <sliders.h>

#define WORD(words, i) ((size_t)(i) < sizeof(words) / sizeof *(words) ? (words)[i] : "?")

const char *sld_order_state_name(sld_order_state state) {
  static const char *const words[] = { "pending", "filled", "rejected", "expired", "cancelled" };
  return WORD(words, state);
}

const char *sld_reason_name(sld_reason reason) {
  static const char *const words[] = { "none", "min_size", "leverage", "end_of_data", "ruined", "stop_side", "replaced" };
  return WORD(words, reason);
}

const char *sld_exit_name(sld_exit exit) {
  static const char *const words[] = { "open", "order", "stop_loss", "take_profit", "end_of_data" };
  return WORD(words, exit);
}

const char *sld_order_kind_name(sld_order_kind kind) {
  static const char *const words[] = { "target", "market", "stop_loss", "take_profit", "end_of_data" };
  return WORD(words, kind);
}

const char *sld_weights_name(sld_weights weights) {
  static const char *const words[] = { "sum", "equal", "inverse_vol", "vol_target" };
  return WORD(words, weights);
}

const char *sld_job_state_name(sld_job_state state) {
  static const char *const words[] = { "done", "failed", "cancelled", "skipped", "ruined" };
  return WORD(words, state);
}
