/* Choosing the bars of each pair, or making them. */
#include "market/view.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* The series of one pair: [first, end) of the market, shortest bars first. */
typedef struct periods {
  const sld__market *market;
  size_t first, end;
} periods;

static const char *pair_at(const sld__market *market, size_t i) {
  const sld__series *series = sld__market_at(market, i);
  return series ? series->info.instrument.pair : "";
}

static periods periods_from(const sld__market *market, size_t first) {
  size_t end = first + 1;
  while (strcmp(pair_at(market, end), pair_at(market, first)) == 0) end++;
  return (periods){ market, first, end };
}

bool sld__market_needs_view(const sld__market *market, const sld__viewing *how) {
  if (how->timeframe || how->side != SLD_SIDE_OF_DATA) return true;
  for (size_t i = 1; i < sld__market_count(market); i++)
    if (strcmp(pair_at(market, i - 1), pair_at(market, i)) == 0) return true;
  return false;
}

static bool is_traded(const sld__viewing *how, const char *pair) {
  for (size_t i = 0; how->pairs && i < how->pair_count; i++)
    if (strcmp(how->pairs[i], pair) == 0) return true;
  return !how->pairs;
}

/* "1m, 1h and 1d" */
static void list_periods(const periods *p, char *text, size_t size) {
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = p->first; i < p->end && length < size; i++) {
    char period[SLD__PERIOD_SIZE];
    sld__period_format(sld__market_at(p->market, i)->info.period_ns, period);
    const char *before = i == p->first ? "" : i + 1 == p->end ? " and " : ", ";
    length += (size_t)snprintf(text + length, size - length, "%s%s", before, period);
  }
}

/* ---- Sides ---- */

static sld_status wrong_side(const sld_pair_info *info, sld_side wanted, sld_error *err) {
  static const char *const words[] = { "bids", "mids", "bids and asks" };
  return sld__fail_at(err, SLD_EINVAL, "options.side", 0, 0, "the prices of %s are %s and not %s", info->instrument.pair, words[info->side], words[wanted]);
}

/* Where the wanted side is another than that of the data: a series of its own to `made`, else NULL. */
static sld_status on_side(sld__series **made, const sld__series *series, const sld__viewing *how, bool traded, const sld_allocator *a, sld_error *err) {
  *made = NULL;
  if (!traded || how->side == SLD_SIDE_OF_DATA) return SLD_OK;
  const sld_side wanted = how->side == SLD_SIDE_BID ? SLD_BID : how->side == SLD_SIDE_MID ? SLD_MID : SLD_BOTH;
  const sld_pair_info *info = &series->info;
  if (info->side == wanted) return SLD_OK;
  bool possible = wanted != SLD_BOTH && (info->side_assumed || (wanted == SLD_BID && info->side == SLD_BOTH));
  return possible ? sld__series_on_side(made, a, series, wanted, err) : wrong_side(info, wanted, err);
}

/* ---- Time frames ---- */

/* Gives the series to the market, or frees it. */
static sld_status add_made(sld__market *view, sld__series *series, sld_error *err) {
  sld__intake intake = { .allocator = sld__market_allocator(view) };
  sld_status status = sld__intake_add(&intake, series, "", err);
  if (status == SLD_OK) status = sld__market_take(view, &intake, "", err);
  sld__intake_fini(&intake);
  return status;
}

/* Takes a series into the view: on the wanted side, where that is another one. */
static sld_status add_series(sld__market *view, const sld__series *series, const sld__viewing *how, bool traded, sld_error *err) {
  sld__series *made;
  sld_status status = on_side(&made, series, how, traded, sld__market_allocator(view), err);
  if (status != SLD_OK) return status;
  return made ? add_made(view, made, err) : sld__market_borrow(view, series, err);
}

static sld_status add_as_is(sld__market *view, const periods *p, const sld__viewing *how, bool traded, sld_error *err) {
  char all[256];
  if (!traded || p->end == p->first + 1) return add_series(view, sld__market_at(p->market, p->first), how, traded, err);
  list_periods(p, all, sizeof all);
  return sld__fail_at(err, SLD_EINVAL, "options.timeframe", 0, 0, "%s is there as %s: choose one with a time frame", pair_at(p->market, p->first), all);
}

static sld_status resample(sld__series **out, const sld__series *series, const sld__viewing *how, bool traded, const sld__resampling *resampling, const sld_allocator *a, sld_error *err) {
  sld__series *made;
  sld_status status = on_side(&made, series, how, traded, a, err);
  if (status != SLD_OK) return status;
  status = sld__series_resample(out, made ? made : series, resampling, a, err);
  sld__series_free(made);
  return status;
}

static sld_status add_in_frame(sld__market *view, const periods *p, const sld__viewing *how, bool traded, const sld__resampling *resampling, sld_error *err) {
  int64_t period = sld__timeframe_period(&resampling->frame);
  sld_error why = { .status = SLD_OK };
  for (size_t i = p->first; i < p->end; i++)
    if (sld__market_at(p->market, i)->info.period_ns == period) return add_series(view, sld__market_at(p->market, i), how, traded, err);
  for (size_t i = p->end; i-- > p->first;) {
    sld_error unfit;
    sld__series *made;
    sld_status status = resample(&made, sld__market_at(p->market, i), how, traded, resampling, sld__market_allocator(view), &unfit);
    if (status == SLD_OK) return add_made(view, made, err);
    why = unfit;
    if (status != SLD_EINVAL) break;
  }
  if (why.status == SLD_EINVAL && !traded) return sld__market_borrow(view, sld__market_at(p->market, p->first), err);
  if (err) *err = why;
  return why.status;
}

/* Ticks stand before bars. */
static sld_status add_ticks(sld__market *view, const periods *p, const sld__viewing *how, bool traded, sld_error *err) {
  char all[256];
  const sld__series *first = sld__market_at(p->market, p->first);
  if (first->info.ticks || !traded) return add_series(view, first, how, traded, err);
  list_periods(p, all, sizeof all);
  return sld__fail_at(err, SLD_EINVAL, "options.timeframe", 0, 0, "%s is there as %s, not as ticks", first->info.instrument.pair, all);
}

static sld_status fill(sld__market *view, const sld__market *market, const sld__viewing *how, sld_error *err) {
  sld__resampling resampling = { .day = how->day, .zone = how->zone };
  bool ticks = how->timeframe && strcmp(how->timeframe, "ticks") == 0;
  sld_status status = how->timeframe && !ticks ? sld__timeframe_parse(&resampling.frame, how->timeframe, "options.timeframe", err) : SLD_OK;
  for (size_t i = 0; status == SLD_OK && i < sld__market_count(market);) {
    periods p = periods_from(market, i);
    bool traded = is_traded(how, pair_at(market, i));
    if (!traded && how->traded_only) status = SLD_OK;
    else if (ticks) status = add_ticks(view, &p, how, traded, err);
    else status = how->timeframe ? add_in_frame(view, &p, how, traded, &resampling, err) : add_as_is(view, &p, how, traded, err);
    i = p.end;
  }
  return status;
}

sld_status sld__market_view(sld__market **out, const sld__market *market, const sld__viewing *how, sld_error *err) {
  sld__market *view;
  sld_status status = sld__market_new(&view, sld__market_allocator(market), err);
  if (status != SLD_OK) return status;
  sld__market_follow(view, market);
  status = fill(view, market, how, err);
  if (status == SLD_OK) *out = view;
  else sld__market_free(view);
  return status;
}
