/* Bars from the caller's memory: every rule, with the path of the argument that breaks it. */
#include "market_files.h"

#include <math.h>

#include "base/time.h"

enum { BARS = 30 };

/* Good bars of EURUSD, to be spoilt by a test. */
typedef struct columns {
  int64_t time[BARS];
  double open[BARS], high[BARS], low[BARS], close[BARS], volume[BARS];
  sld_bars bars;
} columns;

static void fill(columns *c) {
  for (size_t i = 0; i < BARS; i++) {
    c->time[i] = (int64_t)i * SLD__NS_PER_MINUTE + 7 * SLD__NS_PER_HOUR;
    c->open[i] = 1.1;
    c->high[i] = 1.3;
    c->low[i] = 1.0;
    c->close[i] = 1.2;
    c->volume[i] = 5.0;
  }
  c->bars = (sld_bars){ .pair = "EURUSD", .count = BARS, .time = c->time, .open = c->open, .high = c->high, .low = c->low, .close = c->close, .volume = c->volume };
}

static void expect(const columns *c, sld_status status, const char *where, const char *message) {
  sld_error err;
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &c->bars, &err), status);
  assert_string_equal(err.file, where);
  assert_string_equal(err.message, message);
  assert_int_equal(err.status, status);
  assert_int_equal(err.line, 0);
  assert_int_equal(sld__market_add(market, &c->bars, NULL), status);
  assert_int_equal(sld__market_count(market), 0);
  sld__market_free(market);
}

static void good_bars_are_copied(void **state) {
  (void)state;
  columns c;
  fill(&c);
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &c.bars, NULL), SLD_OK);
  c.close[3] = 7.0;
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  assert_true(eurusd->close[3] == 1.2);
  assert_int_equal(eurusd->count, BARS);
  assert_int_equal(eurusd->info.period_ns, SLD__NS_PER_MINUTE);
  assert_true(eurusd->volume[BARS - 1] == 5.0 && eurusd->high[0] == 1.3);
  assert_false(eurusd->info.date_only || eurusd->info.one_price);
  sld__market_free(market);
}

static void count_up(void *ud) {
  ++*(int *)ud;
}

static void lent_bars_are_read_in_place_and_go_back_once(void **state) {
  (void)state;
  columns c;
  fill(&c);
  int back = 0;
  c.bars.release = count_up;
  c.bars.release_ud = &back;
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &c.bars, NULL), SLD_OK);
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  assert_ptr_equal(eurusd->time, c.time);
  assert_ptr_equal(eurusd->close, c.close);
  assert_ptr_equal(eurusd->volume, c.volume);
  assert_int_equal(eurusd->info.period_ns, SLD__NS_PER_MINUTE);
  assert_int_equal(sld__market_add(market, &c.bars, NULL), SLD_EVALUE); /* a pair twice */
  assert_int_equal(back, 0);
  sld__market_free(market);
  assert_int_equal(back, 1);
}

static void lent_and_copied_bars_are_the_same(void **state) {
  (void)state;
  columns c;
  fill(&c);
  sld__market *lent = new_market(), *copied = new_market();
  char one[SLD__HASH_TEXT_SIZE], other[SLD__HASH_TEXT_SIZE];
  int back = 0;
  assert_int_equal(sld__market_add(copied, &c.bars, NULL), SLD_OK);
  c.bars.release = count_up;
  c.bars.release_ud = &back;
  assert_int_equal(sld__market_add(lent, &c.bars, NULL), SLD_OK);
  sld__market_hash(lent, one);
  sld__market_hash(copied, other);
  assert_string_equal(one, other);
  sld__market_free(lent);
  sld__market_free(copied);
}

static void lent_bars_that_are_refused_stay_with_their_owner(void **state) {
  (void)state;
  columns c;
  fill(&c);
  int back = 0;
  c.bars.release = count_up;
  c.bars.release_ud = &back;
  c.close[17] = -1.0;
  expect(&c, SLD_EVALUE, "bars.close[17]", "a price must be above 0");
  assert_int_equal(back, 0);
}

static void an_argument_that_is_missing_is_named(void **state) {
  (void)state;
  columns c;
  fill(&c), c.bars.pair = NULL;
  expect(&c, SLD_EINVAL, "bars.pair", "a name is needed");
  fill(&c), c.bars.pair = "EURUSX";
  expect(&c, SLD_ENAME, "bars.pair", "no instrument 'EURUSX'; did you mean EURUSD?");
  fill(&c), c.bars.pair = "a dollar";
  expect(&c, SLD_ENAME, "bars.pair", "no instrument 'a dollar'");
  fill(&c), c.bars.count = 0;
  expect(&c, SLD_EINVAL, "bars.count", "at least one bar is needed");
  fill(&c), c.bars.time = NULL;
  expect(&c, SLD_EINVAL, "bars.time", "the column is missing");
  fill(&c), c.bars.close = NULL;
  expect(&c, SLD_EINVAL, "bars.close", "the column is missing");
  fill(&c), c.bars.open = NULL;
  expect(&c, SLD_EINVAL, "bars.open", "open, high and low go together: give all three or none");
  fill(&c), c.bars.high = NULL;
  expect(&c, SLD_EINVAL, "bars.high", "open, high and low go together: give all three or none");
  fill(&c), c.bars.low = NULL;
  expect(&c, SLD_EINVAL, "bars.low", "open, high and low go together: give all three or none");
  fill(&c), c.bars.period_ns = -1;
  expect(&c, SLD_EINVAL, "bars.period_ns", "a period must be above 0 and at most 366 days, or 0 to be found");
  fill(&c), c.bars.period_ns = INT64_MAX;
  expect(&c, SLD_EINVAL, "bars.period_ns", "a period must be above 0 and at most 366 days, or 0 to be found");
  fill(&c), c.bars.side = (sld_side)7;
  expect(&c, SLD_EINVAL, "bars.side", "the side must be bid, mid or both");
}

