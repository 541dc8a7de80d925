/* Functions and indicators that a host adds for its strategies. */
#include "engine_desk.h"

/* a x + y */
static double blend(void *ud, const double *args) {
  const double *a = ud;
  return *a * args[0] + args[1];
}

static double one(void *ud, const double *args) {
  (void)ud, (void)args;
  return 1.0;
}

/* Running sum and running product of x - y, begun anew by none; option: where the sum starts. */
static size_t lookback(const double *opt) {
  (void)opt;
  return 2;
}

static size_t state_count(const double *opt) {
  (void)opt;
  return 2;
}

static sld_status check(const double *opt, sld_error *err) {
  if (opt[0] >= 0) return SLD_OK;
  if (err) snprintf(err->message, sizeof err->message, "host.sums must start at 0 or above");
  return SLD_ERANGE;
}

static void step(double *state, const double *opt, size_t n, const double *const *in, double *const *out) {
  for (size_t i = 0; i < n; i++) {
    state[0] += in[0][i] - in[1][i];
    state[1] += 1;
    out[0][i] = state[1] > 2 ? opt[0] + state[0] : (double)NAN;
    out[1][i] = state[1] > 2 ? state[1] : (double)NAN;
  }
}

static double half = 0.5;

static desk desk_with_words(const char *version) {
  sld_function f = SLD_FUNCTION_INIT;
  f.name = "blend", f.args = 2, f.call = blend, f.ud = &half, f.version = version;
  sld_function g = SLD_FUNCTION_INIT;
  g.name = "one", g.call = one;
  sld_indicator x = SLD_INDICATOR_INIT;
  x.name = "sums", x.inputs = 2, x.outputs = 2, x.options = 1;
  x.lookback = lookback, x.state_count = state_count, x.check = check, x.step = step;
  desk d = { NULL, NULL };
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 2;
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  desk_good(sld_host_add_function(d.host, &g, &err), &err);
  desk_good(sld_host_add_indicator(d.host, &x, &err), &err);
  desk_good(sld_host_add_function(d.host, &f, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  desk_add(&d, "EURUSD", 1.1, 3000, 1);
  return d;
}

static void strategies_call_the_hosts_functions_and_indicators_in_both_engines(void **state) {
  (void)state;
  static const char text[] = DESK_HEAD
    "local host = sliders.host local S = sliders.strategy {} local bars = 0 "
    "function S:init(b) self.sum, self.count = host.sums(b.high, b.low, 10) self.own = (b.high - b.low):rolling_sum(3) end "
    "function S:bar(broker) bars = bars + 1 "
    "  if bars == 1 then print(string.format('%.12f', self.sum[0] - 10 - self.own[0]), self.count[0]) end "
    "  if self.count[0] == 3000 then print(host.blend(4, 1), host.one(), self.count[2999 - 2]) end end return S";
  desk d = desk_with_words(NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    assert_string_equal(desk_done(&r, 0)->log, "0.000000000000\t3\n3\t1\t3\n");
    desk_end(&r);
  }
  desk_close(&d);
}

static void a_signal_of_the_hosts_indicator_streams_to_the_same_bytes_as_its_columns(void **state) {
  (void)state;
  desk d = desk_with_words(NULL);
  char *streamed = desk_bytes(&d, "lua54", DESK_HEAD "local S = sliders.strategy {} function S:signal(b) "
    "local x = sliders.host.sums(b.open, b.close, 0) return sliders.where(x:gt(0), 1, -1) end return S", NULL);
  char *other = desk_bytes(&d, "luajit", DESK_HEAD "local S = sliders.strategy {} function S:signal(b) "
    "local x = sliders.host.sums(b.open, b.close, 0) return sliders.where(x:gt(0), 1, -1) end return S", NULL);
  desk_same(streamed, other, "the engines");
  free(streamed);
  free(other);
  desk_close(&d);
}

static void mistakes_with_them_name_the_strategys_line(void **state) {
  (void)state;
  desk d = desk_with_words(NULL);
  desk_hook_fails(&d, NULL, "sliders.host.blend(1)", NULL, "test.lua:4: sliders.host.blend takes 2 numbers, not 1");
  desk_hook_fails(&d, NULL, "sliders.host.blend(1, 'x')", NULL, "test.lua:4: sliders.host.blend's argument 2 must be a number, not string");
  desk_hook_fails(&d, NULL, "sliders.host.blond(1, 2)", NULL, "test.lua:4: sliders.host has no field 'blond'; did you mean 'blend'?");
  desk_hook_fails(&d, "sliders.host.sums(bars.close, 1)", "", NULL, "test.lua:4: sliders.host.sums takes 2 columns and 1 number, not 2 arguments");
  desk_hook_fails(&d, "sliders.host.sums(bars.close, 1, 2)", "", NULL, "test.lua:4: sliders.host.sums's argument 2 must be a column, not number");
  desk_hook_fails(&d, "sliders.host.sums(bars.close, bars.open, -1)", "", NULL, "test.lua:4: sliders.host.sums must start at 0 or above");
  desk_hook_fails(&d, NULL, "sliders.host.sums(bars, bars, 1)", NULL, "test.lua:4: sliders.host.sums's argument 1 must be a column, not nil");
  desk_hook_fails(&d, NULL, "sliders.host.one = 1", NULL, "test.lua:4: sliders.host is read-only (field 'one')");
  desk_close(&d);
}

/* As a program writes it that forgets what a strategy may ask for. */
static size_t as_many(const double *opt) {
  return (size_t)opt[0];
}

static size_t endless(const double *opt) {
  (void)opt;
  return SIZE_MAX;
}

static sld_status silent(const double *opt, sld_error *err) {
  (void)err;
  return opt[0] > 1e300 ? (sld_status)77 : SLD_OK;
}

static void state_without_bounds_and_refusals_without_words_cost_the_job(void **state) {
  (void)state;
  desk d;
  sld_error err;
  desk_good(sld_host_open(&d.host, NULL, &err), &err);
  sld_indicator x = SLD_INDICATOR_INIT;
  x.inputs = 2, x.outputs = 2, x.options = 1, x.step = step, x.check = silent;
  x.name = "any", x.state_count = as_many;
  desk_good(sld_host_add_indicator(d.host, &x, &err), &err);
  x.name = "late", x.state_count = state_count, x.lookback = endless;
  desk_good(sld_host_add_indicator(d.host, &x, &err), &err);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  desk_hook_fails(&d, "self.x = sliders.host.any(bars.high, bars.low, 1e18)", "", NULL,
    "test.lua:4: sliders.host.any asks for 1000000000000000000 numbers of state; 16777216 are the most");
  desk_hook_fails(&d, "self.x = sliders.host.any(bars.high, bars.low, 1e301)", "", NULL, "test.lua:4: sliders.host.any refuses these options");
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, DESK_HEAD "local S = sliders.strategy {} function S:signal(b) return (sliders.host.late(b.high, b.low, 0)) + b.close end return S", NULL);
    assert_int_equal(desk_done(&r, 0)->bar_count, 0); /* no row has a value */
    desk_end(&r);
  }
  desk_close(&d);
}

