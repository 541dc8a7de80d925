/* The hook allocate: what it learns of the pairs, and its weights as targets.
 *
 * Returns are those of a pair's last closes at the ends of trading days; vol is their sample standard deviation over the window times the root of
 * the periods of a year, cov their sample covariance times the periods of a year. A pair can be weighed from its first tradable bar on, once
 * its window is full, and while its last close is no older than ten days. */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/crew.h"

struct sld__scales {
  size_t room;           /* pairs */
  size_t next;           /* the call that comes next */
  size_t count;          /* tradable now; the arrays below are by tradable pair */
  size_t *books;
  const char **pairs;
  double *signal, *close, *weight, *vol, *rate, *weights;
  double *mean;
  double *returns;       /* [room * window] by pair */
  double *cov;           /* [room * room] */
};

static bool fill_scales(sld__scales *s, const sld__plan *plan) {
  const sld_allocator *alloc = plan->alloc;
  size_t n = s->room, window = plan->declaration->window;
  double **columns[] = { &s->signal, &s->close, &s->weight, &s->vol, &s->rate, &s->weights, &s->mean };
  s->books = sld__alloc(alloc, n, sizeof *s->books);
  s->pairs = sld__alloc(alloc, n, sizeof *s->pairs);
  bool whole = s->books && s->pairs;
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) whole = (*columns[i] = sld__alloc(alloc, n, sizeof **columns[i])) != NULL && whole;
  s->returns = window <= SIZE_MAX / n ? sld__alloc(alloc, n * window, sizeof *s->returns) : NULL;
  s->cov = sld__alloc(alloc, n * n, sizeof *s->cov);
  return whole && s->returns && s->cov;
}

sld_status sld__scales_new(sld__scales **out, const sld__plan *plan, sld_error *err) {
  sld__scales *s = sld__alloc_zero(plan->alloc, 1, sizeof *s);
  if (!s) return sld__fail_memory(err);
  s->room = plan->sleeve_count;
  if (!fill_scales(s, plan)) {
    sld__scales_free(s, plan->alloc);
    return sld__fail_memory(err);
  }
  *out = s;
  return SLD_OK;
}

void sld__scales_free(sld__scales *s, const sld_allocator *alloc) {
  if (!s) return;
  void *blocks[] = { s->books, (void *)(uintptr_t)s->pairs, s->signal, s->close, s->weight, s->vol, s->rate, s->weights, s->mean, s->returns, s->cov, s };
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) sld__free(alloc, blocks[i]);
}

void sld__scales_start(sld__scales *s) {
  s->next = 0;
}

/* ---- What allocate learns ---- */

static double close_on(const sld__plan *plan, const sld__sleeve *sleeve, size_t day) {
  int32_t row = sleeve->last[plan->days[day]];
  return row < 0 ? (double)NAN : sleeve->series->close[sleeve->row0 + (size_t)row];
}

/* The pair's last `window` daily returns up to day `days` - 1; false where it has not as many. */
static bool take_returns(const sld__plan *plan, const sld__sleeve *sleeve, size_t days, double *returns) {
  size_t window = plan->declaration->window;
  if (days <= window || isnan(close_on(plan, sleeve, days - window - 1))) return false;
  for (size_t i = 0; i < window; i++) {
    size_t day = days - window + i;
    returns[i] = close_on(plan, sleeve, day) / close_on(plan, sleeve, day - 1) - 1.0;
  }
  return true;
}

static double mean_of(const double *x, size_t n) {
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  return sum / (double)n;
}

static double covariance(const sld__scales *s, size_t a, size_t b, size_t n) {
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) sum += (s->returns[a * n + i] - s->mean[a]) * (s->returns[b * n + i] - s->mean[b]);
  return sum / (double)(n - 1);
}

