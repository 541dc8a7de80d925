/* Bars of one pair in columns named by a header: what is read, and what is refused where. */
#include "market_folder.h"

#include "base/time.h"

#define HEAD "time,open,high,low,close,volume\n"
#define GOOD "2024-01-02 21:50,1.1,1.3,1.0,1.2,5\n"

static sld__market *read_text(const char *name, const char *text) {
  write_text(folder, name, text);
  return loaded(folder, name);
}

static void columns_stand_in_any_order_under_any_usual_name(void **state) {
  (void)state;
  static const char *const texts[] = {
    "time,open,high,low,close,volume\n2024-01-02 21:50,1.1,1.3,1.0,1.2,5\n2024-01-02 21:51,1.2,1.4,1.1,1.3,6\n",
    "Volume,CLOSE,Low,High,Open,Timestamp\n5,1.2,1.0,1.3,1.1,2024-01-02 21:50\n6,1.3,1.1,1.4,1.2,2024-01-02 21:51\n",
    "t,o,h,l,c,v\n1704232200,1.1,1.3,1.0,1.2,5\n1704232260,1.2,1.4,1.1,1.3,6\n",
    "datetime;open;high;low;close;tick_volume;spread;real_volume\n2024.01.02 21:50;1.1;1.3;1.0;1.2;5;12;x\n2024.01.02 21:51;1.2;1.4;1.1;1.3;6;;0\n",
    "Date\tOpen\tHigh\tLow\tClose\tAdj Close\tVolume\n2024-01-02 21:50:00\t1.1\t1.3\t1.0\t1.2\t9\t5\n2024-01-02 21:51:00\t1.2\t1.4\t1.1\t1.3\t9\t6\n",
    "\"time\",\"open\",\"high\",\"low\",\"close\",\"vol\"\n\"2024-01-02T21:50:00Z\",\"1.1\",\"1.3\",\"1.0\",\"1.2\",\"5\"\n\"2024-01-02T21:51:00Z\",\"1.2\",\"1.4\",\"1.1\",\"1.3\",\"6\"\n",
    "\xEF\xBB\xBF,Open,High,Low,Close,Volume\r\n2024-01-02 21:50:00,1.1,1.3,1.0,1.2,5\r\n2024-01-02 21:51:00+00:00,1.2,1.4,1.1,1.3,6",
    "\"time,open,high,low,close,volume\"\r\n\"2024-01-02 21:50,1.1,1.3,1.0,1.2,5\"\r\n\"2024-01-02 21:51,1.2,1.4,1.1,1.3,6\"\r\n",
    "time , open, high, low, close, volume,\n 2024-01-02 21:50 , 1.1, +1.3, 10e-1, 1.20, 5,\n2024-01-02 23:51:00.000000000+02:00,1.2,1.4,1.1,1.3,6,\n\n",
  };
  char first[SLD__HASH_TEXT_SIZE];
  for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
    char hash[SLD__HASH_TEXT_SIZE];
    sld__market *market = read_text("EURUSD.csv", texts[k]);
    const sld__series *eurusd = sld__market_find(market, "EURUSD");
    assert_non_null(eurusd);
    assert_int_equal(eurusd->count, 2);
    assert_int_equal(eurusd->time[0], INT64_C(1704232200) * SLD__NS_PER_SECOND);
    assert_true(eurusd->open[0] == 1.1 && eurusd->high[0] == 1.3 && eurusd->low[0] == 1.0 && eurusd->close[0] == 1.2 && eurusd->volume[0] == 5.0);
    assert_true(eurusd->open[1] == 1.2 && eurusd->high[1] == 1.4 && eurusd->low[1] == 1.1 && eurusd->close[1] == 1.3 && eurusd->volume[1] == 6.0);
    assert_int_equal(eurusd->info.period_ns, SLD__NS_PER_MINUTE);
    assert_int_equal(eurusd->info.side, SLD_BID);
    assert_false(eurusd->info.one_price || eurusd->info.date_only);
    sld__market_hash(market, hash);
    if (k == 0) memcpy(first, hash, sizeof first);
    assert_string_equal(hash, first);
    sld__market_free(market);
  }
}

