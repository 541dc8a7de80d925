/* Markets. */
#include "api/host.h"
#include "api/log.h"
#include "api/options.h"

#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "market/check.h"
#include "market/export.h"
#include "market/parallel.h"
#include "market/view.h"

#include <stdio.h>

sld_status sld_market_new(sld_market **out, sld_host *host, sld_error *err) {
  sld_market *market = sld__alloc_zero(&host->alloc, 1, sizeof *market);
  if (!market) return sld__fail_memory(err);
  sld_status status = sld__market_new(&market->market, &host->alloc, err);
  if (status != SLD_OK) {
    sld__free(&host->alloc, market);
    return status;
  }
  market->host = host;
  host->open_count++;
  *out = market;
  return SLD_OK;
}

void sld_market_free(sld_market *market) {
  if (!market) return;
  sld_host *host = market->host;
  sld__market_free(market->market);
  if (market->source) market->source->use_count--;
  sld__free(&host->alloc, market);
  host->open_count--;
}

static sld_status check_unused(const sld_market *market, sld_error *err) {
  if (market->use_count == 0) return SLD_OK;
  return sld__fail(err, SLD_EBUSY, "a run or another market reads this one: it cannot change until that is freed");
}

static sld_status check_path(const char *path, sld_error *err) {
  return path && *path ? SLD_OK : sld__fail_at(err, SLD_EINVAL, "path", 0, 0, "a path is needed");
}

sld_status sld_market_load(sld_market *market, const char *path, sld_error *err) {
  return sld_market_load_with(market, path, NULL, NULL, err);
}

sld_status sld_market_load_with(sld_market *market, const char *path, const sld_load_options *options, sld_load_report **out, sld_error *err) {
  sld_status status = check_path(path, err);
  return status == SLD_OK ? sld_market_load_paths(market, &path, 1, options, out, err) : status;
}

sld_status sld_market_load_paths(sld_market *market, const char *const *paths, size_t count, const sld_load_options *options, sld_load_report **out, sld_error *err) {
  sld_host *host = market->host;
  const sld__parallel parallel = { sld__host_each, host, sld__pool_workers(host->pool) };
  sld_load_options whole = SLD_LOAD_OPTIONS_INIT;
  sld_status status = check_unused(market, err);
  if (status == SLD_OK && (!paths || count == 0)) status = sld__fail_at(err, SLD_EINVAL, "paths", 0, 0, "a path is needed");
  for (size_t i = 0; status == SLD_OK && i < count; i++) status = check_path(paths[i], err);
  if (status == SLD_OK) status = sld__options_read(&whole, sizeof whole, options, "options", err);
  sld_load_report *report = NULL;
  if (status == SLD_OK) status = sld__market_load_paths(market->market, paths, count, &whole, &parallel, out || host->log.write ? &report : NULL, err);
  if (status != SLD_OK) return status;
  if (report) sld__log_report(&host->log, report);
  if (out) *out = report;
  else sld_load_report_free(report);
  return SLD_OK;
}

sld_status sld_market_load_instruments(sld_market *market, const char *path, sld_error *err) {
  sld_status status = check_unused(market, err);
  if (status == SLD_OK) status = check_path(path, err);
  return status == SLD_OK ? sld__market_load_instruments(market->market, path, err) : status;
}

sld_status sld_market_load_rates(sld_market *market, const char *path, sld_error *err) {
  sld_status status = check_unused(market, err);
  if (status == SLD_OK) status = check_path(path, err);
  return status == SLD_OK ? sld__market_load_rates(market->market, path, err) : status;
}

double sld_market_rate(const sld_market *market, const char *currency, int64_t time) {
  const sld__short_rate *rate = currency ? sld__rates_find(sld__market_rates(market->market), currency) : NULL;
  return rate ? sld__short_rate_known(rate, time) : (double)NAN;
}

sld_status sld_market_add(sld_market *market, const sld_bars *bars, sld_error *err) {
  sld_status status = check_unused(market, err);
  return status == SLD_OK ? sld__market_add(market->market, bars, err) : status;
}

sld_status sld_market_save(const sld_market *market, const char *path, sld_error *err) {
  sld_status status = check_path(path, err);
  return status == SLD_OK ? sld__market_save(market->market, path, err) : status;
}

/* ---- Time frames ------------------------------------------------------------------------------------------------ */

static sld_status check_pairs(const sld_market *market, const sld_resample_options *o, sld_error *err) {
  for (size_t i = 0; o->pairs && i < o->pair_count; i++)
    if (!sld__market_find(market->market, o->pairs[i])) return sld__fail_at(err, SLD_ENAME, "options.pairs", 0, 0, "the market has no pair '%.32s'", o->pairs[i]);
  return SLD_OK;
}

