/* Built against the installed library: one strategy over H.10, the portfolio's last equity on stdout.
 * consumer ENGINES DATA STRATEGY */
#include <sliders.h>
#include <stdio.h>

static int say(const sld_error *err) {
  char text[1024];
  sld_error_format(err, text, sizeof text);
  fprintf(stderr, "%s\n", text);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.engine_dir = argv[1];
  sld_host *host;
  sld_market *market;
  sld_strategy *strategy;
  sld_run *run;
  sld_run_options how = SLD_RUN_OPTIONS_INIT;
  if (sld_host_open(&host, &options, &err) || sld_market_new(&market, host, &err) || sld_market_load(market, argv[2], &err)) return say(&err);
  if (sld_strategy_open(&strategy, host, argv[3], NULL, &err) || sld_run_start(&run, host, market, strategy, &how, &err)) return say(&err);
  if (sld_run_wait(run, -1, NULL, &err)) return say(&err);
  const sld_portfolio *portfolio = sld_result_portfolio(sld_run_result(run));
  printf("%s %.17g\n", sld_version(), portfolio->equity[portfolio->count - 1]);
  sld_run_free(run);
  sld_strategy_free(strategy);
  sld_market_free(market);
  return sld_host_close(host, &err) ? say(&err) : 0;
}