static void a_value_against_the_rules_is_named_by_its_index(void **state) {
  (void)state;
  columns c;
  fill(&c), c.close[17] = 0.0;
  expect(&c, SLD_EVALUE, "bars.close[17]", "a price must be above 0");
  fill(&c), c.open[0] = -1.0;
  expect(&c, SLD_EVALUE, "bars.open[0]", "a price must be above 0");
  fill(&c), c.high[29] = (double)NAN;
  expect(&c, SLD_EVALUE, "bars.high[29]", "a price must be above 0");
  fill(&c), c.low[5] = (double)INFINITY;
  expect(&c, SLD_EVALUE, "bars.low[5]", "a price must be above 0");
  fill(&c), c.high[6] = 0.9;
  expect(&c, SLD_EVALUE, "bars.high[6]", "the high is below the low");
  fill(&c), c.close[6] = 1.4;
  expect(&c, SLD_EVALUE, "bars.high[6]", "the high is below open or close");
  fill(&c), c.open[6] = 0.95;
  expect(&c, SLD_EVALUE, "bars.low[6]", "the low is above open or close");
  fill(&c), c.volume[8] = -0.5;
  expect(&c, SLD_EVALUE, "bars.volume[8]", "a volume must be 0 or above");
  fill(&c), c.volume[8] = (double)INFINITY;
  expect(&c, SLD_EVALUE, "bars.volume[8]", "a volume must be 0 or above");
  fill(&c), c.volume[8] = (double)NAN;
  expect(&c, SLD_EVALUE, "bars.volume[8]", "a volume must be 0 or above");
  fill(&c), c.time[12] = c.time[11];
  expect(&c, SLD_EVALUE, "bars.time[12]", "the times do not increase strictly");
  fill(&c), c.time[12] = c.time[10];
  expect(&c, SLD_EVALUE, "bars.time[12]", "the times do not increase strictly");
  fill(&c), c.time[29] = INT64_MAX;
  expect(&c, SLD_EVALUE, "bars.time[29]", "a time must be of the years 1800 to 2090");
  fill(&c), c.time[0] = INT64_MIN;
  expect(&c, SLD_EVALUE, "bars.time[0]", "a time must be of the years 1800 to 2090");
}

/* Where close is the only price, the blame must not fall on a column that the caller never gave. */
static void one_price_bars_are_blamed_on_close(void **state) {
  (void)state;
  columns c;
  fill(&c);
  c.bars.open = c.bars.high = c.bars.low = NULL;
  c.close[17] = -1.0;
  expect(&c, SLD_EVALUE, "bars.close[17]", "a price must be above 0");
}

static void a_period_is_found_or_asked_for(void **state) {
  (void)state;
  columns c;
  fill(&c), c.bars.count = 1;
  expect(&c, SLD_EVALUE, "bars.period_ns", "one bar of EURUSD alone does not tell how long a bar is");
  fill(&c), c.bars.count = 2, c.time[1] = 40000 * SLD__NS_PER_DAY;
  expect(&c, SLD_EVALUE, "bars.period_ns", "the bars of EURUSD are more than a year apart");

  const struct {
    int64_t step, given, found;
    size_t count;
    bool date_only;
  } cases[] = {
    { SLD__NS_PER_DAY, 0, SLD__NS_PER_DAY, BARS, true },
    { SLD__NS_PER_DAY, SLD__NS_PER_DAY, SLD__NS_PER_DAY, BARS, true },
    { SLD__NS_PER_DAY, SLD__NS_PER_HOUR, SLD__NS_PER_HOUR, BARS, false },
    { SLD__NS_PER_DAY, 0, SLD__NS_PER_DAY, 1, true }, /* one date alone is a day */
    { 7 * SLD__NS_PER_DAY, 0, 7 * SLD__NS_PER_DAY, BARS, true },
    { 15 * SLD__NS_PER_MINUTE, 0, 15 * SLD__NS_PER_MINUTE, BARS, false },
    { 366 * SLD__NS_PER_DAY, 0, 366 * SLD__NS_PER_DAY, BARS, true },
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    fill(&c);
    for (size_t i = 0; i < BARS; i++) c.time[i] = (int64_t)i * cases[k].step;
    c.bars.period_ns = cases[k].given;
    c.bars.count = cases[k].count;
    sld__market *market = new_market();
    assert_int_equal(sld__market_add(market, &c.bars, NULL), SLD_OK);
    assert_int_equal(sld__market_at(market, 0)->info.period_ns, cases[k].found);
    assert_int_equal(sld__market_at(market, 0)->info.date_only, cases[k].date_only);
    sld__market_free(market);
  }
}

