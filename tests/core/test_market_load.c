/* Loading: descriptions, asks of another file, files that follow each other, archives, and the same result for any number of workers. */
#include "market_folder.h"

#include <zlib.h>

static void refused_text(const char *name, const char *message, const char *file, int line) {
  char path[2 * PATH_SIZE];
  sld_error err;
  refused(folder, name, &err);
  assert_string_equal(err.message, message);
  snprintf(path, sizeof path, "%s/%s", folder, file);
  assert_string_equal(err.file, path);
  assert_int_equal(err.line, line);
}

/* ---- Descriptions ---- */

static void columns_are_told_by_place_and_by_name(void **state) {
  (void)state;
  static const struct {
    const char *json, *text;
  } files[] = {
    { "{\"columns\": [\"time\", null, \"close\", \"open\", \"high\", \"low\"]}", "2024-01-02 10:00|x|1.2|1.1|1.3|1.0\n2024-01-02 11:00|y|1.2|1.1|1.3|1.0\n" },
    { "{\"columns\": [\"date\", \"clock\", \"open\", \"high\", \"low\", \"close\"], \"newest_first\": true}", "20240102|1100|1.1|1.3|1.0|1.2\n20240102|1000|1.1|1.3|1.0|1.2\n" },
    { "{\"columns\": {\"Datum\": \"date\", \"Uhr\": \"clock\", \"Erster\": \"open\", \"Hoch\": \"high\", \"Tief\": \"low\", \"Schluss\": \"close\"}, \"day_first\": true}",
      "Datum|Uhr|Erster|Hoch|Tief|Schluss\n02/01/2024|10:00|1.1|1.3|1.0|1.2\n02/01/2024|11:00|1.1|1.3|1.0|1.2\n" },
    { "{\"scale\": 10000}", "time|open|high|low|close\n2024-01-02 10:00|11000|13000|10000|12000\n2024-01-02 11:00|11000|13000|10000|12000\n" },
    { "{\"date\": \"2024-01-02\", \"columns\": [\"milliseconds\", \"open\", \"high\", \"low\", \"close\"]}", "36000000|1.1|1.3|1.0|1.2\n39600000|1.1|1.3|1.0|1.2\n" },
  };
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    char text[256];
    snprintf(text, sizeof text, "%s", files[k].text);
    for (char *p = text; *p; p++)
      if (*p == '|') *p = ';';
    write_text(folder, "EURUSD.json", files[k].json);
    write_text(folder, "EURUSD.csv", text);
    sld__market *market = loaded(folder, "EURUSD.csv");
    const sld__series *s = sld__market_at(market, 0);
    assert_int_equal(s->count, 2);
    assert_int_equal(s->time[0], sld__days_from_civil(2024, 1, 2) * SLD__NS_PER_DAY + 10 * SLD__NS_PER_HOUR);
    assert_int_equal(s->info.period_ns, SLD__NS_PER_HOUR);
    for (size_t i = 0; i < 2; i++) assert_true(s->open[i] == 1.1 && s->high[i] == 1.3 && s->low[i] == 1.0 && s->close[i] == 1.2);
    sld__market_free(market);
  }
}

static void faults_of_descriptions_are_named_in_them(void **state) {
  (void)state;
  static const struct {
    const char *json, *message;
    int line, column;
  } faults[] = {
    { "{\"dialect\": \"mt6\"}", "no dialect 'mt6'; did you mean 'mt5'?", 1, 13 },
    { "{\n\"zone\": \"Berlin\"}", "'Berlin' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating", 2, 9 },
    { "{\"scale\": 0}", "a scale is above 0 and at most 1e15: 100000 where 127801 means 1.27801", 1, 2 },
    { "{\"date\": \"2014\"}", "'2014': not a date; a date such as 2014-05-08 is expected", 1, 2 },
    { "{\"day_first\": 1}", "day_first must be true or false", 1, 2 },
    { "{\"zone\": 3}", "zone must be a text", 1, 2 },
    { "{\"columns\": \"time\"}", "columns must be an array of what they hold, or an object from their names: {\"Schluss\": \"close\"}", 1, 2 },
    { "{\"columns\": [\"tiem\"]}", "no column holds this; did you mean time", 1, 14 },
    { "{\"columns\": {\"Datum\": \"time\"}}", "the file has no column 'Datum'", 1, 14 },
    { "{\"invert\": [\"close\"]}", "a column in invert must be in series: close", 1, 13 },
  };
  write_text(folder, "EURUSD.csv", "time,close\n2024-01-02,1.1\n2024-01-03,1.2\n");
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
    sld_error err;
    write_text(folder, "EURUSD.json", faults[k].json);
    refused(folder, "EURUSD.csv", &err);
    assert_string_equal(err.message, faults[k].message);
    assert_int_equal(err.line, faults[k].line);
    assert_int_equal(err.column, faults[k].column);
  }
}

