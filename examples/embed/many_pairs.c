/* Many pairs and a grid of parameters: many_pairs DATA STRATEGY. Prints the best set of each pair by Sharpe ratio. */
#include <sliders.h>
#include <stdio.h>

static int fail(const sld_error *err) {
  char text[1024];
  sld_error_format(err, text, sizeof text);
  fprintf(stderr, "%s\n", text);
  return 1;
}

static void print_best(const sld_result *result, size_t sets) {
  int sharpe = sld_figure_find("sharpe"), drawdown = sld_figure_find("max_drawdown");
  for (size_t first = 0; first < sld_result_job_count(result); first += sets) {
    const sld_job *best = NULL;
    for (size_t k = 0; k < sets; k++) {
      const sld_job *job = sld_result_job_at(result, first + k);
      if (job->state == SLD_JOB_FAILED) printf("%s failed: %s\n", job->pair, job->error->message);
      if (job->state != SLD_JOB_DONE) continue; /* skipped: `valid` said no */
      if (!best || job->figures[sharpe] > best->figures[sharpe]) best = job;
    }
    if (best) printf("%s  set %2zu  sharpe %5.2f  max drawdown %6.1f%%\n", best->pair, best->ordinal, best->figures[sharpe], 100 * best->figures[drawdown]);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s DATA STRATEGY\n", argv[0]);
    return 2;
  }
  const double fast[] = { 5, 20, 50 }, slow[] = { 50, 100, 200, 400 };
  const sld_axis axes[] = { { "fast", fast, 3 }, { "slow", slow, 4 } };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.axes = axes;
  options.axis_count = 2;
  options.spread_pips = 1;
  options.keep = 0; /* figures alone: memory does not grow with equity curves */

  sld_error err;
  sld_host *host = NULL;
  sld_market *market = NULL;
  sld_strategy *strategy = NULL;
  sld_run *run = NULL;
  int status = 1;
  if (sld_host_open(&host, NULL, &err) || sld_market_new(&market, host, &err) || sld_market_load(market, argv[1], &err)) fail(&err);
  else if (sld_strategy_open(&strategy, host, argv[2], NULL, &err) || sld_run_start(&run, host, market, strategy, &options, &err)) fail(&err);
  else if (sld_run_wait(run, -1, NULL, &err)) fail(&err);
  else {
    print_best(sld_run_result(run), 12);
    status = 0;
  }
  sld_run_free(run);
  sld_strategy_free(strategy);
  sld_market_free(market);
  sld_host_close(host, NULL);
  return status;
}
