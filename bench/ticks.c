/* Five million quotes of EURUSD through the engine: both hooks, both VMs, through the public C API on one worker.
 *
 * One tick in seven shares the instant of the one before. A run counts whole: plan, columns, ticks, table of figures, portfolio. Beside each the same run on
 * the bids alone, with a spread given: what bid and ask cost is the ratio within a round. Equity and trades of the two VMs are compared first, to the bit;
 * a difference ends the program with status 1.
 *   bench_ticks [rounds]   needs SLIDERS_ENGINE_PATH and the folder of the sources in SLIDERS_SOURCE_DIR */
#include <sliders.h>
#include <string.h>

#include "bars.h"
#include "clock.h"

enum { TICKS = 5000000, FILES = 2, VMS = 2 };

static const char *const vms[VMS] = { "luajit", "lua54" }, *const files[FILES] = { "ticks_signal", "ticks_bar" };

static void need(sld_status status, const sld_error *err) {
  char text[1024];
  if (status == SLD_OK) return;
  sld_error_format(err, text, sizeof text);
  fprintf(stderr, "%s: %s\n", sld_status_name(status), text);
  exit(2);
}

static void add_ticks(sld_market *market) {
  int64_t *time = need_memory(TICKS, sizeof *time), now = 946857600000000000; /* from 2000-01-03 */
  double *bid = need_memory(TICKS, sizeof *bid), *ask = need_memory(TICKS, sizeof *ask), price = 1.1;
  uint64_t seed = 42;
  for (size_t i = 0; i < TICKS; i++) {
    price *= 1.0 + 0.00002 * (uniform(&seed) + uniform(&seed) + uniform(&seed) + uniform(&seed) - 2.0);
    bid[i] = price;
    ask[i] = price + 0.00001 * (1.0 + 8.0 * uniform(&seed));
    if (uniform(&seed) * 7.0 > 1.0) now += (int64_t)(2e9 * uniform(&seed));
    time[i] = now;
  }
  const sld_bars quotes = { .pair = "EURUSD", .count = TICKS, .time = time, .close = bid, .ask_close = ask, .side = SLD_BOTH, .ticks = true };
  sld_error err;
  need(sld_market_add(market, &quotes, &err), &err);
  free(time);
  free(bid);
  free(ask);
}

/* What two VMs must agree in. */
typedef struct outcome {
  double equity, realised;
  size_t orders, trades;
} outcome;

/* CPU time of one run. */
static double run(sld_host *host, sld_market *market, const sld_strategy *strategy, bool both, outcome *out) {
  sld_error err;
  sld_run *run;
  sld_progress progress;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.keep = 0;
  options.side = both ? SLD_SIDE_BOTH : SLD_SIDE_BID;
  options.spread_pips = both ? 0.0 : 0.5;
  double from = cpu_s();
  need(sld_run_start(&run, host, market, strategy, &options, &err), &err);
  need(sld_run_wait(run, -1, &progress, &err), &err);
  double took = cpu_s() - from;
  const sld_job *job = sld_result_job_at(sld_run_result(run), 0);
  if (job->error) need(job->error->status, job->error);
  *out = (outcome){ job->final_equity, job->realised, job->order_count, job->trade_count };
  sld_run_free(run);
  return took;
}

static void compare(const char *file, const outcome *a, const outcome *b) {
  bool same = memcmp(&a->equity, &b->equity, sizeof a->equity) == 0 && memcmp(&a->realised, &b->realised, sizeof a->realised) == 0 && a->orders == b->orders && a->trades == b->trades;
  if (same) return;
  fprintf(stderr, "%s: the two VMs differ\n", file);
  exit(1);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 5;
  const char *root = getenv("SLIDERS_SOURCE_DIR");
  static readings times[FILES][VMS], ratios[FILES][VMS];
  static outcome outcomes[FILES][VMS];
  sld_strategy *strategies[FILES][VMS];
  sld_host *host;
  sld_market *market;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1;
  need(sld_host_open(&host, &options, &err), &err);
  need(sld_market_new(&market, host, &err), &err);
  add_ticks(market);
  for (int f = 0; f < FILES; f++) {
    char path[1024];
    snprintf(path, sizeof path, "%s/bench/strategies/%s.lua", root ? root : ".", files[f]);
    for (int vm = 0; vm < VMS; vm++) need(sld_strategy_open(&strategies[f][vm], host, path, vms[vm], &err), &err);
  }
  for (int round = 0; round < rounds; round++) {
    for (int f = 0; f < FILES; f++) {
      for (int vm = 0; vm < VMS; vm++) {
        outcome bids;
        double one_side = run(host, market, strategies[f][vm], false, &bids), both = run(host, market, strategies[f][vm], true, &outcomes[f][vm]);
        readings_add(&times[f][vm], both);
        readings_add(&ratios[f][vm], one_side / both);
      }
      compare(files[f], &outcomes[f][0], &outcomes[f][1]);
    }
  }
  for (int f = 0; f < FILES; f++)
    for (int vm = 0; vm < VMS; vm++)
      printf("%-14s %-7s %6.1f Mticks/s  %6zu trades   %.2f of the bids alone  [%.2f .. %.2f]\n", files[f], vms[vm], 1e-6 * TICKS / readings_at(&times[f][vm], 0.5), outcomes[f][vm].trades,
             readings_at(&ratios[f][vm], 0.5), readings_at(&ratios[f][vm], 0.0), readings_at(&ratios[f][vm], 1.0));
  for (int f = 0; f < FILES; f++)
    for (int vm = 0; vm < VMS; vm++) sld_strategy_free(strategies[f][vm]);
  sld_market_free(market);
  need(sld_host_close(host, &err), &err);
  return 0;
}
