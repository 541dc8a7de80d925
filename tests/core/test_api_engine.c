/* A host that links a VM and the engine over it, and opens no plug-in: this program is built with the objects of the engine for Lua 5.4. */
#include "engine_desk.h"

#include "vm/vm.h"

const sld__vm_engine *sliders_engine_v1(void);

static const void *own_engine(void) {
  return sliders_engine_v1();
}

static const void *foreign_engine(void) {
  static sld__vm_engine engine;
  engine = *sliders_engine_v1();
  engine.abi = SLD__ENGINE_ABI + 1;
  return &engine;
}

static const void *unknown_engine(void) {
  static sld__vm_engine engine;
  engine = *sliders_engine_v1();
  engine.name = "lua99";
  return &engine;
}

static const char text[] = DESK_HEAD
  "local S = sliders.strategy {} function S:init(bars) self.mean = bars.close:sma(20) end "
  "function S:bar(broker) broker:target(self.bars.close[0] > self.mean[0] and 1 or -1) end return S";

static void a_host_with_its_own_engine_needs_no_plug_in(void **state) {
  (void)state;
#ifdef SLD__SANITIZED
  print_message("skipped: this program shows a Lua, and beside one a sanitizer's build opens no plug-in\n");
  skip();
#endif
  desk plugged = desk_open(2);
  desk_add(&plugged, "EURUSD", 1.1, 3000, 1);
  char *want = desk_bytes(&plugged, "lua54", text, NULL);
  desk_close(&plugged);

  desk d = { NULL, NULL };
  sld_error err;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.engine_dir = "/nowhere";
  desk_good(sld_host_open(&d.host, &options, &err), &err);
  assert_int_equal(sld_host_probe(d.host, "lua54", &err), SLD_EVM);
  desk_good(sld_host_add_engine(d.host, own_engine, &err), &err);
  desk_good(sld_host_probe(d.host, "lua54", &err), &err);
  assert_int_equal(sld_host_add_engine(d.host, own_engine, &err), SLD_EBUSY);
  desk_good(sld_market_new(&d.market, d.host, &err), &err);
  desk_add(&d, "EURUSD", 1.1, 3000, 1);
  char *got = desk_bytes(&d, "lua54", text, NULL);
  desk_same(got, want, "own engine and plug-in");
  free(got);
  free(want);
  desk_close(&d);
}

static void an_engine_that_does_not_fit_is_refused(void **state) {
  (void)state;
  sld_host *host;
  sld_error err;
  desk_good(sld_host_open(&host, NULL, &err), &err);
  assert_int_equal(sld_host_add_engine(host, NULL, &err), SLD_EINVAL);
  assert_int_equal(sld_host_add_engine(host, foreign_engine, &err), SLD_EINVAL);
  assert_int_equal(sld_host_add_engine(host, unknown_engine, &err), SLD_EINVAL);
  assert_string_equal(err.message, "there is no engine 'lua99': it is luajit or lua54");
  desk_good(sld_host_close(host, &err), &err);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_host_with_its_own_engine_needs_no_plug_in),
    cmocka_unit_test(an_engine_that_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
