/* What a process says of a strategy: it reads back as it was, and what cannot be is refused. */
#include "engine_desk.h"

#include "base/alloc.h"
#include "children.h"
#include "engine/inquiry.h"

static const char text[] =
  DESK_HEAD "local S = sliders.strategy { about = 'Of every kind.', warmup = 3, valid = function(p) return p.a > 1 end, "
  "model = sliders.finmarketpy { signal_delay = 1, spot_tc_bp = { EURUSD = 1, default = 2 }, signal_vol_target = 0.1, signal_vol_max_leverage = 5, signal_vol_periods = 20, signal_vol_rebalance_freq = 'BM' }, "
  "params = { a = sliders.int(2), b = sliders.number(0.5, 0, 1, { label = 'share', step = 0.1 }), c = sliders.bool(true), d = sliders.choice('up', { 'up', 'down' }) } } "
  "function S:signal(bars) return bars.close end return S";
static const char pairs_text[] = DESK_HEAD "local S = sliders.strategy { pairs = { 'USDJPY', 'EURUSD' }, window = 20, rebalance = 'day' } function S:allocate() return {} end return S";

static sld_allocator alloc;
static char program[DESK_PATH];

static sld__script *script_of(const char *words) {
  sld__script *script;
  assert_int_equal(sld__script_from_text(&script, &alloc, "test.lua", words, strlen(words), NULL), SLD_OK);
  return script;
}

static sld_status describe(const char *vm, sld__script *script, double limit_s, sld__declaration *out, sld_error *err) {
  const sld__inquiry inquiry = { &alloc, program, getenv("SLIDERS_ENGINE_PATH"), vm, script, limit_s };
  return sld__inquiry_describe(&inquiry, out, err);
}

/* The answer's bytes, of a script that has a module besides. */
static struct sld__buffer answer(const char *words) {
  sld__script *script = script_of(words);
  sld__inquired inquired = { .accepted = true };
  sld__module module = { (char *)(uintptr_t) "rules", (char *)(uintptr_t) "./rules.lua", (char *)(uintptr_t) "return {}", 9 };
  sld__script with = *script;
  struct sld__buffer bytes;
  sld_error err;
  desk_good(describe("lua54", script, 0.0, &inquired.declaration, &err), &err);
  with.modules = &module;
  with.module_count = 1;
  sld__buffer_init(&bytes, &alloc);
  sld__inquiry_write(&bytes, &inquired, &with, 0);
  assert_false(bytes.failed);
  sld__declaration_fini(&inquired.declaration);
  sld__script_free(script);
  return bytes;
}

/* Reads into a script of its own; what was read, written again. */
static sld_status read_back(const struct sld__buffer *bytes, struct sld__buffer *again, sld_error *err) {
  sld__script *script = script_of("return 1");
  sld__inquired inquired;
  sld_status status = sld__inquiry_read(&inquired, script, bytes->data, bytes->size, err);
  if (status == SLD_OK && again) {
    sld__buffer_init(again, &alloc);
    sld__inquiry_write(again, &inquired, script, 0);
  }
  sld__declaration_fini(&inquired.declaration);
  sld__script_free(script);
  return status;
}

static void an_answer_reads_back_as_it_was(void **state) {
  (void)state;
  const char *const texts[] = { text, pairs_text };
  for (size_t i = 0; i < 2; i++) {
    struct sld__buffer bytes = answer(texts[i]), again;
    sld_error err;
    desk_good(read_back(&bytes, &again, &err), &err);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.data, bytes.data, bytes.size);
    sld__buffer_fini(&again);
    sld__buffer_fini(&bytes);
  }
}

/* Each place of the bytes becomes what hurts most, and the bytes end too early at each. */
static void a_lie_is_refused_or_does_no_harm(void **state) {
  (void)state;
  static const uint64_t lies[] = { 0, 1, 2, 7, 63, 64, UINT64_C(1) << 32, UINT64_C(1) << 61, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, UINT64_C(0x7ff8000000000000) };
  const char *const texts[] = { text, pairs_text };
  for (size_t i = 0; i < 2; i++) {
    struct sld__buffer bytes = answer(texts[i]), copy = bytes;
    size_t refused = 0;
    sld_error err;
    copy.data = malloc(bytes.size);
    for (size_t at = 0; at + 8 <= bytes.size; at++) {
      for (size_t k = 0; k < sizeof lies / sizeof *lies; k++) {
        memcpy(copy.data, bytes.data, bytes.size);
        memcpy(copy.data + at, &lies[k], 8);
        copy.size = bytes.size;
        sld_status status = read_back(&copy, NULL, &err);
        assert_true(status == SLD_OK || status == SLD_EVALUE);
        refused += status == SLD_EVALUE;
      }
      struct sld__buffer cut = { .data = malloc(at + 1), .size = at };
      memcpy(cut.data, bytes.data, at);
      assert_int_equal(read_back(&cut, NULL, &err), SLD_EVALUE);
      free(cut.data);
    }
    assert_true(refused > 0);
    free(copy.data);
    sld__buffer_fini(&bytes);
  }
}

static void a_text_that_never_ends_is_ended(void **state) {
  (void)state;
  IN_BOTH(vm) {
    sld__script *script = script_of("while true do end");
    sld__declaration declaration;
    sld_error err;
    size_t before = count_descriptors();
    assert_int_equal(describe(vm, script, 0.05, &declaration, &err), SLD_ELIMIT);
    assert_string_equal(err.message, "the strategy, asked what it is, took more than 0.05 s (limits.bar) and did not heed it: its process was ended");
    assert_int_equal(count_descriptors(), before);
    assert_int_equal(any_child(), 0);
    sld__declaration_fini(&declaration);
    sld__script_free(script);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_answer_reads_back_as_it_was),
    cmocka_unit_test(a_lie_is_refused_or_does_no_harm),
    cmocka_unit_test(a_text_that_never_ends_is_ended),
  };
  alloc = sld__alloc_default();
  snprintf(program, sizeof program, "%s/sliders-worker", getenv("SLIDERS_ENGINE_PATH"));
  return cmocka_run_group_tests(tests, NULL, NULL);
}
