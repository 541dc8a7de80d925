/* Growing and emptying a ledger. */
#include "ledger/ledger.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fill.h"
#include "ledger/blank.h"

void sld__ledger_init(sld__ledger *ledger, const sld_allocator *allocator) {
  memset(ledger, 0, sizeof *ledger);
  ledger->allocator = *allocator;
}

void sld__ledger_fini(sld__ledger *ledger) {
  sld_allocator allocator = ledger->allocator;
  sld__spare *spare = ledger->spare;
  sld__free(&allocator, ledger->orders);
  sld__free(&allocator, ledger->trades);
  sld__free(&allocator, ledger->rollovers);
  sld__free(&allocator, ledger->lots);
  sld__free(&allocator, ledger->waiting);
  for (size_t i = 0; i < ledger->term_block_count; i++) sld__free(&allocator, ledger->term_blocks[i]);
  sld__free(&allocator, ledger->term_blocks);
  sld__spare_give(spare, &allocator, ledger->equity, ledger->equity_capacity);
  sld__ledger_init(ledger, &allocator);
  ledger->spare = spare;
}

static void empty(sld__ledger *ledger) {
  sld__ledger kept = *ledger;
  sld__ledger_init(ledger, &kept.allocator);
  ledger->quota = kept.quota;
  ledger->spare = kept.spare;
  ledger->orders = kept.orders;
  ledger->order_capacity = kept.order_capacity;
  ledger->trades = kept.trades;
  ledger->trade_capacity = kept.trade_capacity;
  ledger->rollovers = kept.rollovers;
  ledger->rollover_capacity = kept.rollover_capacity;
  ledger->lots = kept.lots;
  ledger->lot_capacity = kept.lot_capacity;
  ledger->term_blocks = kept.term_blocks;
  ledger->term_block_count = kept.term_block_count;
  ledger->term_block_capacity = kept.term_block_capacity;
  ledger->waiting = kept.waiting;
  ledger->waiting_capacity = kept.waiting_capacity;
  ledger->equity = kept.equity;
  ledger->equity_capacity = kept.equity_capacity;
}

sld_status sld__ledger_reset(sld__ledger *ledger, size_t rows, size_t first, double capital, sld_error *err) {
  empty(ledger);
  if (rows > ledger->equity_capacity) {
    sld__spare_give(ledger->spare, &ledger->allocator, ledger->equity, ledger->equity_capacity);
    ledger->equity = sld__spare_take(ledger->spare, &ledger->allocator, rows);
    ledger->equity_capacity = ledger->equity ? rows : 0;
    if (!ledger->equity) {
      ledger->status = SLD_ENOMEM;
      return sld__fail_memory(err);
    }
  }
  ledger->equity_count = rows;
  ledger->first = first;
  ledger->capital = capital;
  sld__fill(ledger->equity, first < rows ? first : rows, capital);
  return SLD_OK;
}

/* Makes room for one more record of `size` bytes behind `used` ones; returns the array, moved or not, or NULL. */
static void *room_for_one(sld__ledger *ledger, void *array, size_t used, size_t *capacity, size_t size) {
  if (used < *capacity) return array;
  size_t wanted = *capacity ? *capacity * 2 : 64;
  void *grown = sld__realloc(&ledger->allocator, array, wanted, size);
  if (!grown) {
    ledger->status = SLD_ENOMEM;
    return NULL;
  }
  *capacity = wanted;
  return grown;
}

/* Asks the memory for the record that comes next: by its turn the lines have long been pushed out by columns. */
static inline __attribute__((always_inline)) void foresee(const void *record, size_t size) {
  for (size_t at = 0; at < size; at += 64) __builtin_prefetch((const char *)record + at, 1);
}

/* Takes one record off the job's quota. */
static bool allowed(sld__ledger *ledger) {
  if (!ledger->quota || ledger->quota->left > 0) {
    if (ledger->quota) ledger->quota->left--;
    return true;
  }
  ledger->status = SLD_ELIMIT;
  return false;
}

sld_order *sld__ledger_add_order(sld__ledger *ledger) {
  if (!allowed(ledger)) return NULL;
  sld_order *orders = room_for_one(ledger, ledger->orders, ledger->order_count, &ledger->order_capacity, sizeof *orders);
  if (!orders) return NULL;
  ledger->orders = orders;
  sld_order *order = &orders[ledger->order_count++];
  *order = sld__no_order;
  foresee(order + 1, sizeof *order);
  order->id = (int64_t)ledger->order_count;
  return order;
}

