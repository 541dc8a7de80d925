/* Series of both sides and of ticks: their rules, their hash, their store. */
#include "market_folder.h"

#include <math.h>

#include "base/time.h"
#include "metrics/daily.h"

enum { ROWS = 12 };

/* Good hourly bars of both sides, to be spoilt by a test. */
typedef struct columns {
  int64_t time[ROWS];
  double bid[4][ROWS], ask[4][ROWS]; /* open, high, low, close */
  sld_bars bars;
} columns;

static void fill(columns *c) {
  static const double base[] = { 1.10, 1.13, 1.08, 1.12 };
  for (int i = 0; i < ROWS; i++) {
    c->time[i] = i * SLD__NS_PER_HOUR;
    for (int k = 0; k < 4; k++) {
      c->bid[k][i] = base[k] + i * 0.001;
      c->ask[k][i] = c->bid[k][i] + 0.0002 * (k + 1);
    }
  }
  c->bars = (sld_bars){ .pair = "EURUSD", .count = ROWS, .time = c->time, .open = c->bid[0], .high = c->bid[1], .low = c->bid[2], .close = c->bid[3],
                        .side = SLD_BOTH, .ask_open = c->ask[0], .ask_high = c->ask[1], .ask_low = c->ask[2], .ask_close = c->ask[3] };
}

/* Quotes, three at one instant. */
static void fill_ticks(columns *c) {
  fill(c);
  c->time[5] = c->time[6] = c->time[4];
  c->bars.open = c->bars.high = c->bars.low = c->bars.ask_open = c->bars.ask_high = c->bars.ask_low = NULL;
  c->bars.ticks = true;
}

