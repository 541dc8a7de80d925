#include "ledger/blank.h"

const sld_order_terms sld__terms_none = { .limit = NAN, .stop = NAN, .trail = NAN, .trail_after = NAN, .trail_step = NAN, .expires = -1 };

const sld_order sld__no_order = {
  .fill_bar = -1, .size = NAN, .target = NAN, .stop_loss = NAN, .take_profit = NAN, .stop_loss_dist = NAN, .take_profit_dist = NAN, .price = NAN, .reference = NAN,
};
const sld_trade sld__no_trade = { .entry_order = 0 };
const sld__lot sld__no_lot = { .trail = { NAN, NAN, NAN, NAN, NAN } };
const sld__waiting sld__not_waiting = { .fraction = NAN, .trail = { NAN, NAN, NAN, NAN, NAN } };
