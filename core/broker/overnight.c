/* Rollovers. */
#include "broker/overnight.h"

#include "base/error.h"

sld__held sld__book_held(const sld__broker *b) {
  double longs = 0.0, shorts = 0.0;
  for (size_t i = 0; i < b->ledger->lot_count; i++) {
    double steps = sld__lot_at(b, i)->steps;
    if (steps > 0.0) longs += steps;
    else shorts -= steps;
  }
  double step = b->config.instrument.step;
  return (sld__held){ longs * step, shorts * step };
}

void sld__book_hold(sld__broker *b, int64_t row) {
  if (sld__book_rolls_in(b, row)) b->held = sld__book_held(b);
}

static int no_short_rate(sld__broker *b, const sld__roll *roll) {
  const sld_instrument *i = &b->config.instrument;
  char at[40];
  sld_time_format(roll->time, at, sizeof at);
  return sld__broker_fail(b, sld__fail(&b->error, SLD_ERATE, "%s: no short rate of %s for the rollover at %s", i->pair, roll->lacks == SLD__LACKS_BASE ? i->base : i->quote, at));
}

/* Books what one side earns. */
static int book(sld__broker *b, const sld__roll *roll, double units, double earned, double rate) {
  sld_rollover_record *record = sld__ledger_add_rollover(b->ledger);
  if (!record) return sld__broker_full(b);
  record->time = roll->time;
  record->bar = b->bars.origin + roll->row;
  record->days = roll->days;
  record->units = units;
  record->amount = (fabs(units) * earned / roll->scale) * rate;
  b->ledger->rollover += record->amount;
  b->account->rollover += record->amount;
  return 0;
}

static int charge(sld__broker *b, const sld__roll *roll, sld__held held) {
  double rate = sld__moment_inside(b, roll->row).rate;
  if (held.longs == 0.0 && held.shorts == 0.0) return 0;
  if (roll->lacks) return no_short_rate(b, roll);
  if (!(rate > 0.0)) return sld__broker_no_rate(b, roll->time);
  if (held.longs > 0.0 && book(b, roll, held.longs, roll->longs, rate)) return 1;
  return held.shorts > 0.0 ? book(b, roll, -held.shorts, roll->shorts, rate) : 0;
}

int sld__book_roll(sld__broker *b, int64_t row, bool inside, sld__held held) {
  const sld__roll *rolls = b->bars.rolls;
  for (; b->roll < b->bars.roll_count; b->roll++) {
    const sld__roll *roll = &rolls[b->roll];
    if (roll->row > row || (roll->row == row && roll->inside && !inside)) break;
    if (roll->row == row && charge(b, roll, held)) return 1;
  }
  b->cash = sld__account_cash(b->account);
  sld__book_watch(b);
  return 0;
}