/* Missing bars make distances of every length, but never the most frequent one. */
static void holes_do_not_change_the_period(void **state) {
  (void)state;
  enum { MANY = 5000 };
  static int64_t time[MANY];
  static double close[MANY];
  uint64_t seed = 3;
  int64_t now = 0;
  for (size_t i = 0; i < MANY; i++) {
    seed = seed * UINT64_C(6364136223846793005) + 1;
    now += i % 3 ? SLD__NS_PER_HOUR : (int64_t)(1 + (seed >> 33) % 4000) * SLD__NS_PER_MINUTE;
    time[i] = now;
    close[i] = 1.1;
  }
  sld_bars bars = { .pair = "EURUSD", .count = MANY, .time = time, .close = close };
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &bars, NULL), SLD_OK);
  const sld__series *eurusd = sld__market_at(market, 0);
  assert_int_equal(eurusd->info.period_ns, SLD__NS_PER_HOUR);
  for (size_t i = 0; i + 1 < MANY; i++) assert_true(sld__series_close_time(eurusd, i) <= time[i + 1] && sld__series_close_time(eurusd, i) > time[i]);
  sld__market_free(market);
}

static void a_pair_twice_is_refused_and_the_first_stays(void **state) {
  (void)state;
  columns c;
  sld_error err;
  fill(&c);
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &c.bars, NULL), SLD_OK);
  c.bars.count = 10;
  assert_int_equal(sld__market_add(market, &c.bars, &err), SLD_EVALUE);
  assert_string_equal(err.file, "bars.pair");
  assert_string_equal(err.message, "EURUSD (1m) is loaded already; a market holds a pair and period once");
  assert_int_equal(sld__market_at(market, 0)->count, BARS);
  sld__market_free(market);
}

static void pairs_stand_by_name_and_the_hash_knows_no_order(void **state) {
  (void)state;
  static const char *const names[] = { "USDJPY", "AUDUSD", "XAUUSD", "EURUSD", "GBPUSD" };
  char hash[2][SLD__HASH_TEXT_SIZE];
  columns c;
  fill(&c);
  for (size_t turn = 0; turn < 2; turn++) {
    sld__market *market = new_market();
    for (size_t k = 0; k < 5; k++) {
      c.bars.pair = names[turn ? 4 - k : k];
      assert_int_equal(sld__market_add(market, &c.bars, NULL), SLD_OK);
    }
    for (size_t k = 1; k < 5; k++) assert_true(strcmp(sld__market_at(market, k - 1)->info.instrument.pair, sld__market_at(market, k)->info.instrument.pair) < 0);
    sld__market_hash(market, hash[turn]);
    sld__market_free(market);
  }
  assert_string_equal(hash[0], hash[1]);
}

/* Everything that a result can depend on changes the hash. */
static void any_change_of_the_bars_changes_the_hash(void **state) {
  (void)state;
  char hashes[10][SLD__HASH_TEXT_SIZE];
  for (size_t k = 0; k < 10; k++) {
    columns c;
    fill(&c);
    if (k == 1) c.time[29] += SLD__NS_PER_SECOND;
    if (k == 2) c.open[17] = 1.15;
    if (k == 3) c.high[17] = nextafter(1.3, 2.0);
    if (k == 4) c.low[17] = 0.99;
    if (k == 5) c.close[17] = 1.21;
    if (k == 6) c.volume[17] = 6.0;
    if (k == 7) c.bars.side = SLD_MID;
    if (k == 8) c.bars.volume = NULL;
    if (k == 9) c.bars.period_ns = SLD__NS_PER_SECOND;
    sld__market *market = new_market();
    assert_int_equal(sld__market_add(market, &c.bars, NULL), SLD_OK);
    sld__market_hash(market, hashes[k]);
    sld__market_free(market);
    for (size_t i = 0; i < k; i++) assert_string_not_equal(hashes[i], hashes[k]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_bars_are_copied),
    cmocka_unit_test(lent_bars_are_read_in_place_and_go_back_once),
    cmocka_unit_test(lent_and_copied_bars_are_the_same),
    cmocka_unit_test(lent_bars_that_are_refused_stay_with_their_owner),
    cmocka_unit_test(an_argument_that_is_missing_is_named),
    cmocka_unit_test(a_value_against_the_rules_is_named_by_its_index),
    cmocka_unit_test(one_price_bars_are_blamed_on_close),
    cmocka_unit_test(a_period_is_found_or_asked_for),
    cmocka_unit_test(holes_do_not_change_the_period),
    cmocka_unit_test(a_pair_twice_is_refused_and_the_first_stays),
    cmocka_unit_test(pairs_stand_by_name_and_the_hash_knows_no_order),
    cmocka_unit_test(any_change_of_the_bars_changes_the_hash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
