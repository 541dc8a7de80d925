/* The fields of records in outcomes. */
#include "engine/outcome_fields.h"

#include <sliders.h>

/* From field `first` to field `end`, which have eight bytes each. */
#define RUN(type, kind, first, end) { SLD__##kind, offsetof(type, first), (offsetof(type, end) - offsetof(type, first)) / 8 + 1, 0 }
#define ONE(type, kind, name) { SLD__##kind, offsetof(type, name), 1, 0 }
#define WORD(type, name, last) { SLD__WORD, offsetof(type, name), 1, last }
#define FORM(runs, type, eights, names) { runs, sizeof runs / sizeof *runs, sizeof(type), 8 * (eights) + SLD_NAME_SIZE * (names) }

_Static_assert(sizeof(double) == 8 && sizeof(size_t) == 8, "numbers and counts have eight bytes");

static const sld__fields order[] = {
  RUN(sld_order, INTEGER, id, time), ONE(sld_order, BAR, bar), ONE(sld_order, INTEGER, fill_time), ONE(sld_order, BAR, fill_bar), WORD(sld_order, kind, SLD_ORDER_STOP_OUT),
  WORD(sld_order, state, SLD_ORDER_CANCELLED), WORD(sld_order, reason, SLD_REASON_REQUEST), WORD(sld_order, quantity, SLD_RISK), ONE(sld_order, FLAG, reduce_only),
  RUN(sld_order, INTEGER, parent, group), RUN(sld_order, NUMBER, size, commission),
};
static const sld__fields terms[] = {
  ONE(sld_order_terms, NAME, name), ONE(sld_order_terms, NAME, tag), RUN(sld_order_terms, NUMBER, limit, trail_step), ONE(sld_order_terms, INTEGER, expires),
  WORD(sld_order_terms, oca, SLD_OCA_REDUCE),
};
static const sld__fields trade[] = {
  RUN(sld_trade, INTEGER, entry_order, exit_time), RUN(sld_trade, BAR, entry_bar, exit_bar), WORD(sld_trade, exit, SLD_EXIT_STOP_OUT), RUN(sld_trade, NUMBER, units, net),
};
static const sld__fields rollover[] = {
  ONE(sld_rollover_record, INTEGER, time), ONE(sld_rollover_record, BAR, bar), WORD(sld_rollover_record, days, 3), RUN(sld_rollover_record, NUMBER, units, amount),
};
static const sld__fields book[] = {
  RUN(sld_book, NUMBER, costs_spread, unrealised), RUN(sld_book, COUNT, order_count, open_count), RUN(sld_book, COUNT, stop_out_count, rollover_count), ONE(sld_book, COUNT, bar_count),
};
static const sld__fields job[] = {
  WORD(sld_job, state, SLD_JOB_RUINED), ONE(sld_job, NUMBER, final_equity), RUN(sld_job, NUMBER, costs_spread, unrealised), RUN(sld_job, COUNT, order_count, open_count),
  RUN(sld_job, COUNT, stop_out_count, rollover_count), ONE(sld_job, COUNT, bar_count), ONE(sld_job, NUMBER, buy_and_hold),
};

const sld__form sld__form_order = FORM(order, sld_order, 25, 0), sld__form_terms = FORM(terms, sld_order_terms, 7, 2), sld__form_trade = FORM(trade, sld_trade, 13, 0),
                sld__form_rollover = FORM(rollover, sld_rollover_record, 5, 0), sld__form_book = FORM(book, sld_book, 13, 0), sld__form_job = FORM(job, sld_job, 16, 0);
