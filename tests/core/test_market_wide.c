/* Columns of rates, one for each pair: what is read, and what is refused where. */
#include "market_folder.h"

#include "base/time.h"

#define DAY(year, month, day) (sld__days_from_civil(year, month, day) * SLD__NS_PER_DAY)

static sld__market *read_text(const char *text) {
  write_text(folder, "rates.csv", text);
  return loaded(folder, "rates.csv");
}

static void holes_of_every_kind_leave_no_bar(void **state) {
  (void)state;
  sld__market *market = read_text("date,EURUSD,USDJPY\n2024-01-02,1.1,\n2024-01-03,.,140\n2024-01-04,ND,141\n2024-01-05,N/A,142\n2024-01-08,1.2,143\n2024-01-09,,\n");
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  const sld__series *usdjpy = sld__market_find(market, "USDJPY");
  assert_int_equal(eurusd->count, 2);
  assert_int_equal(eurusd->time[0], DAY(2024, 1, 2));
  assert_int_equal(eurusd->time[1], DAY(2024, 1, 8));
  assert_true(eurusd->close[0] == 1.1 && eurusd->close[1] == 1.2);
  assert_int_equal(usdjpy->count, 4);
  assert_int_equal(usdjpy->time[0], DAY(2024, 1, 3));
  assert_true(usdjpy->close[3] == 143.0);
  assert_int_equal(eurusd->info.period_ns, SLD__NS_PER_DAY); /* and not the six days between its two bars */
  assert_int_equal(eurusd->info.side, SLD_MID);
  assert_true(eurusd->info.one_price && eurusd->info.date_only);
  sld__market_free(market);
}

static void every_form_of_date_separator_and_line_end_gives_the_same_market(void **state) {
  (void)state;
  static const char *const texts[] = {
    "date,EURUSD,USDJPY\n2024-01-02,1.1,140\n2024-01-03,1.2,\n2024-01-04,1.3,142\n",
    "\xEF\xBB\xBFobservation_date,EURUSD,USDJPY\r\n2024-01-02,1.1,140\r\n2024-01-03,1.2,\r\n2024-01-04,1.3,142",
    ";EURUSD;USDJPY\n2024.01.02;1.1;140\n2024.01.03;1.2;ND\n2024.01.04;1.3;142\n",
    "Date\tEURUSD\tUSDJPY\n2024-01-02\t1.1\t140\n2024-01-03\t1.2\t.\n2024-01-04\t1.3\t142\n",
    "\"date\",\"EURUSD\",\"USDJPY\"\n\"2024-01-02\",\"1.1\",\"140\"\n\"2024-01-03\",\"1.2\",\"\"\n\"2024-01-04\",\"1.3\",\"142\"\n",
    "Date,EURUSD,USDJPY,\n2024-01-04,1.3,142,\n2024-01-03,1.2,N/A,\n2024-01-02,1.1,140,\n\n",
    "date,USDJPY,EURUSD\n2024-01-02,140,1.1\n2024-01-03, ,1.2\n2024-01-04,142.000,13e-1\n",
  };
  char first[SLD__HASH_TEXT_SIZE];
  for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
    char hash[SLD__HASH_TEXT_SIZE];
    sld__market *market = read_text(texts[k]);
    assert_int_equal(sld__market_count(market), 2);
    sld__market_hash(market, hash);
    if (k == 0) memcpy(first, hash, sizeof first);
    assert_string_equal(hash, first);
    sld__market_free(market);
  }
}

static void a_time_of_day_gives_the_period_of_the_rows(void **state) {
  (void)state;
  sld__market *market = read_text("time,EURUSD\n2024-01-02 10:00,1.1\n2024-01-02T14:00:00Z,1.2\n2024-01-02 20:00+02:00,1.3\n");
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  assert_int_equal(eurusd->info.period_ns, 4 * SLD__NS_PER_HOUR);
  assert_int_equal(eurusd->time[2], DAY(2024, 1, 2) + 18 * SLD__NS_PER_HOUR);
  assert_false(eurusd->info.date_only);
  sld__market_free(market);
  market = read_text("time,EURUSD\n1704153600,1.1\n1704240000,1.2\n");
  assert_int_equal(sld__market_find(market, "EURUSD")->info.period_ns, SLD__NS_PER_DAY);
  sld__market_free(market);
}

static void the_description_beside_names_leaves_out_and_takes_sides(void **state) {
  (void)state;
  write_text(folder, "rates.json", "{\"source\": \"a bank\", \"side\": \"bid\",\n \"series\": {\"DEXJPUS\": \"USDJPY\"},\n \"ignore\": [\"SEOUL\"]}");
  sld__market *market = read_text("date,DEXJPUS,SEOUL,EURUSD\n2024-01-02,140,1300,1.1\n2024-01-03,141,what,1.2\n");
  assert_int_equal(sld__market_count(market), 2);
  assert_int_equal(sld__market_find(market, "USDJPY")->info.side, SLD_BID);
  assert_non_null(sld__market_find(market, "EURUSD"));
  sld__market_free(market);
}