static void take_spread(sld__scales *s, const sld__plan *plan) {
  size_t n = plan->declaration->window;
  double year = plan->options.periods_per_year;
  for (size_t i = 0; i < s->count; i++) s->mean[i] = mean_of(s->returns + i * n, n);
  for (size_t i = 0; i < s->count; i++)
    for (size_t k = 0; k <= i; k++) s->cov[i * s->count + k] = s->cov[k * s->count + i] = covariance(s, i, k, n) * year;
  for (size_t i = 0; i < s->count; i++) s->vol[i] = sqrt(s->cov[i * s->count + i]);
}

static double rate_of(const sld__plan *plan, const sld_instrument *instrument, int64_t time) {
  const sld__short_rate *base = sld__rates_find(plan->rates, instrument->base), *quote = sld__rates_find(plan->rates, instrument->quote);
  return base && quote ? sld__short_rate_known(base, time) - sld__short_rate_known(quote, time) : (double)NAN;
}

static void take_pair(sld__scales *s, const sld__plan *plan, const sld__crew *crew, size_t book) {
  const sld__broker *b = &crew->books[book];
  size_t i = s->count++;
  s->books[i] = book;
  s->pairs[i] = b->config.instrument.pair;
  s->signal[i] = sld__crew_signal(plan, crew, book);
  s->close[i] = b->close[b->now];
  s->weight[i] = b->position * b->mark.price * b->mark_rate / crew->account.equity;
  s->rate[i] = rate_of(plan, &b->config.instrument, sld__shared_time(&crew->account));
}

static const int64_t stale_ns = 10 * SLD__NS_PER_DAY;

/* Whether the pair has begun and is still there. */
static bool alive(const sld__crew *crew, size_t book) {
  const sld__broker *b = &crew->books[book];
  return b->now >= (int64_t)crew->firsts[book] && sld__shared_time(&crew->account) - b->bars.close_time[b->now] <= stale_ns;
}

/* The pairs that can be traded, in order of name. */
static void take_pairs(sld__scales *s, const sld__plan *plan, const sld__crew *crew, size_t days) {
  size_t window = plan->declaration->window;
  s->count = 0;
  for (size_t book = 0; book < crew->book_count; book++) {
    if (!alive(crew, book)) continue;
    if (window && !take_returns(plan, &plan->sleeves[crew->sleeves[book]], days, s->returns + s->count * window)) continue;
    take_pair(s, plan, crew, book);
  }
  if (window) take_spread(s, plan);
}

/* ---- What it answers ---- */

/* The same weight again is sized anew: that is what rebalancing is. */
static int send(const sld__scales *s, sld__crew *crew) {
  for (size_t i = 0; i < s->count; i++) {
    sld__broker *b = &crew->books[s->books[i]];
    b->last_target = (double)NAN;
    if (sld__broker_target(b, b->now, s->weights[i])) return sld__shared_follow(&crew->account, b);
  }
  return 0;
}

int sld__crew_allocate(sld__worker *worker, const sld__plan *plan, sld__crew *crew, sld_status *status, sld_error *err) {
  sld__scales *s = crew->scales;
  size_t now = (size_t)crew->account.now;
  while (s->next < plan->call_count && plan->calls[s->next].instant < now) s->next++;
  if (s->next == plan->call_count || plan->calls[s->next].instant != now) return 0;
  take_pairs(s, plan, crew, plan->calls[s->next].days);
  if (s->count == 0) return 0;
  bool window = plan->declaration->window > 0;
  const sld__vm_now told = {
    .time = plan->clock[now],
    .equity = crew->account.equity,
    .count = s->count,
    .pairs = s->pairs,
    .signal = plan->declaration->hooks & SLD__HOOK_SIGNAL ? s->signal : NULL,
    .close = s->close,
    .weight = s->weight,
    .vol = window ? s->vol : NULL,
    .cov = window ? s->cov : NULL,
    .rate = plan->rates && plan->rates->count ? s->rate : NULL,
  };
  *status = worker->engine->allocate(worker->vm, crew->jobs, &told, s->weights, err);
  return *status != SLD_OK || send(s, crew);
}