sld_order_terms *sld__ledger_add_terms(sld__ledger *ledger, sld_order *order) {
  size_t block = ledger->term_count / SLD__TERMS_PER_BLOCK;
  if (block == ledger->term_block_count) {
    sld_order_terms **blocks = room_for_one(ledger, ledger->term_blocks, block, &ledger->term_block_capacity, sizeof *blocks);
    if (!blocks) return NULL;
    ledger->term_blocks = blocks;
    blocks[block] = sld__alloc(&ledger->allocator, SLD__TERMS_PER_BLOCK, sizeof **blocks);
    if (!blocks[block]) {
      ledger->status = SLD_ENOMEM;
      return NULL;
    }
    ledger->term_block_count++;
  }
  sld_order_terms *terms = &ledger->term_blocks[block][ledger->term_count++ % SLD__TERMS_PER_BLOCK];
  *terms = sld__terms_none;
  order->terms = terms;
  return terms;
}

static sld_trade *add_trade(sld__ledger *ledger) {
  size_t used = ledger->trade_count + ledger->open_count;
  sld_trade *trades = room_for_one(ledger, ledger->trades, used, &ledger->trade_capacity, sizeof *trades);
  if (!trades) return NULL;
  ledger->trades = trades;
  trades[used] = sld__no_trade;
  foresee(&trades[used + 1], sizeof *trades);
  return &trades[used];
}

sld_trade *sld__ledger_add_trade(sld__ledger *ledger) {
  sld_trade *trade = allowed(ledger) ? add_trade(ledger) : NULL;
  if (trade) ledger->trade_count++;
  return trade;
}

sld_trade *sld__ledger_add_open(sld__ledger *ledger) {
  sld_trade *trade = add_trade(ledger);
  if (trade) ledger->open_count++;
  return trade;
}

sld__lot *sld__ledger_add_lot(sld__ledger *ledger) {
  /* A queue that moved half its array ahead slides back instead of growing: amortised constant time. */
  if (ledger->lot_first > 0 && ledger->lot_first >= ledger->lot_capacity / 2) {
    memmove(ledger->lots, ledger->lots + ledger->lot_first, ledger->lot_count * sizeof *ledger->lots);
    ledger->lot_first = 0;
  }
  size_t used = ledger->lot_first + ledger->lot_count;
  sld__lot *lots = room_for_one(ledger, ledger->lots, used, &ledger->lot_capacity, sizeof *lots);
  if (!lots) return NULL;
  ledger->lots = lots;
  lots[used] = sld__no_lot;
  ledger->lot_count++;
  return &lots[used];
}

sld__waiting *sld__ledger_add_waiting(sld__ledger *ledger) {
  sld__waiting *waiting = room_for_one(ledger, ledger->waiting, ledger->waiting_count, &ledger->waiting_capacity, sizeof *waiting);
  if (!waiting) return NULL;
  ledger->waiting = waiting;
  sld__waiting *added = &waiting[ledger->waiting_count++];
  *added = sld__not_waiting;
  return added;
}

sld_rollover_record *sld__ledger_add_rollover(sld__ledger *ledger) {
  if (!allowed(ledger)) return NULL;
  sld_rollover_record *rollovers = room_for_one(ledger, ledger->rollovers, ledger->rollover_count, &ledger->rollover_capacity, sizeof *rollovers);
  if (!rollovers) return NULL;
  ledger->rollovers = rollovers;
  memset(&rollovers[ledger->rollover_count], 0, sizeof *rollovers);
  return &rollovers[ledger->rollover_count++];
}

void sld__ledger_remove_waiting(sld__ledger *ledger, size_t i) {
  sld__waiting *waiting = ledger->waiting + i;
  size_t later = --ledger->waiting_count - i;
  if (later) memmove(waiting, waiting + 1, later * sizeof *waiting); /* mostly one waits */
}

void sld__ledger_remove_lot(sld__ledger *ledger, size_t i) {
  sld__lot *lot = ledger->lots + ledger->lot_first + i;
  if (i == 0)
    ledger->lot_first++;
  else
    memmove(lot, lot + 1, (ledger->lot_count - i - 1) * sizeof *lot);
  if (--ledger->lot_count == 0) ledger->lot_first = 0;
}
