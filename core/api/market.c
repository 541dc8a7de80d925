/* Markets. */
#include "base/alloc.h"
#include "base/error.h"
#include "api/host.h"

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
  sld__free(&host->alloc, market);
  host->open_count--;
}

static sld_status check_unused(const sld_market *market, sld_error *err) {
  if (market->run_count == 0) return SLD_OK;
  return sld__fail(err, SLD_EBUSY, "a run reads this market: it cannot change until the run is freed");
}

static sld_status check_path(const char *path, sld_error *err) {
  return path && *path ? SLD_OK : sld__fail_at(err, SLD_EINVAL, "path", 0, 0, "a path is needed");
}

sld_status sld_market_load(sld_market *market, const char *path, sld_error *err) {
  sld_status status = check_unused(market, err);
  if (status == SLD_OK) status = check_path(path, err);
  return status == SLD_OK ? sld__market_load(market->market, path, err) : status;
}

sld_status sld_market_add(sld_market *market, const sld_bars *bars, sld_error *err) {
  sld_status status = check_unused(market, err);
  return status == SLD_OK ? sld__market_add(market->market, bars, err) : status;
}

sld_status sld_market_save(const sld_market *market, const char *path, sld_error *err) {
  sld_status status = check_path(path, err);
  return status == SLD_OK ? sld__market_save(market->market, path, err) : status;
}

size_t sld_market_pair_count(const sld_market *market) {
  return sld__market_count(market->market);
}

const sld_pair_info *sld_market_pair_at(const sld_market *market, size_t i) {
  const sld__series *series = sld__market_at(market->market, i);
  return series ? &series->info : NULL;
}
