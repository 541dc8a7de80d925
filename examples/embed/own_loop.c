/* A program with a loop of its own: jobs are reported between other events, here a timer. own_loop DATA STRATEGY */
#include <poll.h>
#include <sliders.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* One turn of the loop: waits for whatever comes first. */
static sld_status turn(sld_run *run, int timer, sld_progress *progress, sld_error *err) {
  struct pollfd ask[2] = { { sld_run_descriptor(run), POLLIN, 0 }, { timer, POLLIN, 0 } };
  poll(ask, 2, -1);
  if (ask[1].revents) {
    uint64_t passed;
    (void)!read(timer, &passed, sizeof passed); /* here the program does its own work */
  }
  if (!ask[0].revents) return SLD_OK;
  for (sld_event event; sld_run_event(run, &event);)
    if (event.state == SLD_JOB_FAILED) printf("%s failed\n", event.pair);
  return sld_run_wait(run, 0, progress, err); /* never blocks */
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  sld_error err;
  sld_host *host = NULL;
  sld_market *market = NULL;
  sld_strategy *strategy = NULL;
  sld_run *run = NULL;
  sld_status status = sld_host_open(&host, NULL, &err);
  if (status == SLD_OK) status = sld_market_new(&market, host, &err);
  if (status == SLD_OK) status = sld_market_load(market, argv[1], &err);
  if (status == SLD_OK) status = sld_strategy_open(&strategy, host, argv[2], NULL, &err);
  if (status == SLD_OK) status = sld_run_start(&run, host, market, strategy, NULL, &err);

  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  const struct itimerspec every = { { 0, 1000000 }, { 0, 1000000 } };
  timerfd_settime(timer, 0, &every, NULL);
  sld_progress progress = { 0 };
  while (status == SLD_OK && !progress.finished) status = turn(run, timer, &progress, &err);
  if (status == SLD_OK) printf("%zu of %zu jobs\n", progress.done, progress.jobs);
  else fprintf(stderr, "%s\n", err.message);
  close(timer);
  sld_run_free(run);
  sld_strategy_free(strategy);
  sld_market_free(market);
  sld_host_close(host, NULL);
  return status == SLD_OK ? 0 : 1;
}
