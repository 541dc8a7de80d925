/* Hosts come and go: each gives back its threads, descriptors and memory. */
#include <dirent.h>

#include "counting.h"
#include "engine_desk.h"

static size_t entries(const char *folder) {
  DIR *dir = opendir(folder);
  assert_non_null(dir);
  size_t n = 0;
  while (readdir(dir)) n++;
  closedir(dir);
  return n;
}

static void one_host(counter *c, int i) {
  desk d;
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1 + i % 3;
  options.allocator = (sld_allocator){ count, c };
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  desk_add(&d, "EURUSD", 1.1, 60, 1);
  desk_add(&d, "USDCAD", 1.3, 60, 2);
  desk_run r = desk_start(&d, desk_vms[i % 2], DESK_HEAD "local S = sliders.strategy {} function S:init(bars) self.c = bars.close:sma(5) end "
                                                          "function S:bar(broker) broker:target(self.c[0] > 1.2 and 1 or -1) end return S", NULL);
  assert_true(sld_run_descriptor(r.run) >= 0);
  desk_done(&r, 0);
  desk_done(&r, 1);
  desk_end(&r);
  desk_close(&d);
  assert_int_equal(c->blocks, 0);
  assert_int_equal(c->bytes, 0);
}

static void a_hundred_hosts_leave_nothing(void **state) {
  (void)state;
  counter c = { .requests = 0 };
  pthread_mutex_init(&c.lock, NULL);
  one_host(&c, 0);
  one_host(&c, 1);
  size_t descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
  for (int i = 2; i < 102; i++) one_host(&c, i);
  assert_int_equal(entries("/proc/self/fd"), descriptors);
  assert_int_equal(entries("/proc/self/task"), threads);
  pthread_mutex_destroy(&c.lock);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_hundred_hosts_leave_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