static void rates_are_inverted_and_listed_by_name(void **state) {
  (void)state;
  write_text(folder, "rates.json", "{\"series\": {\"Australia\": \"AUDUSD\", \"Japan\": \"USDJPY\"}, \"invert\": [\"Australia\"], \"ignore\": [\"Mars\"]}");
  static const char *const texts[] = {
    "Data,Australia,Mars,Japan\n1971-01-04,0.8,9,357.73\n1971-01-05,0.5,9,\n",
    "Date,Country,Exchange rate\n1971-01-04,Australia,0.8\n1971-01-05,Australia,0.5\n1971-01-04,Mars,9\n1971-01-04,Japan,357.73\n1971-01-05,Japan,\n",
  };
  for (size_t k = 0; k < 2; k++) {
    write_text(folder, "rates.csv", texts[k]);
    sld__market *market = loaded(folder, "rates.csv");
    const sld__series *aud = sld__market_find(market, "AUDUSD");
    assert_int_equal(sld__market_count(market), 2);
    assert_int_equal(aud->count, 2);
    assert_true(aud->close[0] == 1.0 / 0.8 && aud->close[1] == 2.0);
    assert_int_equal(aud->info.side, SLD_MID);
    assert_int_equal(sld__market_find(market, "USDJPY")->count, 1);
    sld__market_free(market);
  }
  write_text(folder, "rates.csv", "Date,Country,Exchange rate\n1971-01-04,Venus,0.8\n");
  refused_text("rates.csv", "'Venus' is no instrument; a file of the same name ending in .json can say which it is: {\"series\": {\"Venus\": \"EURUSD\"}}", "rates.csv", 2);
}

/* ---- Two files for one pair ---- */

static void asks_of_another_file_join_where_the_times_are_equal(void **state) {
  (void)state;
  write_text(folder, "EURUSD.json", "{\"ask\": \"EURUSD-ask.csv\"}");
  write_text(folder, "EURUSD.csv", "time,open,high,low,close\n2024-01-02 10:00,1.1,1.3,1.0,1.2\n2024-01-02 11:00,1.1,1.3,1.0,1.2\n2024-01-02 12:00,1.1,1.3,1.0,1.2\n");
  write_text(folder, "EURUSD-ask.csv", "time,open,high,low,close\n2024-01-02 10:00,1.2,1.4,1.1,1.3\n2024-01-02 11:00,1.2,1.4,1.1,1.3\n2024-01-02 12:00,1.1,1.3,1.0,1.2\n");
  sld__market *market = loaded(folder, ""); /* the asks are no file of their own in the folder */
  const sld__series *s = sld__market_find(market, "EURUSD");
  assert_int_equal(sld__market_count(market), 1);
  assert_int_equal(s->count, 3);
  assert_int_equal(s->info.side, SLD_BOTH);
  assert_true(s->open[1] == 1.1 && s->ask_open[1] == 1.2 && s->ask_high[0] == 1.4 && s->ask_low[0] == 1.1 && s->ask_close[2] == 1.2);
  sld__market_free(market);
  refused_text("EURUSD-ask.csv", "the file's name says that these are asks; tell the file of the bids about it by \"ask\", or tell a side", "EURUSD-ask.csv", 0);
}