static void names_of_mids_say_the_side(void **state) {
  (void)state;
  static const char *const names[] = { "mid.o,mid.h,mid.l,mid.c", "openMid,highMid,lowMid,closeMid", "MidOpen,MidHigh,MidLow,MidClose", "mid_open,mid_high,mid_low,mid_close" };
  sld_error err;
  char text[256];
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    snprintf(text, sizeof text, "time,%s\n2024-01-02 21:50,1.1,1.3,1.0,1.2\n2024-01-02 21:51,1.2,1.4,1.1,1.3\n", names[k]);
    sld__market *market = read_text("EURUSD.csv", text);
    const sld__series *eurusd = sld__market_find(market, "EURUSD");
    assert_int_equal(eurusd->info.side, SLD_MID);
    assert_false(eurusd->info.side_assumed);
    assert_true(eurusd->open[1] == 1.2 && eurusd->high[1] == 1.4 && eurusd->low[1] == 1.1 && eurusd->close[1] == 1.3);
    sld__market_free(market);
  }
  write_text(folder, "EURUSD.json", "{\"side\": \"bid\"}");
  refused(folder, "EURUSD.csv", &err);
  assert_string_equal(err.message, "the file's columns are mids, but another side is told");
  write_text(folder, "EURUSD.json", "{}");
  write_text(folder, "EURUSD.csv", "time,mid,ask\n2024-01-02 21:50,1.1,1.3\n2024-01-02 21:51,1.2,1.4\n");
  refused(folder, "EURUSD.csv", &err);
  assert_string_equal(err.message, "the file's columns are mids, but there are asks beside them");
}

static void volume_and_three_of_the_prices_may_be_missing(void **state) {
  (void)state;
  sld__market *market = read_text("EURUSD.csv", "time,open,high,low,close\n2024-01-02 21:00,1.1,1.3,1.0,1.2\n2024-01-02 22:00,1.1,1.3,1.0,1.2\n");
  assert_null(sld__market_find(market, "EURUSD")->volume);
  sld__market_free(market);
  market = read_text("EURUSD.csv", "date,price\n2024-01-02,1.1\n2024-01-03,1.2\n");
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  assert_true(eurusd->info.one_price && eurusd->info.date_only);
  assert_ptr_equal(eurusd->open, eurusd->close);
  assert_int_equal(eurusd->info.period_ns, SLD__NS_PER_DAY);
  sld__market_free(market);
}