#define HEAD "date,EURUSD,USDJPY\n2024-01-02,1.1,140\n"

static void every_fault_is_named_at_its_place(void **state) {
  (void)state;
  static const struct {
    const char *text;
    sld_status status;
    int line, column;
    const char *message;
  } faults[] = {
    { "date,EURUSX\n2024-01-02,1.1\n", SLD_ENAME, 1, 6, "column 'EURUSX' is no instrument; did you mean 'EURUSD'?" },
    { "date,opne,hgih\n2024-01-02,1.1,1.2\n", SLD_ENAME, 1, 6, "column 'opne' is no instrument; did you mean 'open'?" },
    { "date,SEOUL\n2024-01-02,1300\n", SLD_ENAME, 1, 6,
      "column 'SEOUL' is no instrument; a file of the same name ending in .json can say which it is: {\"series\": {\"SEOUL\": \"EURUSD\"}}" },
    { "date,\n2024-01-02,\n", SLD_EPARSE, 1, 1, "no column of rates" },
    { "date,EURUSD,USDJPY\n", SLD_EPARSE, 1, 1, "a header and no rows" },
    { "date,EURUSD,USDJPY\n2024-01-02,1.1,\n", SLD_EPARSE, 1, 0, "column 'USDJPY' holds no value" },
    { HEAD "2024-13-02,1.1,140\n", SLD_EPARSE, 3, 1, "'2024-13-02': no such month" },
    { HEAD "undefined,1.1,140\n", SLD_EPARSE, 3, 1, "'undefined': not a date" },
    { HEAD "2024-01-02,1.2,141\n", SLD_EPARSE, 3, 1, "2024-01-02 stands here twice" },
    { HEAD "2024-01-04,1.2,141\n2024-01-03,1.2,141\n", SLD_EPARSE, 4, 1, "2024-01-03 is out of order: the rows before go forward in time" },
    { HEAD "2024-01-01,1.2,141\n2024-01-03,1.2,141\n", SLD_EPARSE, 4, 1, "2024-01-03 is out of order: the rows before go back in time" },
    { HEAD "2024-01-03,1.2,a lot\n", SLD_EPARSE, 3, 16, "USDJPY: 'a lot' is not a number" },
    { HEAD "2024-01-03,1.2,-141\n", SLD_EPARSE, 3, 16, "USDJPY: -141; a price must be above 0" },
    { HEAD "2024-01-03,0.000,141\n", SLD_EPARSE, 3, 12, "EURUSD: 0.000; a price must be above 0" },
    { HEAD "2024-01-03,nd,141\n", SLD_EPARSE, 3, 12, "EURUSD: 'nd' is not a number" },
    { HEAD "2024-01-03,1.2,1410\n", SLD_EPARSE, 3, 16, "USDJPY: 1410 is far from the value before; has the decimal point slipped?" },
    { HEAD "2024-01-03,12000,141\n", SLD_EPARSE, 3, 12, "EURUSD: 12000 is no price of EURUSD; is it in points?" },
    { HEAD "2024-01-03,1.2\n", SLD_EPARSE, 3, 15, "2 fields where the header has 3" },
    { HEAD "2024-01-03,1.2,141,7\n", SLD_EPARSE, 3, 20, "4 fields where the header has 3" },
    { HEAD "2024-01-03,1.2,\"141\n", SLD_EPARSE, 3, 16, "the quote does not end on its line" },
    { "0.785500,1.611000,0.861698\n0.781800,1.610000,0.861104\n", SLD_EPARSE, 1, 1, "'0.785500' is no column's name; the first line must be a header" },
  };
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++)
    refused_at(folder, "rates.csv", faults[k].text, strlen(faults[k].text), faults[k].status, faults[k].line, faults[k].column, faults[k].message);
}

