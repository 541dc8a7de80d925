/* Outcomes as bytes: what was written reads back, and what no job can have left is refused or does no harm. */
#include "engine_desk.h"

#include "base/alloc.h"
#include "engine/outcome.h"
#include "engine/outcome_fields.h"
#include "engine/result.h"

enum { BARS = 30 };

static const char bars_text[] =
  DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(3, 2, 60) } } "
  "function S:bar(broker) local close = self.bars.close[0] print(close) "
  "  if self.bars.pair == 'GBPUSD' and close > 1 then error('it is high') end "
  "  if broker.position == 0 then broker:buy{ units = 1000, id = 'in', tag = 'up', sl = close * 0.99, tp = close * 1.01 } end end "
  "return S";
static const char signal_text[] =
  DESK_HEAD "local S = sliders.strategy { params = { n = sliders.int(3, 2, 60) } } "
  "function S:signal(bars, p) return sliders.sign(sliders.roc(bars.close, p.n)) end return S";

static desk open_market(void) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, BARS, 1);
  desk_add(&d, "GBPUSD", 1.3, BARS, 2);
  return d;
}

static sld_run_options usual(sld_account account) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.account = account;
  options.spread_pips = 1.0;
  options.rollover = SLD_ROLLOVER_NONE;
  return options;
}

static const double lengths[] = { 2, 5 };
static const sld_axis axis = { "n", lengths, 2 };

typedef void visit(const struct sld_result *result, size_t at, const struct sld__buffer *bytes);

static void each_outcome_of(const char *text, const sld_run_options *options, visit *see) {
  desk d = open_market();
  desk_run r = desk_start(&d, "lua54", text, options);
  const struct sld_result *result = r.result;
  for (size_t i = 0; i < result->outcome_count; i++) {
    struct sld__buffer bytes;
    sld__buffer_init(&bytes, result->alloc);
    sld__outcome_write(&bytes, result->plan, i / result->plan->sets, &result->outcomes[i]);
    assert_false(bytes.failed);
    assert_true(bytes.size <= sld__outcome_most(result->plan));
    see(result, i, &bytes);
    sld__buffer_fini(&bytes);
  }
  desk_end(&r);
  desk_close(&d);
}

static void each_outcome(visit *see) {
  const int keeps[] = { SLD_KEEP_ALL, SLD_KEEP_LEDGER, 0 };
  for (size_t k = 0; k < 3; k++)
    for (int grid = 0; grid < 2; grid++) {
      sld_run_options split = usual(SLD_SPLIT), shared = usual(SLD_SHARED);
      split.keep = shared.keep = keeps[k];
      if (grid) split.axes = shared.axes = &axis;
      split.axis_count = shared.axis_count = (size_t)grid;
      each_outcome_of(bars_text, &split, see);
      each_outcome_of(signal_text, &split, see);
      each_outcome_of(signal_text, &shared, see);
    }
}

static sld_status read_back(sld__outcome *out, const struct sld_result *result, size_t at, const struct sld__buffer *bytes, sld_error *err) {
  size_t sets = result->plan->sets;
  return sld__outcome_read(out, result->alloc, result->plan, at / sets, at % sets, bytes->data, bytes->size, err);
}

static void reads_back(const struct sld_result *result, size_t at, const struct sld__buffer *bytes) {
  sld__outcome out;
  sld_error err;
  struct sld__buffer again;
  desk_good(read_back(&out, result, at, bytes, &err), &err);
  sld__buffer_init(&again, result->alloc);
  sld__outcome_write(&again, result->plan, at / result->plan->sets, &out);
  assert_int_equal(again.size, bytes->size);
  assert_memory_equal(again.data, bytes->data, bytes->size);
  assert_string_equal(out.job.pair, result->outcomes[at].job.pair);
  sld__buffer_fini(&again);
  sld__outcome_fini(result->alloc, &out);
}

static void an_outcome_reads_back_as_it_was(void **state) {
  (void)state;
  each_outcome(reads_back);
}

/* The result with this outcome in place of another is merged and written. */
static void use(const struct sld_result *result, size_t at, const sld__outcome *out) {
  struct sld_result lied = *result;
  sld_error err;
  lied.outcomes = malloc(result->outcome_count * sizeof *lied.outcomes);
  memcpy(lied.outcomes, result->outcomes, result->outcome_count * sizeof *lied.outcomes);
  lied.outcomes[at] = *out;
  lied.has_portfolio = false;
  lied.time = NULL;
  lied.equity = lied.weights = lied.figures = NULL;
  desk_good(sld__result_merge(&lied, &err), &err);
  desk_good(sld_result_write_json(&lied, "/dev/null", &err), &err);
  sld__free(result->alloc, lied.time);
  sld__free(result->alloc, lied.equity);
  sld__free(result->alloc, lied.weights);
  sld__free(result->alloc, lied.figures);
  free(lied.outcomes);
}

static void try(const struct sld_result *result, size_t at, const struct sld__buffer *bytes) {
  sld__outcome out;
  sld_error err;
  sld_status status = read_back(&out, result, at, bytes, &err);
  if (status != SLD_OK) {
    assert_int_equal(status, SLD_EVALUE);
    return;
  }
  use(result, at, &out);
  sld__outcome_fini(result->alloc, &out);
}