static sld_status check_resample(const sld_market *market, const sld_resample_options *o, sld_error *err) {
  sld__timeframe frame;
  if (!o->timeframe) return sld__fail_at(err, SLD_EINVAL, "options.timeframe", 0, 0, "a time frame is needed");
  sld_status parsed = sld__timeframe_parse(&frame, o->timeframe, "options.timeframe", err);
  if (parsed != SLD_OK) return parsed;
  if ((int)o->day < 0 || o->day > SLD_DAY_SOURCE) return sld__fail_at(err, SLD_EINVAL, "options.day", 0, 0, "is no end of days");
  return check_pairs(market, o, err);
}

sld_status sld_market_resample(sld_market **out, sld_market *market, const sld_resample_options *options, sld_error *err) {
  sld_market *made;
  sld__market *view;
  sld_resample_options o = SLD_RESAMPLE_OPTIONS_INIT;
  sld_status status = sld__options_read(&o, sizeof o, options, "options", err);
  if (status == SLD_OK) status = check_resample(market, &o, err);
  if (status == SLD_OK) status = sld_market_new(&made, market->host, err);
  if (status != SLD_OK) return status;
  const sld__viewing how = { o.timeframe, o.day, o.day_zone, o.pairs, o.pair_count, true, SLD_SIDE_OF_DATA };
  status = sld__market_view(&view, market->market, &how, err);
  if (status != SLD_OK) {
    sld_market_free(made);
    return status;
  }
  sld__market_free(made->market);
  made->market = view;
  made->source = market;
  market->use_count++;
  *out = made;
  return SLD_OK;
}

sld_status sld_timeframe_parse(int64_t *period_ns, const char *text, sld_error *err) {
  sld__timeframe frame;
  sld_status status = sld__timeframe_parse(&frame, text, NULL, err);
  if (status == SLD_OK) *period_ns = sld__timeframe_period(&frame);
  return status;
}

size_t sld_timeframe_format(int64_t period_ns, char *buf, size_t size) {
  char text[SLD__PERIOD_SIZE];
  sld__period_format(period_ns, text);
  return (size_t)snprintf(buf, size, "%s", text);
}

/* ---- Pairs ------------------------------------------------------------------------------------------------------ */

size_t sld_market_pair_count(const sld_market *market) {
  return sld__market_count(market->market);
}

const sld_pair_info *sld_market_pair_at(const sld_market *market, size_t i) {
  const sld__series *series = sld__market_at(market->market, i);
  return series ? &series->info : NULL;
}

bool sld_market_bars(const sld_market *market, size_t i, sld_bars *out) {
  const sld__series *s = sld__market_at(market->market, i);
  if (!s) return false;
  *out = (sld_bars){
    .pair = s->info.instrument.pair,
    .count = s->count,
    .time = s->time,
    .open = s->open,
    .high = s->high,
    .low = s->low,
    .close = s->close,
    .volume = s->volume,
    .period_ns = s->info.period_ns,
    .side = s->info.side,
    .instrument = &s->info.instrument,
    .ask_open = s->ask_open,
    .ask_high = s->ask_high,
    .ask_low = s->ask_low,
    .ask_close = s->ask_close,
    .ticks = s->info.ticks,
  };
  return true;
}

static sld_status series_at(const sld__series **out, const sld_market *market, size_t i, const char *path, sld_error *err) {
  sld_status status = check_path(path, err);
  *out = sld__market_at(market->market, i);
  if (status == SLD_OK && !*out) return sld__fail(err, SLD_ENAME, "the market has no series %zu", i);
  return status;
}

sld_status sld_market_write_csv(const sld_market *market, size_t i, const char *path, sld_error *err) {
  const sld__series *series;
  sld_status status = series_at(&series, market, i, path, err);
  return status == SLD_OK ? sld__series_write_csv(series, path, err) : status;
}

sld_status sld_market_write_npy(const sld_market *market, size_t i, const char *dir, sld_error *err) {
  const sld__series *series;
  sld_status status = series_at(&series, market, i, dir, err);
  return status == SLD_OK ? sld__series_write_npy(series, dir, err) : status;
}

sld_status sld_market_check(sld_check **out, const sld_market *market, size_t i, int64_t gap_ns, sld_error *err) {
  const sld__series *series = sld__market_at(market->market, i);
  if (!series) return sld__fail(err, SLD_ENAME, "the market has no series %zu", i);
  if (gap_ns < 0) return sld__fail_at(err, SLD_EINVAL, "gap_ns", 0, 0, "must not be below 0");
  return sld__series_check(out, series, gap_ns, &market->host->alloc, err);
}