static void a_version_is_part_of_the_runs_key(void **state) {
  (void)state;
  static const char text[] = DESK_HEAD "local S = sliders.strategy {} function S:bar() end return S";
  char *json[3];
  const char *const versions[] = { "1", "2", "1" };
  for (int i = 0; i < 3; i++) {
    desk d = desk_with_words(versions[i]);
    json[i] = desk_bytes(&d, "lua54", text, NULL);
    desk_close(&d);
  }
  assert_string_not_equal(json[0], json[1]);
  assert_string_equal(json[0], json[2]);
  for (int i = 0; i < 3; i++) free(json[i]);
}

static void refused(sld_status status, const sld_error *err, sld_status want, const char *file) {
  assert_int_equal(status, want);
  assert_string_equal(err->file, file);
}

static void words_that_are_none_are_refused(void **state) {
  (void)state;
  sld_host *host;
  sld_error err;
  desk_good(sld_host_open(&host, NULL, &err), &err);
  sld_function f = SLD_FUNCTION_INIT;
  f.name = "f", f.call = one;
  desk_good(sld_host_add_function(host, &f, &err), &err);
  refused(sld_host_add_function(host, &f, &err), &err, SLD_EINVAL, "function.name");
  static const char *const bad[] = { NULL, "", "1st", "a b", "a.b", "\303\244", "a_name_that_is_longer_than_31_byte" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    f.name = bad[i];
    refused(sld_host_add_function(host, &f, &err), &err, SLD_EINVAL, "function.name");
  }
  f.name = "g", f.args = 17;
  refused(sld_host_add_function(host, &f, &err), &err, SLD_EINVAL, "function.args");
  f.args = 0, f.call = NULL;
  refused(sld_host_add_function(host, &f, &err), &err, SLD_EINVAL, "function.call");
  f.size = 4;
  refused(sld_host_add_function(host, &f, &err), &err, SLD_EINVAL, "function.size");
  sld_indicator x = SLD_INDICATOR_INIT;
  x.name = "f", x.step = step;
  refused(sld_host_add_indicator(host, &x, &err), &err, SLD_EINVAL, "indicator.name");
  x.name = "x", x.step = NULL;
  refused(sld_host_add_indicator(host, &x, &err), &err, SLD_EINVAL, "indicator.step");
  x.step = step, x.inputs = 4;
  refused(sld_host_add_indicator(host, &x, &err), &err, SLD_EINVAL, "indicator.inputs");
  x.inputs = 1, x.outputs = 0;
  refused(sld_host_add_indicator(host, &x, &err), &err, SLD_EINVAL, "indicator.outputs");
  x.outputs = 1, x.options = 5;
  refused(sld_host_add_indicator(host, &x, &err), &err, SLD_EINVAL, "indicator.options");
  sld_market *market;
  desk_good(sld_market_new(&market, host, &err), &err);
  x.options = 0;
  refused(sld_host_add_indicator(host, &x, &err), &err, SLD_EBUSY, "");
  sld_market_free(market);
  desk_good(sld_host_add_indicator(host, &x, &err), &err);
  desk_good(sld_host_close(host, &err), &err);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(strategies_call_the_hosts_functions_and_indicators_in_both_engines),
    cmocka_unit_test(a_signal_of_the_hosts_indicator_streams_to_the_same_bytes_as_its_columns),
    cmocka_unit_test(mistakes_with_them_name_the_strategys_line),
    cmocka_unit_test(state_without_bounds_and_refusals_without_words_cost_the_job),
    cmocka_unit_test(a_version_is_part_of_the_runs_key),
    cmocka_unit_test(words_that_are_none_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