static void asks_beside_bids_of_the_same_name_say_what_is_to_be_written(void **state) {
  (void)state;
  static const char *const names[][3] = { { "EURUSD-bid.csv", "EURUSD-ask.csv", "EURUSD-bid" }, { "eurusd_Bid.m1.csv.gz", "eurusd_Ask.m1.csv.gz", "eurusd_Bid.m1" }, { "BID EURUSD.csv", "ASK EURUSD.csv", "BID EURUSD" } };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char message[256];
    write_text(folder, names[i][0], "time,close\n2024-01-02 10:00,1.2\n2024-01-02 11:00,1.2\n");
    write_text(folder, names[i][1], "time,close\n2024-01-02 10:00,1.3\n2024-01-02 11:00,1.3\n");
    snprintf(message, sizeof message, "the file's name says that these are asks; a file %s.json can say so: {\"ask\": \"%s\"}", names[i][2], names[i][1]);
    refused_text(names[i][1], message, names[i][1], 0);
  }
  write_text(folder, "EURUSD-bid.json", "{\"ask\": \"EURUSD-ask.csv\"}"); /* as told */
  sld__market *market = loaded(folder, "EURUSD-bid.csv");
  assert_int_equal(sld__market_find(market, "EURUSD")->info.side, SLD_BOTH);
  sld__market_free(market);
}

/* One file twice would be a market without a spread. */
static void bids_are_not_their_own_asks(void **state) {
  (void)state;
  write_text(folder, "EURUSD.json", "{\"ask\": \"EURUSD.csv\"}");
  write_text(folder, "EURUSD.csv", "time,close\n2024-01-02 10:00,1.2\n2024-01-02 11:00,1.2\n");
  refused_text("EURUSD.csv", "the asks are in a file of their own, not in that of the bids", "EURUSD.csv", 0);
}

static void rows_that_cannot_be_joined_are_refused_or_listed(void **state) {
  (void)state;
  char message[3 * PATH_SIZE];
  char path[2 * PATH_SIZE];
  sld_load_report *report;
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  write_text(folder, "EURUSD.json", "{\"ask\": \"EURUSD-ask.csv\"}");
  write_text(folder, "EURUSD.csv", "time,close\n2024-01-02 10:00,1.2\n2024-01-02 11:00,1.2\n2024-01-02 12:00,1.2\n2024-01-02 13:00,1.2\n");
  write_text(folder, "EURUSD-ask.csv", "time,close\n2024-01-02 10:00,1.3\n2024-01-02 12:00,1.1\n2024-01-02 13:00,1.3\n2024-01-02 14:00,1.3\n");
  snprintf(message, sizeof message, "2024-01-02T11:00:00Z: no row of this time is in %s/EURUSD-ask.csv", folder);
  refused_text("EURUSD.csv", message, "EURUSD.csv", 3);
  options.lenient = true;
  snprintf(path, sizeof path, "%s/EURUSD.csv", folder);
  sld__market *market = loaded_with(path, &options, &report);
  assert_int_equal(sld__market_at(market, 0)->count, 2);
  assert_int_equal(sld_load_report_note_count(report), 3);
  static const int lines[] = { 3, 3, 5 };
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(sld_load_report_note_at(report, i)->kind, SLD_NOTE_DROPPED);
    assert_int_equal(sld_load_report_note_at(report, i)->line, lines[i]);
  }
  assert_string_equal(sld_load_report_note_at(report, 1)->message, "2024-01-02T12:00:00Z: the ask is below the bid");
  sld_load_report_free(report);
  sld__market_free(market);
}

static void minutes_of_two_shared_files_are_one_pair(void **state) {
  (void)state;
  char path[PATH_SIZE];
  char ask[PATH_SIZE];
  sld_error err;
  sld_load_report *report;
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  shared_path(path, "data/m1/usdjpy-m1-bid-2013.csv.gz");
  shared_path(ask, "data/m1/usdjpy-m1-ask-2013.csv.gz");
  options.ask = ask;
  refused_with(path, &options, &err); /* FXCM's quotes cross */
  assert_string_equal(err.file, ask);
  assert_non_null(strstr(err.message, "the ask is below the bid"));
  options.lenient = true;
  sld__market *market = loaded_with(path, &options, &report);
  const sld__series *s = sld__market_at(market, 0);
  assert_int_equal(s->count + sld_load_report_note_count(report), 28761);
  assert_int_equal(s->info.side, SLD_BOTH);
  sld_load_report_free(report);
  sld__market_free(market);
}

