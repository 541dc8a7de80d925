/* Which short rate holds when. */
#include "market/rates.h"

#include "base/alloc.h"
#include "base/error.h"

#include <math.h>
#include <string.h>

/* How much longer than its own day or month a figure holds. */
#define GRACE_NS (10 * SLD__NS_PER_DAY)

/* The end of the day or month that a figure belongs to. */
static int64_t end_of(const sld__short_rate *rate, size_t i) {
  if (!rate->monthly) return rate->date[i] + SLD__NS_PER_DAY;
  struct sld__civil day;
  sld__civil_from_time(&day, rate->date[i]);
  return rate->date[i] + sld__days_in_month(day.year, day.month) * SLD__NS_PER_DAY;
}

/* How many figures hold from `time` or earlier, where each holds from its own day or month, or (`known`) from its publication. */
static size_t begun_by(const sld__short_rate *rate, int64_t time, bool known) {
  size_t low = 0, high = rate->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int64_t from = known ? end_of(rate, middle) + rate->lag_ns : rate->date[middle];
    if (from <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* The figure that `begun` of them leave valid at `time`. */
static double valid(const sld__short_rate *rate, size_t begun, int64_t time, bool known) {
  if (begun == 0) return (double)NAN;
  int64_t end = end_of(rate, begun - 1);
  int64_t until = (known ? end + rate->lag_ns + (end - rate->date[begun - 1]) : end) + GRACE_NS;
  return time < until ? rate->percent[begun - 1] : (double)NAN;
}

double sld__short_rate_on(const sld__short_rate *rate, int64_t date) {
  return valid(rate, begun_by(rate, date, false), date, false);
}

double sld__short_rate_known(const sld__short_rate *rate, int64_t time) {
  return valid(rate, begun_by(rate, time, true), time, true);
}

void sld__short_rate_known_by(const sld__short_rate *rate, const int64_t *times, size_t n, double *out) {
  size_t begun = n ? begun_by(rate, times[0], true) : 0;
  for (size_t i = 0; i < n; i++) {
    while (begun < rate->count && end_of(rate, begun) + rate->lag_ns <= times[i]) begun++;
    out[i] = valid(rate, begun, times[i], true);
  }
}

void sld__short_rate_hash(const sld__short_rate *rate, struct sld__hash *hash) {
  sld__hash_add_text(hash, rate->currency);
  sld__hash_add_integer(hash, rate->monthly);
  sld__hash_add_integer(hash, rate->lag_ns);
  sld__hash_add_integer(hash, (int64_t)rate->count);
  for (size_t i = 0; i < rate->count; i++) {
    sld__hash_add_integer(hash, rate->date[i]);
    sld__hash_add_number(hash, rate->percent[i]);
  }
}

/* ---- The set ---- */

const sld__short_rate *sld__rates_find(const sld__rates *rates, const char *currency) {
  for (size_t i = 0; i < rates->count; i++)
    if (strcmp(rates->list[i].currency, currency) == 0) return &rates->list[i];
  return NULL;
}

static sld_status reserve(sld__rates *rates, size_t more, sld_error *err) {
  sld__short_rate *moved = sld__realloc(&rates->allocator, rates->list, rates->count + more, sizeof *moved);
  if (!moved) return sld__fail_memory(err);
  rates->list = moved;
  return SLD_OK;
}

/* There is room. */
static void insert(sld__rates *rates, const sld__short_rate *rate) {
  size_t at = 0;
  while (at < rates->count && strcmp(rates->list[at].currency, rate->currency) < 0) at++;
  memmove(rates->list + at + 1, rates->list + at, (rates->count++ - at) * sizeof *rates->list);
  rates->list[at] = *rate;
}

sld_status sld__rates_put(sld__rates *rates, const sld__short_rate *rate, sld_error *err) {
  sld_status status = reserve(rates, 1, err);
  if (status == SLD_OK) insert(rates, rate);
  return status;
}

sld_status sld__rates_take(sld__rates *rates, sld__rates *from, sld_error *err) {
  sld_status status = reserve(rates, from->count, err);
  if (status != SLD_OK) return status;
  for (size_t i = 0; i < from->count; i++) insert(rates, &from->list[i]);
  from->count = 0;
  return SLD_OK;
}

void sld__rates_fini(sld__rates *rates) {
  for (size_t i = 0; i < rates->count; i++) {
    sld__free(&rates->allocator, rates->list[i].date);
    sld__free(&rates->allocator, rates->list[i].percent);
  }
  sld__free(&rates->allocator, rates->list);
  rates->list = NULL;
  rates->count = 0;
}