/* Each word of the bytes becomes what hurts most, and the bytes end too early at each. */
static void lie_about_each_word(const struct sld_result *result, size_t at, const struct sld__buffer *bytes) {
  static const uint64_t lies[] = { 0, 1, 2, 255, BARS + 1, UINT64_C(1) << 32, UINT64_C(1) << 61, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, UINT64_C(0x7ff8000000000000), UINT64_C(0x7ff0000000000000) };
  struct sld__buffer copy = *bytes;
  size_t step = bytes->size > 4000 ? 24 : 8; /* of a long one every third word */
  copy.data = malloc(bytes->size);
  for (size_t word = 0; word + 8 <= bytes->size; word += step) {
    for (size_t k = 0; k < sizeof lies / sizeof *lies; k++) {
      memcpy(copy.data, bytes->data, bytes->size);
      memcpy(copy.data + word, &lies[k], 8);
      try(result, at, &copy);
    }
    struct sld__buffer cut = { .data = malloc(word + 1), .size = word };
    memcpy(cut.data, bytes->data, word);
    try(result, at, &cut);
    free(cut.data);
  }
  free(copy.data);
}

static void a_lie_is_refused_or_does_no_harm(void **state) {
  (void)state;
  sld_run_options split = usual(SLD_SPLIT), shared = usual(SLD_SHARED);
  each_outcome_of(bars_text, &split, lie_about_each_word);
  each_outcome_of(signal_text, &shared, lie_about_each_word);
}

/* Refused, or the merge would look for trades that are not there. */
static void an_open_trade_is_not_there(const struct sld_result *result, size_t at, const struct sld__buffer *bytes) {
  (void)bytes;
  sld__outcome lied = result->outcomes[at], out;
  struct sld__buffer lie;
  sld_error err;
  if (lied.error) return;
  lied.job.trade_count = 0;
  lied.job.open_count = 1;
  lied.trades = NULL;
  sld__buffer_init(&lie, result->alloc);
  sld__outcome_write(&lie, result->plan, at / result->plan->sets, &lied);
  assert_int_equal(read_back(&out, result, at, &lie, &err), SLD_EVALUE);
  assert_string_equal(err.message, "equity or trades are missing");
  sld__buffer_fini(&lie);
}

static void open_trades_that_are_counted_are_there(void **state) {
  (void)state;
  sld_run_options options = usual(SLD_SPLIT);
  options.weights = SLD_EQUAL;
  each_outcome_of(bars_text, &options, an_open_trade_is_not_there);
}

/* An error as a process may send it, and what its reader makes of it. */
static sld_status say_error(const struct sld_result *result, size_t at, const char *message, sld__outcome *out, sld_error *err) {
  sld__outcome lied = result->outcomes[at];
  sld_error error = { .status = SLD_ESCRIPT };
  struct sld__buffer lie;
  snprintf(error.message, sizeof error.message, "%s", message);
  snprintf(error.file, sizeof error.file, "%s", "a\n.lua");
  snprintf(error.detail, sizeof error.detail, "%s", "in\n\t\33[2J");
  lied.job.state = SLD_JOB_FAILED;
  lied.job.error = &error;
  sld__buffer_init(&lie, result->alloc);
  sld__outcome_write(&lie, result->plan, at / result->plan->sets, &lied);
  sld_status status = read_back(out, result, at, &lie, err);
  sld__buffer_fini(&lie);
  return status;
}

static void hear_errors(const struct sld_result *result, size_t at, const struct sld__buffer *bytes) {
  (void)bytes;
  sld__outcome out;
  sld_error err;
  desk_good(say_error(result, at, "it is\33[31m red\n", &out, &err), &err);
  assert_string_equal(out.job.error->message, "it is?[31m red");
  assert_string_equal(out.job.error->file, "a?.lua");
  assert_string_equal(out.job.error->detail, "in\n\t?[2J");
  sld__outcome_fini(result->alloc, &out);
  assert_int_equal(say_error(result, at, "\n", &out, &err), SLD_EVALUE);
  assert_string_equal(err.message, "an error says nothing");
}

static void an_error_says_something_and_steers_no_terminal(void **state) {
  (void)state;
  sld_run_options options = usual(SLD_SPLIT);
  each_outcome_of(signal_text, &options, hear_errors);
}

static void the_fields_of_a_record_are_its_bytes(void **state) {
  (void)state;
  const sld__form *const forms[] = { &sld__form_order, &sld__form_terms, &sld__form_trade, &sld__form_rollover, &sld__form_book, &sld__form_job };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    size_t bytes = 0;
    for (size_t k = 0; k < forms[i]->count; k++) bytes += forms[i]->runs[k].kind == SLD__NAME ? SLD_NAME_SIZE : 8 * forms[i]->runs[k].count;
    assert_int_equal(bytes, forms[i]->bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_fields_of_a_record_are_its_bytes),
    cmocka_unit_test(an_outcome_reads_back_as_it_was),
    cmocka_unit_test(a_lie_is_refused_or_does_no_harm),
    cmocka_unit_test(open_trades_that_are_counted_are_there),
    cmocka_unit_test(an_error_says_something_and_steers_no_terminal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