static const sld__series *added(sld__market **market, const columns *c) {
  sld_error err = { .status = SLD_OK };
  *market = new_market();
  if (sld__market_add(*market, &c->bars, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  assert_int_equal(err.status, SLD_OK);
  return sld__market_at(*market, 0);
}

static void expect(const columns *c, sld_status status, const char *where, const char *message) {
  sld_error err;
  sld__market *market = new_market();
  assert_int_equal(sld__market_add(market, &c->bars, &err), status);
  assert_string_equal(err.file, where);
  assert_string_equal(err.message, message);
  sld__market_free(market);
}

static void asks_stand_beside_the_bids(void **state) {
  (void)state;
  columns c;
  sld__market *market;
  fill(&c);
  const sld__series *series = added(&market, &c);
  const double *const bids[] = { series->open, series->high, series->low, series->close }, *const asks[] = { series->ask_open, series->ask_high, series->ask_low, series->ask_close };
  for (int k = 0; k < 4; k++) {
    assert_memory_equal(bids[k], c.bid[k], sizeof c.bid[k]);
    assert_memory_equal(asks[k], c.ask[k], sizeof c.ask[k]);
  }
  assert_int_equal(series->info.side, SLD_BOTH);
  assert_false(series->info.one_price || series->info.ticks);
  sld__market_free(market);
  c.bars.open = c.bars.high = c.bars.low = c.bars.ask_open = c.bars.ask_high = c.bars.ask_low = NULL;
  series = added(&market, &c); /* fixings of both sides */
  assert_true(series->info.one_price && !series->info.ticks);
  assert_ptr_equal(series->open, series->close);
  assert_ptr_equal(series->ask_open, series->ask_close);
  assert_ptr_not_equal(series->close, series->ask_close);
  sld__market_free(market);
}

static void data_of_one_side_have_no_asks(void **state) {
  (void)state;
  columns c;
  sld__market *market;
  fill(&c);
  c.bars.side = SLD_MID;
  c.bars.ask_open = c.bars.ask_high = c.bars.ask_low = c.bars.ask_close = NULL;
  const sld__series *series = added(&market, &c);
  assert_null(series->ask_open);
  assert_null(series->ask_close);
  sld__market_free(market);
}

static void asks_that_do_not_fit_are_named(void **state) {
  (void)state;
  columns c;
  fill(&c), c.bars.ask_close = NULL;
  expect(&c, SLD_EINVAL, "bars.ask_close", "the column is missing");
  fill(&c), c.bars.ask_low = NULL;
  expect(&c, SLD_EINVAL, "bars.ask_low", "the column is missing");
  fill(&c), c.bars.side = SLD_BID;
  expect(&c, SLD_EINVAL, "bars.ask_open", "asks need the side both");
  fill(&c), c.bars.open = c.bars.high = c.bars.low = NULL;
  expect(&c, SLD_EINVAL, "bars.ask_open", "the bids have one price, their close");
  fill_ticks(&c), c.bars.period_ns = 1;
  expect(&c, SLD_EINVAL, "bars.period_ns", "ticks have no period");
  fill(&c), c.bars.ticks = true;
  expect(&c, SLD_EINVAL, "bars.open", "a tick has one price, its close");
}

static void asks_obey_the_rules_of_bars(void **state) {
  (void)state;
  columns c;
  fill(&c), c.ask[0][3] = (double)NAN;
  expect(&c, SLD_EVALUE, "bars.ask_open[3]", "a price must be above 0");
  fill(&c), c.ask[3][3] = 0.0;
  expect(&c, SLD_EVALUE, "bars.ask_close[3]", "a price must be above 0");
  fill(&c), c.ask[1][4] = 1.0;
  expect(&c, SLD_EVALUE, "bars.ask_high[4]", "the high is below the low");
  fill(&c), c.ask[3][4] = 1.4;
  expect(&c, SLD_EVALUE, "bars.ask_high[4]", "the high is below open or close");
  fill(&c), c.ask[2][4] = 1.12;
  expect(&c, SLD_EVALUE, "bars.ask_low[4]", "the low is above open or close");
}

static void crossed_quotes_are_refused(void **state) {
  (void)state;
  columns c;
  fill(&c), c.ask[0][3] = nextafter(c.bid[0][3], 0.0);
  expect(&c, SLD_EVALUE, "bars.ask_open[3]", "the ask is below the bid");
  fill(&c), c.ask[1][3] = nextafter(c.bid[1][3], 0.0);
  expect(&c, SLD_EVALUE, "bars.ask_high[3]", "the ask is below the bid");
  fill(&c), c.ask[2][3] = nextafter(c.bid[2][3], 0.0);
  expect(&c, SLD_EVALUE, "bars.ask_low[3]", "the ask is below the bid");
  fill(&c), c.ask[3][3] = nextafter(c.bid[3][3], 0.0);
  expect(&c, SLD_EVALUE, "bars.ask_close[3]", "the ask is below the bid");
  fill_ticks(&c), c.ask[3][11] = nextafter(c.bid[3][11], 0.0);
  expect(&c, SLD_EVALUE, "bars.ask_close[11]", "the ask is below the bid");
}

static void quotes_without_a_spread_are_fine(void **state) {
  (void)state;
  columns c;
  sld__market *market;
  fill(&c);
  memcpy(c.ask, c.bid, sizeof c.ask);
  added(&market, &c);
  sld__market_free(market);
}

static void ticks_keep_their_order_and_are_known_at_their_time(void **state) {
  (void)state;
  columns c;
  sld__market *market;
  fill_ticks(&c);
  const sld__series *series = added(&market, &c);
  assert_true(series->info.ticks && series->info.one_price && !series->info.date_only);
  assert_int_equal(series->info.period_ns, 0);
  assert_memory_equal(series->time, c.time, sizeof c.time);
  for (size_t i = 0; i < ROWS; i++) assert_int_equal(sld__series_close_time(series, i), c.time[i]);
  sld__market_free(market);
  c.bars.count = 1; /* one alone is enough: nothing is to be learnt from distances */
  added(&market, &c);
  sld__market_free(market);
  fill_ticks(&c), c.time[7] = c.time[6] - 1;
  expect(&c, SLD_EVALUE, "bars.time[7]", "the times go back");
}

/* A day ends with the last of the ticks at 17:00 in New York, 22:00 UTC in winter. */
static void of_ticks_at_the_end_of_a_day_the_last_is_its_sample(void **state) {
  (void)state;
  const int64_t end = 22 * SLD__NS_PER_HOUR + 4 * SLD__NS_PER_DAY, time[] = { end - 1, end, end, end + 1, end + 1, end + 2 }; /* Monday 1970-01-05 */
  const struct sld__clock clock = { time, 6, 0 };
  const sld_allocator a = sld__alloc_default();
  struct sld__zone *new_york;
  size_t rows[6];
  assert_int_equal(sld__zone_load(&new_york, "America/New_York", &a, NULL), SLD_OK);
  assert_int_equal(sld__daily_rows_of(&clock, 6, new_york, rows), 2);
  assert_int_equal(rows[0], 2);
  assert_int_equal(rows[1], 5);
  sld__zone_free(new_york);
}

static void every_ask_changes_the_hash(void **state) {
  (void)state;
  enum { KINDS = 9 };
  char hashes[KINDS][SLD__HASH_TEXT_SIZE];
  for (int k = 0; k < KINDS; k++) {
    columns c;
    sld__market *market;
    fill(&c);
    if (k >= 1 && k <= 4) c.ask[k - 1][5] = nextafter(c.ask[k - 1][5], 2.0);
    if (k >= 5) c.bars.open = c.bars.high = c.bars.low = c.bars.ask_open = c.bars.ask_high = c.bars.ask_low = NULL;
    if (k == 6) c.bars.ticks = true;
    if (k == 7) c.ask[3][5] = nextafter(c.ask[3][5], 2.0);
    if (k == 8) c.bars.side = SLD_BID, c.bars.ask_close = NULL;
    added(&market, &c);
    sld__market_hash(market, hashes[k]);
    sld__market_free(market);
    for (int i = 0; i < k; i++) assert_string_not_equal(hashes[i], hashes[k]);
  }
}

/* ---- The store ---- */

static const char *in_folder(const char *name) {
  static char path[2 * PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void save_and_compare(const columns *c, const char *place) {
  char one[SLD__HASH_TEXT_SIZE], other[SLD__HASH_TEXT_SIZE];
  sld__market *market;
  const sld__series *series = added(&market, c);
  assert_int_equal(sld__market_save(market, folder, NULL), SLD_OK);
  sld__market *back = loaded(folder, place);
  const sld__series *again = sld__market_at(back, 0);
  sld__market_hash(market, one);
  sld__market_hash(back, other);
  assert_string_equal(one, other);
  assert_memory_equal(&series->info, &again->info, sizeof series->info);
  assert_memory_equal(series->ask_close, again->ask_close, sizeof(double) * c->bars.count);
  assert_memory_equal(series->ask_high, again->ask_high, sizeof(double) * c->bars.count);
  assert_int_equal(series->ask_open == series->ask_close, again->ask_open == again->ask_close);
  sld__market_free(back);
  sld__market_free(market);
}

static void both_sides_and_ticks_come_back_from_a_store(void **state) {
  (void)state;
  columns c;
  fill(&c);
  save_and_compare(&c, "EURUSD/1h");
  fill_ticks(&c);
  save_and_compare(&c, "EURUSD/ticks");
}

/* Puts `to` in place of `from` in a description. */
static void edit(const char *name, const char *from, const char *to) {
  char text[1024];
  size_t size;
  char *good = read_whole(in_folder(name), &size);
  good[size] = '\0';
  const char *at = strstr(good, from);
  assert_non_null(at);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
  write_text(folder, name, text);
  free(good);
}

static void a_store_from_before_there_were_ticks_opens(void **state) {
  (void)state;
  columns c;
  sld__market *market;
  fill(&c);
  c.bars.side = SLD_BID;
  c.bars.ask_open = c.bars.ask_high = c.bars.ask_low = c.bars.ask_close = NULL;
  added(&market, &c);
  assert_int_equal(sld__market_save(market, folder, NULL), SLD_OK);
  edit("EURUSD/1h/description.json", "  \"ticks\": false,\n", "");
  sld__market *back = loaded(folder, "EURUSD");
  assert_memory_equal(&sld__market_at(back, 0)->info, &sld__market_at(market, 0)->info, sizeof(sld_pair_info));
  sld__market_free(back);
  sld__market_free(market);
}

static void refused_after(const char *name, const char *from, const char *to, sld_status status, const char *message) {
  sld_error err;
  columns c;
  sld__market *market;
  fill_ticks(&c);
  added(&market, &c);
  assert_int_equal(sld__market_save(market, folder, NULL), SLD_OK);
  sld__market_free(market);
  edit(name, from, to);
  refused(folder, "EURUSD/ticks", &err);
  assert_int_equal(err.status, status);
  assert_string_equal(err.message, message);
}

static void a_description_of_ticks_that_is_none_is_refused(void **state) {
  (void)state;
  const char *name = "EURUSD/ticks/description.json";
  refused_after(name, "\"ticks\": true", "\"ticks\": 1", SLD_EPARSE, "\"ticks\" must be true or false");
  refused_after(name, "\"ticks\": true", "\"ticks\": false", SLD_EPARSE, "\"period_ns\" must be a whole number above 0");
  refused_after(name, "\"period_ns\": 0", "\"period_ns\": 1", SLD_EPARSE, "\"period_ns\" must be 0 for ticks");
  refused_after(name, "\"one_price\": true", "\"one_price\": false", SLD_EPARSE, "\"one_price\" must be true for ticks");
}

static void crossed_quotes_in_a_store_are_refused(void **state) {
  (void)state;
  sld_error err;
  columns c;
  sld__market *market;
  fill_ticks(&c);
  added(&market, &c);
  assert_int_equal(sld__market_save(market, folder, NULL), SLD_OK);
  sld__market_free(market);
  size_t size;
  char *column = read_whole(in_folder("EURUSD/ticks/g000001/ask_close.npy"), &size);
  const double low = 0.5;
  memcpy(column + size - (ROWS - 7) * sizeof low, &low, sizeof low);
  write_bytes(folder, "EURUSD/ticks/g000001/ask_close.npy", column, size);
  free(column);
  refused(folder, "", &err);
  assert_int_equal(err.status, SLD_EVALUE);
  assert_string_equal(err.message, "value 7: the ask is below the bid");
  assert_string_equal(err.file, in_folder("EURUSD/ticks/g000001/ask_close.npy"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(asks_stand_beside_the_bids),
    cmocka_unit_test(data_of_one_side_have_no_asks),
    cmocka_unit_test(asks_that_do_not_fit_are_named),
    cmocka_unit_test(asks_obey_the_rules_of_bars),
    cmocka_unit_test(crossed_quotes_are_refused),
    cmocka_unit_test(quotes_without_a_spread_are_fine),
    cmocka_unit_test(ticks_keep_their_order_and_are_known_at_their_time),
    cmocka_unit_test(of_ticks_at_the_end_of_a_day_the_last_is_its_sample),
    cmocka_unit_test(every_ask_changes_the_hash),
    cmocka_unit_test_setup_teardown(both_sides_and_ticks_come_back_from_a_store, make, clear),
    cmocka_unit_test_setup_teardown(a_store_from_before_there_were_ticks_opens, make, clear),
    cmocka_unit_test_setup_teardown(a_description_of_ticks_that_is_none_is_refused, make, clear),
    cmocka_unit_test_setup_teardown(crossed_quotes_in_a_store_are_refused, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