static void files_follow_each_other_and_overlap_in_equal_rows_alone(void **state) {
  (void)state;
  char message[3 * PATH_SIZE];
  write_text(folder, "DAT_EURUSD_2.csv", "time,close\n2024-01-02 12:00,1.3\n2024-01-02 13:00,1.4\n");
  write_text(folder, "DAT_EURUSD_1.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.2\n");
  sld__market *market = loaded(folder, "");
  const sld__series *s = sld__market_find(market, "EURUSD");
  assert_int_equal(s->count, 4);
  for (size_t i = 1; i < 4; i++) assert_true(s->time[i] - s->time[i - 1] == SLD__NS_PER_HOUR && s->close[i] > s->close[i - 1]);
  sld__market_free(market);
  write_text(folder, "DAT_EURUSD_2.csv", "time,close\n2024-01-02 11:00,1.25\n2024-01-02 12:00,1.3\n");
  snprintf(message, sizeof message, "EURUSD at 2024-01-02T11:00:00Z has other values than in %s/DAT_EURUSD_1.csv:3", folder);
  refused_text("", message, "DAT_EURUSD_2.csv", 2);
  write_text(folder, "DAT_EURUSD_2.csv", "time,close\n2024-01-02 11:00,1.2\n2024-01-02 12:00,1.3\n");
  market = loaded(folder, "");
  assert_int_equal(sld__market_find(market, "EURUSD")->count, 3);
  sld__market_free(market);
}

/* ---- Archives ---- */