static void faults_of_the_description_are_named_in_it(void **state) {
  (void)state;
  static const struct {
    const char *json;
    sld_status status;
    int line, column;
    const char *message;
  } faults[] = {
    { "{\"series\": {\"DEXJPUS\": \"USDJPX\"}}", SLD_ENAME, 1, 24, "no such instrument; did you mean USDJPY" },
    { "{\"series\": {\"DEXJPUS\": \"Tokyo Harbour\"}}", SLD_ENAME, 1, 24, "no such instrument: Tokyo Harbour" },
    { "{\"series\":\n {\"DEXJPUS\": 7}}", SLD_EPARSE, 2, 3, "the pair must be a text such as \"EURUSD\"" },
    { "{\"series\": [\"DEXJPUS\"]}", SLD_EPARSE, 1, 2, "series must be an object from columns to pairs: {\"DEXJPUS\": \"USDJPY\"}" },
    { "{\"serie\": {\"DEXJPUS\": \"USDJPY\"}}", SLD_EPARSE, 1, 2, "unknown field; did you mean series" },
    { "{\"flavour\": 1}", SLD_EPARSE, 1, 2, "unknown field; there are source, dialect, zone, side, pair, ask, scale, date, day_first, newest_first, timeframe, columns, series, invert and ignore" },
    { "{\"side\": \"ask\"}", SLD_EPARSE, 1, 2, "the side must be \"bid\" or \"mid\"" },
    { "{\"source\": 7}", SLD_EPARSE, 1, 2, "the source must be a text" },
    { "{\"ignore\": \"DEXJPUS\"}", SLD_EPARSE, 1, 2, "ignore must be an array of columns: [\"spread\"]" },
    { "{\"ignore\": [7]}", SLD_EPARSE, 1, 2, "ignore must be an array of columns: [\"spread\"]" },
    { "{\"series\": {\"DEXJPUS\": \"USDJPY\"},\n\"ignore\": [\"DEXJPUS\"]}", SLD_EPARSE, 1, 13, "a column is both in series and in ignore: DEXJPUS" },
    { "{\"pair\": \"EURUSD\", \"series\": {}}", SLD_EPARSE, 1, 20, "pair and series exclude each other" },
    { "{\"pair\": 7}", SLD_EPARSE, 1, 2, "the pair must be a text such as \"EURUSD\"" },
    { "{\"pair\": \"EURUSD\"}", SLD_EPARSE, 0, 0, "\"pair\" describes bars, but the file has columns of rates; use \"series\"" },
    { "{\"series\": {\"DEXJPUS\": \"USDJPY\",\n  \"DEXUSEU\": \"EURUSD\"}}", SLD_ENAME, 2, 3, "the file has no column 'DEXUSEU'" },
    { "[]", SLD_EPARSE, 1, 1, "an object is expected" },
  };
  write_text(folder, "rates.csv", "date,DEXJPUS\n2024-01-02,140\n2024-01-03,141\n");
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
    char path[2 * PATH_SIZE];
    sld_error err;
    write_text(folder, "rates.json", faults[k].json);
    refused(folder, "rates.csv", &err);
    snprintf(path, sizeof path, "%s/rates.json", folder);
    assert_string_equal(err.message, faults[k].message);
    assert_string_equal(err.file, path);
    assert_int_equal(err.line, faults[k].line);
    assert_int_equal(err.column, faults[k].column);
    assert_int_equal(err.status, faults[k].status);
  }
  static const char *const torn[] = { "", "{", "{\"series\": {\"DEXJPUS\": \"USD", "{} {}", "nul\0l", "\xFF\xFE{", "{\"side\": \"mid\", \"side\": \"bid\"}" };
  for (size_t k = 0; k < sizeof torn / sizeof torn[0]; k++) {
    sld_error err;
    write_text(folder, "rates.json", torn[k]);
    refused(folder, "rates.csv", &err);
    assert_int_equal(err.status, SLD_EPARSE);
    assert_non_null(strstr(err.file, "rates.json"));
  }
}

static void a_column_beyond_the_description_is_named_with_a_suggestion(void **state) {
  (void)state;
  char message[PATH_SIZE + 200];
  sld_error err;
  write_text(folder, "rates.json", "{\"series\": {\"DEXJPUS\": \"USDJPY\"}}");
  write_text(folder, "rates.csv", "date,DEXJPUS,DEXJPUK\n2024-01-02,140,180\n");
  refused(folder, "rates.csv", &err);
  snprintf(message, sizeof message, "column 'DEXJPUK' is neither an instrument nor in %s/rates.json; did you mean 'DEXJPUS'?", folder);
  assert_string_equal(err.message, message);
  assert_int_equal(err.line, 1);
  assert_int_equal(err.column, 14);
}