static void the_pair_is_in_the_file_name_or_in_the_description(void **state) {
  (void)state;
  sld__market *market = read_text("DAT_gbpusd_M1.csv", HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,5\n");
  assert_non_null(sld__market_find(market, "GBPUSD"));
  sld__market_free(market);

  write_text(folder, "prices.json", "{\"pair\": \"USDCHF\", \"side\": \"mid\", \"source\": \"a bank\", \"ignore\": [\"note\"]}");
  market = read_text("prices.csv", "time,open,high,low,close,note\n2024-01-02 21:50,1.1,1.3,1.0,1.2,hello\n2024-01-02 21:51,1.1,1.3,1.0,1.2,\n");
  assert_int_equal(sld__market_find(market, "USDCHF")->info.side, SLD_MID);
  sld__market_free(market);

  refused_at(folder, "bars.csv", HEAD GOOD, strlen(HEAD GOOD), SLD_ENAME, 0, 0,
             "the file's name holds no known instrument; name it after its pair (EURUSD.csv) or write a file of the same name ending in .json: {\"pair\": \"EURUSD\"}");
  refused_at(folder, "EURUSDJPY.csv", HEAD GOOD, strlen(HEAD GOOD), SLD_ENAME, 0, 0,
             "the file's name holds more than one instrument; name it after its pair (EURUSD.csv) or write a file of the same name ending in .json: {\"pair\": \"EURUSD\"}");
}

static void every_fault_is_named_at_its_place(void **state) {
  (void)state;
  static const struct {
    const char *text;
    sld_status status;
    int line, column;
    const char *message;
  } faults[] = {
    { "", SLD_EPARSE, 0, 0, "the file is empty" },
    { " \n\n", SLD_EPARSE, 1, 1, "the file holds nothing but blanks" },
    { HEAD, SLD_EPARSE, 1, 1, "a header and no rows" },
    { "open\n1.1\n", SLD_EPARSE, 1, 1, "a header of columns with , ; or tab between them is expected" },
    { "2024-01-02 21:50,1.1,1.3,1.0,1.2,5,6,7\n", SLD_EPARSE, 1, 1,
      "no header, and rows of 8 fields that begin with '2024-01-02 21:50' are of no known dialect; tell what they hold by \"columns\" in a file of the same name ending in .json" },
    { "time,open,high,low,close,1.3\n", SLD_EPARSE, 1, 26, "'1.3' is no column's name; the first line must be a header" },
    { "time,open,high,,low,close\n", SLD_EPARSE, 1, 16, "column 4 has no name" },
    { "time,open,high,low,close,close\n" GOOD, SLD_EPARSE, 1, 26, "two columns are called 'close'" },
    { "time,open,high,low,close,price\n" GOOD, SLD_EPARSE, 1, 26, "a second column of close: 'price'" },
    { "date,time,open,high,low,close\n" GOOD, SLD_EPARSE, 2, 1, "'2024-01-02 21:50': a date alone is expected, for the time of day stands in another column" },
    { "date,datetime,open,high,low,close\n" GOOD, SLD_EPARSE, 1, 6, "a second column of times: 'datetime'" },
    { "time,open,high,low,close,volumme\n" GOOD, SLD_ENAME, 1, 26, "unknown column 'volumme'; did you mean 'volume'?" },
    { "time,open,high,low,close,mood\n" GOOD, SLD_ENAME, 1, 26, "unknown column 'mood'; a file of the same name ending in .json can leave it out: {\"ignore\": [\"mood\"]}" },
    { "open,high,low,close,volume\n", SLD_EPARSE, 1, 1, "no column of times (time, timestamp, date or datetime)" },
    { "time,open,high,low,volume\n", SLD_EPARSE, 1, 1, "no column 'close'" },
    { "time,open,low,close\n", SLD_EPARSE, 1, 1, "open, high and low go together; 'high' is missing" },
    { HEAD GOOD "yesterday,1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 1, "'yesterday': not a date" },
    { HEAD GOOD "2024-02-30 21:50,1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 1, "'2024-02-30 21:50': no such day" },
    { HEAD GOOD "03/01/2024,1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 1, "'03/01/2024': day or month first? nothing says so; tell it by day_first" },
    { HEAD GOOD ",1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 1, "'': not a date" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2x,5\n", SLD_EPARSE, 3, 30, "close: '1.2x' is not a number" },
    { HEAD GOOD "2024-01-02 21:51,1.1,,1.0,1.2,5\n", SLD_EPARSE, 3, 22, "high: '' is not a number" },
    { HEAD GOOD "2024-01-02 21:51,nan,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 18, "open: 'nan' is not a number" },
    { HEAD GOOD "2024-01-02 21:51,1.1,inf,1.0,1.2,5\n", SLD_EPARSE, 3, 22, "high: 'inf' is not a number" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,0x1p0,1.2,5\n", SLD_EPARSE, 3, 26, "low: '0x1p0' is not a number" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1e400,1.0,1.2,5\n", SLD_EPARSE, 3, 22, "high: 1e400 is outside the range of a double" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1e-400,1.2,5\n", SLD_EPARSE, 3, 26, "low: 1e-400 is outside the range of a double" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,\"1,2\",5\n", SLD_EPARSE, 3, 31, "close: '1,2' is not a number (decimals are written with a point)" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,many\n", SLD_EPARSE, 3, 34, "volume: 'many' is not a number" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,-5\n", SLD_EPARSE, 3, 34, "volume: -5 is below 0" },
    { HEAD GOOD "2024-01-02 21:49,1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 1,
      "2024-01-02 21:49 is earlier than the row before; where the newest row is the first, tell it by newest_first" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,5\n2024-01-02 21:49,1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 4, 1, "2024-01-02 21:49 is earlier than the row before" },
    { HEAD GOOD GOOD, SLD_EPARSE, 3, 1, "2024-01-02 21:50 is the time of the row before" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.0,1.3,1.2,5\n", SLD_EPARSE, 3, 22, "the high is below the low" },
    { HEAD GOOD "2024-01-02 21:51,1.4,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 22, "the high is below open or close" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.15,1.2,5\n", SLD_EPARSE, 3, 26, "the low is above open or close" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,-1.0,1.2,5\n", SLD_EPARSE, 3, 26, "low: -1.0; a price must be above 0" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,0,5\n", SLD_EPARSE, 3, 30, "close: 0; a price must be above 0" },
    { HEAD GOOD "2024-01-02 21:51,110,130,100,120,5\n", SLD_EPARSE, 3, 30, "this bar's prices are far apart or far from the bar before; has the decimal point slipped?" },
    { HEAD GOOD "2024-01-02 21:51,1.1,130,1.0,1.2,5\n", SLD_EPARSE, 3, 22, "this bar's prices are far apart or far from the bar before; has the decimal point slipped?" },
    { HEAD GOOD "2024-01-02 21:51,110000,130000,100000,120000,5\n", SLD_EPARSE, 3, 18, "open: 110000 is no price of EURUSD; is it in points?" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2\n", SLD_EPARSE, 3, 33, "5 fields where the header has 6" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,5,7\n", SLD_EPARSE, 3, 36, "7 fields where the header has 6" },
    { HEAD GOOD "2024-01-02 21:51;1.1;1.3;1.0;1.2;5\n", SLD_EPARSE, 3, 35, "1 field where the header has 6" },
    { HEAD GOOD "\n2024-01-02 21:51,1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 1, "an empty line" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,\"1.2,5\n", SLD_EPARSE, 3, 30, "the quote does not end on its line" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,\"1.2\"x,5\n", SLD_EPARSE, 3, 35, "a separator is expected behind the quote" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1\"2,5\n", SLD_EPARSE, 3, 31, "a quote inside a field" },
    { "time,open,high,low,cl\"o,se\n" GOOD, SLD_EPARSE, 1, 22, "a quote inside a field" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,5\r2024-01-02 21:52,1.1,1.3,1.0,1.2,5\n", SLD_EPARSE, 3, 35, "a CR without LF; lines end with LF or CR LF" },
    { "\"time,close\"\n\"2024-01-02 21:50,1.2\"\n2024-01-02 21:51,1.2\n", SLD_EPARSE, 3, 1, "the line is not in quotes as the first one is" },
    { HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,\x1b[2J,5\n", SLD_EPARSE, 3, 30, "close: '?[2J' is not a number" },
    { HEAD GOOD, SLD_EVALUE, 0, 0, "one bar of EURUSD alone does not tell how long a bar is" },
    { "date,close\n1850-01-01,1.1\n1900-01-01,1.2\n", SLD_EVALUE, 0, 0, "the bars of EURUSD are more than a year apart" },
  };
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++)
    refused_at(folder, "EURUSD.csv", faults[k].text, strlen(faults[k].text), faults[k].status, faults[k].line, faults[k].column, faults[k].message);
}

/* The row is as long as the fast path wants it, and its NUL bytes are those of a date that was never read. */
static void nul_bytes_are_seen_by_either_path(void **state) {
  (void)state;
  static const char first[] = HEAD "\0\0\0\0\0\0\0\0\0\0 21:51,1.1,1.3,1.0,1.2,5\n" GOOD;
  static const char later[] = HEAD GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,\0\n" GOOD;
  static const char skipped[] = "time,open,high,low,close,spread\n" GOOD "2024-01-02 21:51,1.1,1.3,1.0,1.2,a\0b\n2024-01-02 21:52,1.1,1.3,1.0,1.2,7\n";
  refused_at(folder, "EURUSD.csv", first, sizeof first - 1, SLD_EPARSE, 2, 1, "a NUL byte");
  refused_at(folder, "EURUSD.csv", later, sizeof later - 1, SLD_EPARSE, 3, 34, "a NUL byte");
  refused_at(folder, "EURUSD.csv", skipped, sizeof skipped - 1, SLD_EPARSE, 3, 35, "a NUL byte");
}

static void a_line_without_end_is_one_error(void **state) {
  (void)state;
  enum { SIZE = 3 << 20 };
  char *text = malloc(SIZE);
  assert_non_null(text);
  memset(text, '7', SIZE);
  refused_at(folder, "EURUSD.csv", text, SIZE, SLD_EPARSE, 1, 65537, "a line of 3145728 bytes; no more than 65536 are read");
  memset(text, ',', SIZE);
  refused_at(folder, "EURUSD.csv", text, SIZE, SLD_EPARSE, 1, 65537, "a line of 3145728 bytes; no more than 65536 are read");
  memset(text, 'x', SIZE);
  memcpy(text, HEAD, strlen(HEAD));
  refused_at(folder, "EURUSD.csv", text, SIZE, SLD_EPARSE, 2, 65537, "a line of 3145696 bytes; no more than 65536 are read");
  memset(text, '7', SIZE);
  memcpy(text, HEAD GOOD "2024-01-02 21:51,", strlen(HEAD GOOD) + 17);
  memcpy(text + SIZE - 13, ",1.3,1.0,1.2,5", 13);
  sld_error err;
  write_bytes(folder, "EURUSD.csv", text, SIZE);
  refused(folder, "EURUSD.csv", &err);
  assert_int_equal(err.line, 3);
  free(text);
}

static void binary_files_are_refused_with_what_they_are(void **state) {
  (void)state;
  refused_at(folder, "EURUSD.csv", "\xFF\xFEt\0i\0", 6, SLD_EPARSE, 1, 1, "the file is UTF-16 text; save it as UTF-8");
  refused_at(folder, "EURUSD.csv", "\x1F\x8B\x08\x00", 4, SLD_EPARSE, 0, 0, "the gzip file is cut off: its data end at byte 4");
  refused_at(folder, "EURUSD.csv", "PK\x03\x04rest", 8, SLD_EPARSE, 0, 0, "the archive cannot be read: Not a zip archive");
  uint64_t seed = 7;
  for (int k = 0; k < 2000; k++) {
    char junk[256];
    for (size_t i = 0; i < sizeof junk; i++) {
      seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
      junk[i] = (char)(seed >> 56);
    }
    if (k % 2) memcpy(junk, HEAD, strlen(HEAD));
    sld_error err;
    write_bytes(folder, "EURUSD.csv", junk, sizeof junk);
    refused(folder, "EURUSD.csv", &err);
    assert_int_not_equal(err.message[0], '\0');
  }
}

/* Any single byte of a good file changed, or the file cut anywhere: it is read or refused, never worse, and a price is never made up. */
static void a_changed_byte_or_a_cut_never_does_harm(void **state) {
  (void)state;
  static const char good[] = HEAD GOOD "2024-01-02 21:51:00,1.15,1.25,1.05,1.2,6\r\n2024-01-02T21:52:00Z,\"1.15\",1.25,1.05,1.2,6\n2024-01-02 21:53,1.15,1.25,1.05,1.2,6\n";
  static const char bytes[] = { 0, '\n', '\r', '"', ',', ';', '.', '-', '0', '9', ' ', 'e', '\xFF' };
  char text[sizeof good];
  for (size_t at = 0; at < sizeof good - 1; at++)
    for (size_t k = 0; k <= sizeof bytes; k++) {
      bool cut = k == sizeof bytes;
      memcpy(text, good, sizeof good);
      if (!cut) text[at] = bytes[k];
      write_bytes(folder, "EURUSD.csv", text, cut ? at : sizeof good - 1);
      char path[2 * PATH_SIZE];
      sld_error err;
      sld__market *market = new_market();
      snprintf(path, sizeof path, "%s/EURUSD.csv", folder);
      sld_status status = sld__market_load(market, path, &err);
      sld__breach breach;
      if (status == SLD_OK) assert_false(sld__series_breach(sld__market_at(market, 0), &breach));
      else assert_int_not_equal(err.message[0], '\0');
      sld__market_free(market);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(columns_stand_in_any_order_under_any_usual_name, make, clear),
    cmocka_unit_test_setup_teardown(names_of_mids_say_the_side, make, clear),
    cmocka_unit_test_setup_teardown(volume_and_three_of_the_prices_may_be_missing, make, clear),
    cmocka_unit_test_setup_teardown(the_pair_is_in_the_file_name_or_in_the_description, make, clear),
    cmocka_unit_test_setup_teardown(every_fault_is_named_at_its_place, make, clear),
    cmocka_unit_test_setup_teardown(nul_bytes_are_seen_by_either_path, make, clear),
    cmocka_unit_test_setup_teardown(a_line_without_end_is_one_error, make, clear),
    cmocka_unit_test_setup_teardown(binary_files_are_refused_with_what_they_are, make, clear),
    cmocka_unit_test_setup_teardown(a_changed_byte_or_a_cut_never_does_harm, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
