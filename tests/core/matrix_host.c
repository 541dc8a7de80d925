/* The neutral host of the matrix: runs a strategy in each of the named engines in turn and writes the last result as JSON.
 * matrix_host DATA STRATEGY ENGINE[,ENGINE] FILE */
#include <sliders.h>
#include <stdio.h>
#include <string.h>

static int complain(const sld_error *err) {
  char text[2048];
  sld_error_format(err, text, sizeof text);
  fprintf(stderr, "matrix_host: %s\n", text);
  return 1;
}

static int run_in(sld_host *host, sld_market *market, const char *path, const char *vm, const char *file) {
  sld_error err;
  sld_strategy *strategy;
  sld_run *run;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.spread_pips = 1.5;
  if (sld_strategy_open(&strategy, host, path, vm, &err) != SLD_OK) return complain(&err);
  if (sld_run_start(&run, host, market, strategy, &options, &err) != SLD_OK || sld_run_wait(run, -1, NULL, &err) != SLD_OK) return complain(&err);
  if (sld_result_write_json(sld_run_result(run), file, &err) != SLD_OK) return complain(&err);
  sld_run_free(run);
  sld_strategy_free(strategy);
  return 0;
}

int main(int argc, char **argv) {
  sld_error err;
  sld_host *host;
  sld_market *market;
  if (argc != 5) return 2;
  if (sld_host_open(&host, NULL, &err) != SLD_OK || sld_market_new(&market, host, &err) != SLD_OK || sld_market_load(market, argv[1], &err) != SLD_OK) return complain(&err);
  for (char *vm = strtok(argv[3], ","); vm; vm = strtok(NULL, ","))
    if (run_in(host, market, argv[2], vm, argv[4])) return 1;
  sld_market_free(market);
  return sld_host_close(host, &err) == SLD_OK ? 0 : complain(&err);
}
