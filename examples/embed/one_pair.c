/* One pair from the program's own memory: columns are lent, not copied, and the equity comes back as a column. */
#include <math.h>
#include <sliders.h>
#include <stdio.h>
#include <string.h>

enum { BARS = 1000 };

static const char strategy_text[] =
  "local sliders = require 'sliders'\n"
  "local Fade = sliders.strategy { params = { n = sliders.int(20, 2, 200) } }\n"
  "function Fade:init(bars, p) self.mean = bars.close:sma(p.n) end\n"
  "function Fade:bar(broker) broker:target(self.bars.close[0] > self.mean[0] and -1 or 1) end\n"
  "return Fade\n";

static void give_back(void *ud) {
  printf("%s are no longer read\n", (const char *)ud);
}

static sld_status run(sld_host *host, sld_market *market, const sld_strategy *strategy, sld_error *err) {
  sld_run *run = NULL;
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  const sld_setting setting = { "n", "50" };
  options.settings = &setting;
  options.setting_count = 1;
  options.spread_pips = 0.5;
  sld_status status = sld_run_start(&run, host, market, strategy, &options, err);
  if (status == SLD_OK) status = sld_run_wait(run, -1, NULL, err);
  if (status == SLD_OK) {
    const sld_job *job = sld_result_job_at(sld_run_result(run), 0);
    printf("%s %s: %zu trades, equity %.2f after %zu bars\n", job->pair, sld_job_state_name(job->state), job->trade_count, job->equity[job->bar_count - 1],
           job->bar_count);
  }
  sld_run_free(run);
  return status;
}

int main(void) {
  static int64_t time[BARS];
  static double close[BARS];
  for (int i = 0; i < BARS; i++) {
    time[i] = INT64_C(1577836800000000000) + i * INT64_C(3600000000000); /* hours from 2020-01-01 on */
    close[i] = 1.1 + 0.01 * sin(i / 25.0) + 0.002 * sin(i / 3.0);
  }
  sld_bars bars = { .pair = "EURUSD", .count = BARS, .time = time, .close = close, .side = SLD_MID, .release = give_back, .release_ud = "the columns" };

  sld_error err;
  sld_host *host = NULL;
  sld_market *market = NULL;
  sld_strategy *strategy = NULL;
  sld_status status = sld_host_open(&host, NULL, &err);
  if (status == SLD_OK) status = sld_market_new(&market, host, &err);
  if (status == SLD_OK) status = sld_market_add(market, &bars, &err);
  if (status == SLD_OK) status = sld_strategy_open_text(&strategy, host, "fade.lua", strategy_text, strlen(strategy_text), NULL, &err);
  if (status == SLD_OK) status = run(host, market, strategy, &err);
  if (status != SLD_OK) fprintf(stderr, "%s: %s\n", sld_status_name(status), err.message);
  sld_strategy_free(strategy);
  sld_market_free(market);
  sld_host_close(host, NULL);
  return status == SLD_OK ? 0 : 1;
}