static void write_gzip(const char *name, const char *text, size_t size, int times) {
  char path[2 * PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  gzFile file = gzopen(path, "wb9");
  assert_non_null(file);
  for (int i = 0; i < times; i++) assert_int_equal(gzwrite(file, text, (unsigned)size), size);
  assert_int_equal(gzclose(file), Z_OK);
}

static void gzip_is_read_member_after_member_and_bombs_are_not(void **state) {
  (void)state;
  static const char head[] = "time,close\n2024-01-02 10:00,1.1\n";
  char path[2 * PATH_SIZE];
  size_t first;
  size_t second;
  write_gzip("a.gz", head, strlen(head), 1);
  write_gzip("b.gz", "2024-01-02 11:00,1.2\n", 21, 1);
  snprintf(path, sizeof path, "%s/a.gz", folder);
  char *a = read_whole(path, &first);
  snprintf(path, sizeof path, "%s/b.gz", folder);
  char *b = read_whole(path, &second);
  char both[512];
  memcpy(both, a, first);
  memcpy(both + first, b, second);
  write_bytes(folder, "EURUSD.csv.gz", both, first + second);
  sld__market *market = loaded(folder, "EURUSD.csv.gz");
  assert_int_equal(sld__market_at(market, 0)->count, 2);
  sld__market_free(market);
  memcpy(both + first + second, "junk", 4);
  write_bytes(folder, "EURUSD.csv.gz", both, first + second + 4);
  char message[128];
  snprintf(message, sizeof message, "4 bytes that are no gzip follow the end of the data at byte %zu", first + second);
  refused_text("EURUSD.csv.gz", message, "EURUSD.csv.gz", 0);
  for (size_t cut = 2; cut < first; cut++) {
    sld_error err;
    write_bytes(folder, "EURUSD.csv.gz", a, cut);
    refused(folder, "EURUSD.csv.gz", &err);
    assert_non_null(strstr(err.message, "the gzip file is cut off: its data end at byte"));
  }
  free(a);
  free(b);
  char *zeros = calloc(1, 1 << 20);
  assert_non_null(zeros);
  write_gzip("GBPUSD.csv.gz", zeros, 1 << 20, 80);
  refused_text("GBPUSD.csv.gz", "the gzip file unpacks to more than 200 times its size; no table of prices does", "GBPUSD.csv.gz", 0);
  free(zeros);
}

static void a_broken_hour_of_ticks_is_named(void **state) {
  (void)state;
  char path[PATH_SIZE];
  size_t size;
  shared_path(path, "data/bi5/compressed/GBPJPY/2012/11/03/04h_ticks.bi5");
  char *bytes = read_whole(path, &size);
  write_bytes(folder, "04h_ticks.bi5", bytes, size);
  refused_text("04h_ticks.bi5", "the path must say which hour this is, its month counted from 0: GBPJPY/2012/11/03/00h_ticks.bi5", "04h_ticks.bi5", 0);
  for (size_t cut = 1; cut < size; cut += 97) {
    sld_error err;
    write_bytes(folder, "04h_ticks.bi5", bytes, cut);
    refused(folder, "04h_ticks.bi5", &err);
    assert_int_equal(err.status, SLD_EPARSE);
  }
  free(bytes);
}

/* ---- Workers ---- */

typedef struct outcome {
  sld_status status;
  sld_error err;
  char hash[SLD__HASH_TEXT_SIZE];
  size_t rows, dropped, notes;
} outcome;

static void backwards(void *ud, size_t count, void (*task)(void *arg, size_t i), void *arg) {
  (void)ud;
  for (size_t i = count; i-- > 0;) task(arg, i);
}

/* Loads folder/name as `workers` would, last part first. */
static outcome load_by(const char *name, int workers, bool lenient) {
  char path[2 * PATH_SIZE];
  outcome out = { .status = SLD_OK };
  const struct sld__parallel parallel = { backwards, NULL, workers };
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  sld_load_report *report = NULL;
  sld__market *market = new_market();
  options.lenient = lenient;
  options.zone = "America/New_York";
  snprintf(path, sizeof path, "%s/%s", folder, name);
  memset(&out.err, 0, sizeof out.err);
  out.status = sld__market_load_with(market, path, &options, &parallel, &report, &out.err);
  if (out.status == SLD_OK) {
    sld__market_hash(market, out.hash);
    out.rows = sld_load_report_source_at(report, 0)->rows;
    out.dropped = sld_load_report_source_at(report, 0)->dropped;
    out.notes = sld_load_report_note_count(report);
  }
  sld_load_report_free(report);
  sld__market_free(market);
  return out;
}

static void expect_same(const char *name) {
  for (int lenient = 0; lenient < 2; lenient++) {
    outcome one = load_by(name, 1, lenient != 0);
    for (int workers = 2; workers <= 8; workers *= 2) {
      outcome many = load_by(name, workers, lenient != 0);
      assert_int_equal(many.status, one.status);
      assert_string_equal(many.err.message, one.err.message);
      assert_int_equal(many.err.line, one.err.line);
      assert_int_equal(many.err.column, one.err.column);
      assert_string_equal(many.hash, one.hash);
      assert_int_equal(many.rows, one.rows);
      assert_int_equal(many.dropped, one.dropped);
      assert_int_equal(many.notes, one.notes);
    }
  }
}

enum { ROWS = 100000, ROW_SIZE = 57 };

/* Minutes on end as New York's clock shows them in summer, and behind minute `back` (UTC) in winter. */
static void write_rows(char *text, int64_t first_minute, int64_t back) {
  for (int i = 0; i < ROWS; i++) {
    struct sld__civil c;
    char row[2 * ROW_SIZE];
    sld__civil_from_time(&c, (first_minute + i - (first_minute + i < back ? 240 : 300)) * SLD__NS_PER_MINUTE);
    int price = 10000 + i % 97;
    int size = snprintf(row, sizeof row, "%04d-%02d-%02d %02d:%02d:00,1.%05d,1.%05d,1.%05d,1.%05d,%04d\n", (int)c.year, c.month, c.day, c.hour, c.minute, price, price + 9, price - 9, price + 1, i % 1000);
    assert_int_equal(size, ROW_SIZE);
    memcpy(text + (size_t)i * ROW_SIZE, row, ROW_SIZE);
  }
}

static void parts_of_a_file_are_read_as_one(void **state) {
  (void)state;
  static const char head[] = "time,open,high,low,close,volume\n";
  size_t front = strlen(head);
  size_t size = front + (size_t)ROWS * ROW_SIZE;
  char *text = malloc(size);
  assert_non_null(text);
  memcpy(text, head, front);
  write_rows(text + front, sld__days_from_civil(2024, 5, 1) * 1440, INT64_MAX);
  write_bytes(folder, "EURUSD.csv", text, size);
  expect_same("EURUSD.csv");
  assert_int_equal(load_by("EURUSD.csv", 4, false).rows, ROWS);

  /* one byte changed, anywhere; two of them so that the first has to be found */
  uint64_t seed = 99;
  static const char bytes[] = { 0, '\n', '\r', '"', ',', '9', '0', 'x', ' ' };
  for (int k = 0; k < 40; k++) {
    size_t at[2];
    char kept[2];
    for (int i = 0; i < 2; i++) {
      seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
      at[i] = front + (size_t)(seed >> 16) % (size - front);
      kept[i] = text[at[i]];
      text[at[i]] = bytes[(seed >> 8) % sizeof bytes];
    }
    write_bytes(folder, "EURUSD.csv", text, size);
    expect_same("EURUSD.csv");
    text[at[1]] = kept[1];
    text[at[0]] = kept[0];
  }
  free(text);
}

/* The hour comes twice, and the text is cut in it, now in the first of the two and now in the second: the rows before the cut settle which it is. */
static void a_cut_in_the_hour_that_comes_twice_does_no_harm(void **state) {
  (void)state;
  static const char head[] = "time,open,high,low,close,volume\n";
  size_t front = strlen(head);
  size_t size = front + (size_t)ROWS * ROW_SIZE;
  char *text = malloc(size);
  assert_non_null(text);
  memcpy(text, head, front);
  int64_t back = sld__days_from_civil(2024, 11, 3) * 1440 + 360;
  for (int k = 0; k < 8; k++) {
    int64_t cut = back + (k % 2 ? 30 : -30);
    write_rows(text + front, cut - (k / 2 + 1) * (ROWS / 5), back);
    write_bytes(folder, "EURUSD.csv", text, size);
    assert_int_equal(load_by("EURUSD.csv", 1, false).rows, ROWS);
    expect_same("EURUSD.csv");
  }
  free(text);
}

static void the_first_of_several_bad_files_is_told(void **state) {
  (void)state;
  write_text(folder, "AUDUSD.csv", "time,close\n2024-01-02 10:00,0.6\n2024-01-02 11:00,0.6\n");
  write_text(folder, "EURUSD.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,what\n");
  write_text(folder, "GBPUSD.csv", "time,close\nwhen,1.1\n");
  expect_same("");
  assert_non_null(strstr(load_by("", 4, false).err.file, "EURUSD.csv"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(columns_are_told_by_place_and_by_name, make, clear),
    cmocka_unit_test_setup_teardown(faults_of_descriptions_are_named_in_them, make, clear),
    cmocka_unit_test_setup_teardown(rates_are_inverted_and_listed_by_name, make, clear),
    cmocka_unit_test_setup_teardown(asks_of_another_file_join_where_the_times_are_equal, make, clear),
    cmocka_unit_test_setup_teardown(asks_beside_bids_of_the_same_name_say_what_is_to_be_written, make, clear),
    cmocka_unit_test_setup_teardown(bids_are_not_their_own_asks, make, clear),
    cmocka_unit_test_setup_teardown(rows_that_cannot_be_joined_are_refused_or_listed, make, clear),
    cmocka_unit_test_setup_teardown(minutes_of_two_shared_files_are_one_pair, make, clear),
    cmocka_unit_test_setup_teardown(files_follow_each_other_and_overlap_in_equal_rows_alone, make, clear),
    cmocka_unit_test_setup_teardown(gzip_is_read_member_after_member_and_bombs_are_not, make, clear),
    cmocka_unit_test_setup_teardown(a_broken_hour_of_ticks_is_named, make, clear),
    cmocka_unit_test_setup_teardown(parts_of_a_file_are_read_as_one, make, clear),
    cmocka_unit_test_setup_teardown(a_cut_in_the_hour_that_comes_twice_does_no_harm, make, clear),
    cmocka_unit_test_setup_teardown(the_first_of_several_bad_files_is_told, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