static void a_pair_twice_is_refused_in_one_file_and_in_two(void **state) {
  (void)state;
  sld_error err;
  char path[2 * PATH_SIZE];
  write_text(folder, "rates.json", "{\"series\": {\"DEXJPUS\": \"USDJPY\"}}");
  refused_at(folder, "rates.csv", "date,DEXJPUS,USDJPY\n2024-01-02,140,140\n", 39, SLD_EVALUE, 1, 14, "columns 'DEXJPUS' and 'USDJPY' are both USDJPY");

  write_text(folder, "rates.csv", "date,DEXJPUS\n2024-01-02,140\n");
  write_text(folder, "USDJPY.csv", "time,close\n2024-01-02,140\n2024-01-03,141\n");
  refused(folder, "", &err); /* the whole folder */
  assert_int_equal(err.status, SLD_EVALUE);
  snprintf(path, sizeof path, "USDJPY (1d) is loaded already from %s/USDJPY.csv, with other columns or of another side", folder);
  assert_string_equal(err.message, path);

  sld__market *market = loaded(folder, "rates.csv");
  snprintf(path, sizeof path, "%s/USDJPY.csv", folder);
  assert_int_equal(sld__market_load(market, path, &err), SLD_EVALUE);
  assert_string_equal(err.file, path);
  assert_string_equal(err.message, "USDJPY (1d) is loaded already; a market holds a pair and period once");
  assert_int_equal(sld__market_count(market), 1);
  sld__market_free(market);
}

static void what_is_not_there_is_an_error_of_the_system(void **state) {
  (void)state;
  sld_error err;
  char path[2 * PATH_SIZE];
  refused(folder, "none.csv", &err);
  snprintf(path, sizeof path, "%s/none.csv", folder);
  assert_int_equal(err.status, SLD_EIO);
  assert_string_equal(err.file, path);
  assert_string_equal(err.message, "cannot open: No such file or directory");
  refused("/dev", "null", &err);
  assert_int_equal(err.status, SLD_EIO);
  assert_string_equal(err.message, "cannot read: not a regular file");
}

static void a_folder_with_nothing_in_it_is_refused(void **state) {
  (void)state;
  static const char looked_for[] = "no files that end in .csv, .csv.gz, .zip or .bi5, no column store, and no folder of them that is called after an instrument or by a number; ";
  sld_error err;
  char message[2 * PATH_SIZE];
  refused(folder, "", &err);
  assert_int_equal(err.status, SLD_EPARSE);
  assert_string_equal(err.message, "the folder is empty");
  write_text(folder, "readme.txt", "no data");
  snprintf(message, sizeof message, "%s/old", folder);
  assert_int_equal(sld__os_make_dir(message, NULL), SLD_OK);
  refused(folder, "", &err);
  assert_int_equal(err.status, SLD_EPARSE);
  snprintf(message, sizeof message, "%sthe folder holds old/ and readme.txt", looked_for);
  assert_string_equal(err.message, message);
  char name[] = "1-a-very-long-name-of-a-file-that-holds-nothing-that-is-of-any-use-here.txt";
  for (; *name < '6'; ++*name) write_text(folder, name, "");
  refused(folder, "", &err);
  snprintf(message, sizeof message, "%sthe folder holds 1%.59s, 2%.59s, 3", looked_for, name + 1, name + 1);
  assert_memory_equal(err.message, message, strlen(message));
  assert_string_equal(err.message + strlen(err.message) - 11, " and 3 more");
}

static void one_bad_file_of_a_folder_adds_nothing(void **state) {
  (void)state;
  sld_error err;
  write_text(folder, "EURUSD.CSV", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.2\n");
  write_text(folder, "GBPUSD.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,what\n");
  refused(folder, "", &err);
  assert_int_equal(err.line, 3);
  assert_int_equal(err.column, 18);
  write_text(folder, "GBPUSD.csv", "time,close\n2024-01-02 10:00,1.1\n2024-01-02 11:00,1.2\n");
  sld__market *market = loaded(folder, "");
  assert_int_equal(sld__market_count(market), 2);
  sld__market_free(market);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(holes_of_every_kind_leave_no_bar, make, clear),
    cmocka_unit_test_setup_teardown(every_form_of_date_separator_and_line_end_gives_the_same_market, make, clear),
    cmocka_unit_test_setup_teardown(a_time_of_day_gives_the_period_of_the_rows, make, clear),
    cmocka_unit_test_setup_teardown(the_description_beside_names_leaves_out_and_takes_sides, make, clear),
    cmocka_unit_test_setup_teardown(every_fault_is_named_at_its_place, make, clear),
    cmocka_unit_test_setup_teardown(faults_of_the_description_are_named_in_it, make, clear),
    cmocka_unit_test_setup_teardown(a_column_beyond_the_description_is_named_with_a_suggestion, make, clear),
    cmocka_unit_test_setup_teardown(a_pair_twice_is_refused_in_one_file_and_in_two, make, clear),
    cmocka_unit_test_setup_teardown(what_is_not_there_is_an_error_of_the_system, make, clear),
    cmocka_unit_test_setup_teardown(a_folder_with_nothing_in_it_is_refused, make, clear),
    cmocka_unit_test_setup_teardown(one_bad_file_of_a_folder_adds_nothing, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
