/* The rolls of a view. */
#include "market/rollover.h"

#include "base/alloc.h"
#include "base/error.h"
#include "market/decimal.h"
#include "market/instrument.h"

#include <math.h>
#include <string.h>

enum { ROLL_HOUR = 17, FRIDAY = 5, WEEKEND = 3 };

static double day_count(const char *currency) {
  static const char *const long_years[] = { "AUD", "CAD", "GBP", "HKD", "ILS", "INR", "KRW", "MYR", "NZD", "PLN", "RUB", "SGD", "THB", "TWD", "ZAR" };
  for (size_t i = 0; i < sizeof long_years / sizeof *long_years; i++)
    if (strcmp(currency, long_years[i]) == 0) return 365.0;
  return 360.0;
}

/* What the rolls of one view are made with. */
typedef struct maker {
  const sld__series *series;
  const sld__rolling *how;
  const sld__short_rate *base, *quote; /* NULL for points */
  double base_year, quote_year;
  int triple_day;
  size_t row0, rows;
} maker;

/* What units earn at this roll. */
static void value(const maker *m, sld__roll *roll, int64_t date) {
  const sld_instrument *i = &m->series->info.instrument;
  if (!m->base) {
    roll->longs = roll->days * i->swap_long;
    roll->shorts = roll->days * i->swap_short;
    roll->scale = sld__decimal_tens[i->digits]; /* dividing by a power of ten is exact where the result is a number of few decimals */
    return;
  }
  double base = sld__short_rate_on(m->base, date), quote = sld__short_rate_on(m->quote, date), markup = m->how->markup;
  size_t row = m->row0 + (size_t)roll->row;
  double price = roll->inside || row == 0 ? m->series->open[row] : m->series->close[row - 1];
  roll->longs = roll->days * price * ((base - markup) / 100.0 / m->base_year - quote / 100.0 / m->quote_year);
  roll->shorts = roll->days * price * ((quote - markup) / 100.0 / m->quote_year - base / 100.0 / m->base_year);
  roll->scale = 1.0;
  roll->lacks = isnan(base) ? SLD__LACKS_BASE : isnan(quote) ? SLD__LACKS_QUOTE : SLD__LACKS_NONE;
}

/* Fills out[] with the rolls after the first row's open; counts them where `out` is NULL. */
static size_t make(const maker *m, sld__roll *out) {
  const sld__series *s = m->series;
  struct sld__clock clock = { s->time + m->row0, s->count - m->row0, s->info.period_ns };
  int64_t first = clock.time[0];
  int64_t day = sld__floor_div(first, SLD__NS_PER_DAY) - 1;
  size_t count = 0, row = 0;
  for (;; day++) {
    int weekday = sld__weekday_of_days(day);
    int64_t at[2];
    if (weekday > FRIDAY) continue;
    sld__zone_instants(m->how->new_york, day * SLD__NS_PER_DAY + ROLL_HOUR * SLD__NS_PER_HOUR, at); /* clocks change at night */
    if (at[0] <= first) continue;
    while (row < m->rows && clock.time[row] < at[0] && sld__clock_close(&clock, row) <= at[0]) row++;
    if (row == m->rows) return count;
    if (out) {
      sld__roll roll = { .time = at[0], .row = (int64_t)row, .inside = clock.time[row] < at[0], .days = weekday == m->triple_day ? WEEKEND : 1 };
      value(m, &roll, day * SLD__NS_PER_DAY);
      out[count] = roll;
    }
    count++;
  }
}

#define IN_ROLLOVER "options.rollover"

static sld_status find_rate(const maker *m, const char *currency, const sld__short_rate **out, sld_error *err) {
  *out = sld__rates_find(m->how->rates, currency);
  if (*out) return SLD_OK;
  return sld__fail_at(err, SLD_EVALUE, IN_ROLLOVER, 0, 0, "%s cannot be rolled over by rates: no short rates of %s are loaded", m->series->info.instrument.pair, currency);
}

static sld_status prepare(maker *m, sld_error *err) {
  const sld_instrument *i = &m->series->info.instrument;
  m->triple_day = sld__instrument_triple_day(i);
  if (m->how->rollover == SLD_ROLLOVER_POINTS) {
    if (i->has_swap) return SLD_OK;
    return sld__fail_at(err, SLD_EVALUE, IN_ROLLOVER, 0, 0, "%s cannot be rolled over by points: its swap_long and swap_short are not known; a file of instruments can say them", i->pair);
  }
  m->base_year = day_count(i->base);
  m->quote_year = day_count(i->quote);
  sld_status status = find_rate(m, i->base, &m->base, err);
  return status == SLD_OK ? find_rate(m, i->quote, &m->quote, err) : status;
}

sld_status sld__rolls_make(sld__rolls *out, const sld__series *series, size_t row0, size_t rows, const sld__rolling *how, const sld_allocator *a, sld_error *err) {
  maker m = { .series = series, .how = how, .row0 = row0, .rows = rows };
  *out = (sld__rolls){ .allocator = *a };
  sld_status status = prepare(&m, err);
  if (status != SLD_OK || rows == 0) return status;
  out->count = make(&m, NULL);
  out->list = sld__alloc(a, out->count, sizeof *out->list);
  if (!out->list) return sld__fail_memory(err);
  make(&m, out->list);
  return SLD_OK;
}

void sld__rolls_free(sld__rolls *rolls) {
  if (!rolls->list) return;
  sld__free(&rolls->allocator, rolls->list);
  rolls->list = NULL;
}
