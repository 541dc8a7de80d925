/* Every dialect: the same made-up bars and quotes in each of them, and real files with the rows that they have. */
#include "market_files.h"

#include <math.h>

#define UTC(year, month, day, hour, minute) ((sld__days_from_civil(year, month, day) * 24 + (hour)) * SLD__NS_PER_HOUR + (minute) * SLD__NS_PER_MINUTE)

/* A shared file with what has to be told about it. */
typedef struct telling {
  const char *name;
  const char *pair;
  const char *zone;
  const char *dialect; /* what it turns out to be */
  double volume;       /* of the expected, 0: none of it */
} telling;

static sld__market *read_told(const telling *t, sld_load_report **report) {
  char path[PATH_SIZE];
  char name[256];
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  options.pair = t->pair;
  options.zone = t->zone;
  snprintf(name, sizeof name, "data/dialects/%s", t->name);
  shared_path(path, name);
  sld__market *market = loaded_with(path, &options, report);
  const char *dialect = sld_load_report_source_at(*report, 0)->dialect;
  if (strcmp(dialect, t->dialect) != 0) print_error("%s was taken for %s\n", t->name, dialect);
  assert_string_equal(dialect, t->dialect);
  return market;
}

/* The expected rows, by an independent reading. */
enum { EXPECTED = 20 };

static void read_expected(const char *name, int64_t unit, int columns, int64_t time[EXPECTED], double value[EXPECTED][5]) {
  char path[PATH_SIZE];
  shared_path(path, name);
  FILE *file = fopen(path, "r");
  char line[256];
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof line, file));
  for (int i = 0; i < EXPECTED; i++) {
    assert_non_null(fgets(line, sizeof line, file));
    char *p;
    time[i] = strtoll(line, &p, 10) * unit;
    for (int k = 0; k < columns; k++) value[i][k] = strtod(p + 1, &p);
  }
  fclose(file);
}

static void every_dialect_of_bars_holds_the_same_twenty(void **state) {
  (void)state;
  static const telling files[] = {
    { "made_bom_semicolon_crlf.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_decimal_comma_semicolon.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_dukascopy_gmt_time.csv", "EURUSD", NULL, "dukascopy", 0.1 },
    { "made_dukascopy_local_time_gmt0900.csv", "EURUSD", NULL, "dukascopy_local", 0.1 },
    { "made_epoch_s.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_epoch_ms.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_epoch_us.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_epoch_ns_noheader.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_histdata_ascii_m1_est.csv", "EURUSD", NULL, "histdata", 0.0 },
    { "made_iso_T_Z_no_final_newline.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_iso_T_offset_plus0200.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_metastock_forextester_gmt.csv", NULL, NULL, "metastock", 1.0 },
    { "made_mt5_bars_server_eet.csv", "EURUSD", "EET", "mt5", 1.0 },
    { "made_mt5_bars_server_eet.csv", "EURUSD", "EET-NY", "mt5", 1.0 },
    { "made_mt5_bars_server_eet.csv", "EURUSD", "+02:00", "mt5", 1.0 },
    { "made_oanda_v20_dump_close_first.csv", "EURUSD", NULL, "bars", 1.0 },
    { "made_quoted_fields_tab.csv", "EURUSD", NULL, "bars", 1.0 },
  };
  int64_t time[EXPECTED];
  double value[EXPECTED][5];
  read_expected("data/dialects/made_expected_bars_utc.csv", SLD__NS_PER_SECOND, 5, time, value);
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    sld_load_report *report;
    sld__market *market = read_told(&files[k], &report);
    const sld__series *s = sld__market_find(market, "EURUSD");
    assert_non_null(s);
    assert_int_equal(s->count, EXPECTED);
    assert_int_equal(s->info.period_ns, SLD__NS_PER_MINUTE);
    assert_int_equal(s->info.side, SLD_BID);
    for (int i = 0; i < EXPECTED; i++) {
      assert_int_equal(s->time[i], time[i]);
      assert_true(s->open[i] == value[i][0] && s->high[i] == value[i][1] && s->low[i] == value[i][2] && s->close[i] == value[i][3]);
      assert_true(files[k].volume == 0.1 ? s->volume[i] == value[i][4] / 10 : s->volume[i] == value[i][4] * files[k].volume);
    }
    sld_load_report_free(report);
    sld__market_free(market);
  }
}

static void every_dialect_of_ticks_holds_the_same_twenty(void **state) {
  (void)state;
  static const telling files[] = {
    { "made_truefx_raw.csv", NULL, NULL, "truefx", 0.0 },
    { "made_mt5_ticks_server_eet.csv", "USDJPY", "EET", "mt5_ticks", 0.0 },
  };
  int64_t time[EXPECTED];
  double value[EXPECTED][5];
  read_expected("data/dialects/made_expected_ticks_utc.csv", 1000000, 2, time, value);
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    sld_load_report *report;
    sld__market *market = read_told(&files[k], &report);
    const sld__series *s = sld__market_find(market, "USDJPY");
    assert_non_null(s);
    assert_int_equal(s->count, EXPECTED);
    assert_true(s->info.ticks && s->info.one_price);
    assert_int_equal(s->info.side, SLD_BOTH);
    for (int i = 0; i < EXPECTED; i++) {
      assert_int_equal(s->time[i], time[i]);
      assert_true(s->close[i] == value[i][0] && s->ask_close[i] == value[i][1]);
    }
    sld_load_report_free(report);
    sld__market_free(market);
  }
}

static void both_orders_of_day_and_month_of_investing_are_proved_by_the_file(void **state) {
  (void)state;
  char path[PATH_SIZE];
  char line[256];
  shared_path(path, "data/dialects/made_expected_investing_daily.csv");
  static const telling files[] = { { "made_investing_us_bom_newest_first.csv", "XAUUSD", NULL, "investing", 0.0 }, { "made_investing_eu_bom_newest_first.csv", "XAUUSD", NULL, "investing", 0.0 } };
  for (size_t k = 0; k < 2; k++) {
    sld_load_report *report;
    sld__market *market = read_told(&files[k], &report);
    const sld__series *s = sld__market_at(market, 0);
    FILE *expected = fopen(path, "r");
    assert_non_null(expected);
    assert_non_null(fgets(line, sizeof line, expected));
    assert_int_equal(s->count, EXPECTED);
    for (size_t i = 0; i < s->count; i++) {
      sld__stamp stamp;
      char *p = line + 10;
      assert_non_null(fgets(line, sizeof line, expected));
      assert_null(sld__stamp_parse(&stamp, line, 10));
      assert_int_equal(s->time[i], stamp.time);
      assert_true(s->open[i] == strtod(p + 1, &p));
      assert_true(s->high[i] == strtod(p + 1, &p));
      assert_true(s->low[i] == strtod(p + 1, &p));
      assert_true(s->close[i] == strtod(p + 1, &p));
    }
    assert_true(s->volume[s->count - 1] == 271380.0); /* 271.38K */
    assert_int_equal(sld_load_report_note_at(report, 0)->kind, SLD_NOTE_FOUND);
    assert_non_null(strstr(sld_load_report_note_at(report, 0)->message, k == 0 ? "month first" : "day first"));
    fclose(expected);
    sld_load_report_free(report);
    sld__market_free(market);
  }
}

/* A real file, its options and what it holds. */
static const struct real {
  const char *name;
  const char *zone;
  const char *side;
  sld_day_order order;
  bool lenient;
  const char *dialect;
  size_t rows;
  const char *first_time, *last_time;
  double first, last; /* bid open of the first row and bid close of the last */
} reals[] = {
  { "bid_ask_ohlc_header_17digits.py4fi2nd_EURUSD_D1.csv", NULL, NULL, 0, true, "bars", 190, "2013-01-01T22:00:00Z", "2013-12-15T22:00:00Z", 1.3184799999999999, 1.37611 },
  { "date_time_two_columns_compact_crlf.xjacek_EURUSD_M15.csv", NULL, NULL, 0, false, "bars", 1999, "2018-01-15T14:00:00Z", "2018-02-13T09:30:00Z", 1.2283, 1.23183 },
  { "dukascopy_candle_ddmmyyyy_dots.gymanytrading_EURUSD_H1_ask.csv", NULL, "bid", 0, false, "bars", 1999, "2017-01-01T22:00:00Z", "2017-04-27T03:00:00Z", 1.05236, 1.09091 },
  { "dukascopy_node_epoch_ms_no_final_newline.EURUSD_D1.csv", NULL, NULL, 0, false, "bars", 24, "2021-02-01", "2021-02-28", 1.21225, 1.20903 },
  { "dukascopy_tick_crlf.ea31337_EURUSD_20140101_22h.csv", NULL, NULL, 0, false, "dukascopy_ticks", 882, "2014-01-01T22:00:58.616Z", "2014-01-01T22:59:59.845Z", 1.37553, 1.37585 },
  { "empty_first_header_name.backtestingpy_EURUSD_H1.csv", NULL, NULL, 0, false, "bars", 1999, "2017-04-19T09:00:00Z", "2017-08-14T15:00:00Z", 1.0716, 1.17862 },
  { "fred_csv.forexcenturies_DEXUSEU.csv", NULL, NULL, 0, false, "fred", 1929, "1999-01-04", "2006-08-31", 1.1812, 1.2793 },
  { "histdata_ascii_tick.nautilus_EURUSD_20200101.csv", NULL, NULL, 0, false, "histdata_ticks", 2000, "2020-01-01T22:00:00.065Z", "2020-01-01T23:04:36.956Z", 1.1212, 1.12195 },
  { "histdata_mt_lf.arshestopal_EURUSD_M1_202006.csv", NULL, NULL, 0, false, "histdata_mt", 2000, "2020-06-01T04:00:00Z", "2020-06-02T13:20:00Z", 1.11329, 1.11768 },
  { "histdata_mt_lf.illesattila_EURUSD_M1_201607.csv", NULL, NULL, 0, false, "histdata_mt", 2000, "2016-07-01T04:00:00Z", "2016-07-04T13:31:00Z", 1.10902, 1.11357 },
  { "histdata_nt_crlf.arshestopal_EURUSD_M1_202005.csv", NULL, NULL, 0, false, "histdata", 2000, "2020-05-01T04:00:00Z", "2020-05-04T13:36:00Z", 1.0945, 1.0927 },
  { "histdata/DAT_MT_EURUSD_M1_202006.csv.gz", NULL, NULL, 0, false, "histdata_mt", 6771, "2020-06-01T04:00:00Z", "2020-06-05T20:58:00Z", 1.11329, 1.12911 },
  { "histdata/DAT_NT_EURUSD_M1_202005.csv.gz", NULL, NULL, 0, false, "histdata", 22565, "2020-05-01T04:00:00Z", "2020-05-22T20:58:00Z", 1.0945, 1.08997 },
  { "histdata/EURUSD1.csv.gz", NULL, NULL, 0, false, "bars", 50000, "2020-04-27T04:40:00Z", "2020-06-14T23:59:00Z", 1.08418, 1.12515 },
  { "iso_Z_float32.fxh1feed_AUDUSD_H1.csv", NULL, NULL, 0, false, "bars", 1999, "2025-01-15T19:00:00Z", "2025-05-13T07:00:00Z", 0.6225, 0.64101744 },
  { "iso_minutes_noheader.sillydev_EURUSD_H1.csv", NULL, NULL, 0, false, "bars", 2000, "2012-10-07T23:00:00Z", "2013-02-01T04:00:00Z", 1.30191, 1.36231 },
  { "iso_noheader_no_final_newline.sillydev_EURUSD_D1.csv.gz", NULL, NULL, 0, false, "bars", 4316, "2007-01-01", "2020-10-15", 1.31908, 1.16995 },
  { "iso_offset_bid.nautilus_GBPUSD_M1.csv", NULL, NULL, 0, false, "bars", 1999, "2012-02-01", "2012-02-02T09:25:00Z", 1.57597, 1.58233 },
  { "lean_hour_noheader_lf.oanda_EURUSD.csv", NULL, NULL, 0, false, "lean", 2000, "2007-01-01T21:00:00Z", "2007-04-30T01:00:00Z", 1.31927, 1.3631 },
  { "lean_minute_noheader_crlf_no_final_newline.oanda_EURUSD_20140508.csv", NULL, NULL, 0, false, "lean", 1419, "2014-05-08", "2014-05-08T23:59:00Z", 1.39101, 1.38422 },
  { "lean_tick_fractional_ms.oanda_XAUUSD_20140508.csv", NULL, NULL, 0, false, "lean_ticks", 2000, "2014-05-08T00:00:00.0424312Z", "2014-05-08T00:26:33.312114Z", 1290.33, 1291.505 },
  { "lean_tick_noheader_crlf.oanda_EURUSD_20140508.csv", NULL, NULL, 0, false, "lean_ticks", 2000, "2014-05-08T00:00:08.715Z", "2014-05-08T02:10:55.277Z", 1.39101, 1.39113 },
  { "lean_tick_noheader_crlf_crossed.fxcm_EURUSD_20140508.csv", "-05:00", NULL, 0, true, "lean_ticks", 1898, "2014-05-08T05:00:17.007Z", "2014-05-08T06:05:28.791Z", 1.39147, 1.39111 },
  { "mt4_header_crlf.ericakh_EURUSD_H1.csv", "+03:00", NULL, 0, false, "mt4", 1999, "2010-10-07T10:00:00Z", "2011-02-02T02:00:00Z", 1.39672, 1.38392 },
  { "mt4_header_dateonly_crlf.ericakh_EURUSD_D1.csv", NULL, NULL, 0, false, "mt4", 1999, "2002-01-01", "2008-07-23", 0.8918, 1.5698 },
  { "mt4_header_lowercase_crlf.pouria_AUDUSD_H1.csv", NULL, NULL, 0, false, "mt4", 1999, "2020-02-17T17:00:00Z", "2020-06-12T02:00:00Z", 0.67206, 0.68286 },
  { "mt4_noheader_crlf.jeremidaneau_CADJPY_M1.csv", "EET-NY", NULL, 0, false, "mt4", 2048, "2022-09-29T10:43:00Z", "2022-09-30T20:58:00Z", 105.572, 104.602 },
  { "mt4_noheader_crlf.jeremidaneau_EURUSD_M1.csv", "EET-NY", NULL, 0, false, "mt4", 2000, "2022-08-15T07:06:00Z", "2022-08-16T16:38:00Z", 1.0234, 1.01631 },
  { "mt4_noheader_crlf.mohajernoei_EURUSD_M1.csv", "EET-NY", NULL, 0, false, "mt4", 2000, "2021-08-27T17:14:00Z", "2021-08-31T02:40:00Z", 1.17948, 1.1807 },
  { "mt4_noheader_lf.illesattila_EURUSD_M1.csv", NULL, NULL, 0, false, "mt4", 2000, "2016-05-27T09:54:00Z", "2016-05-30T19:15:00Z", 1.1192, 1.11317 },
  { "mt4_tab_noheader_crlf.arshestopal_EURUSD_M1_utc.csv", NULL, NULL, 0, false, "bars", 2000, "2020-04-27T04:40:00Z", "2020-04-28T14:02:00Z", 1.08418, 1.08484 },
  { "mt5_points_header_crlf.ejtrader_USDCHF_H1.csv", NULL, NULL, 0, false, "bars", 1999, "2012-11-15T14:00:00Z", "2013-03-15T14:00:00Z", 0.94371, 0.94085 },
  { "quoted_lines_tabs_inside_crlf.hadiforoughi_EURUSD_M1.csv", "-03:30", NULL, 0, false, "bars", 1999, "2022-01-04T21:30:00Z", "2022-01-06T06:58:00Z", 1.12834, 1.12963 },
  { "slash_ddmmyyyy_crlf.ericakh_EURUSD_M1.csv", "-05:00", NULL, SLD_DAY_FIRST, false, "bars", 1999, "2020-01-09T05:00:00Z", "2020-01-10T14:19:00Z", 1.11154, 1.10886 },
  { "truefx_converted_iso_us_offset.nautilus_USDJPY_ticks.csv", NULL, NULL, 0, false, "quotes", 1000, "2013-01-01T22:00:00.295Z", "2013-01-01T22:35:13.494Z", 86.655, 86.836 },
  { "yahoo_daily.fadhilhi_EURUSD_2023.csv", NULL, NULL, 0, false, "yahoo", 81, "2023-02-01", "2023-05-24", 1.086095, 1.076971 },
};

static void real_files_of_every_dialect_are_read_whole(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof reals / sizeof reals[0]; k++) {
    const struct real *f = &reals[k];
    char path[PATH_SIZE];
    char name[256];
    char first[64];
    char last[64];
    sld_load_report *report;
    sld_load_options options = SLD_LOAD_OPTIONS_INIT;
    options.zone = f->zone;
    options.side = f->side;
    options.day_order = f->order;
    options.lenient = f->lenient;
    snprintf(name, sizeof name, "data/dialects/%s", f->name);
    shared_path(path, name);
    sld__market *market = loaded_with(path, &options, &report);
    const sld__series *s = sld__market_at(market, 0);
    sld_time_format(s->info.first_time, first, sizeof first);
    sld_time_format(s->info.last_time, last, sizeof last);
    bool right = s->count == f->rows && strcmp(first, f->first_time) == 0 && strcmp(last, f->last_time) == 0 && s->open[0] == f->first && s->close[s->count - 1] == f->last &&
                 strcmp(sld_load_report_source_at(report, 0)->dialect, f->dialect) == 0;
    if (!right) print_error("%s: %zu rows, %s to %s, %.17g to %.17g\n", f->name, s->count, first, last, s->open[0], s->close[s->count - 1]);
    assert_true(right);
    sld_load_report_free(report);
    sld__market_free(market);
  }
}

/* Without options: the message says which one is missing. */
static void what_a_file_cannot_say_is_asked_for(void **state) {
  (void)state;
  static const struct {
    const char *name, *message;
  } files[] = {
    { "slash_ddmmyyyy_crlf.ericakh_EURUSD_M1.csv", "'09/01/2020 00:00': is the day or the month first? every date of the file can be read both ways; tell it by day_first" },
    { "dukascopy_candle_ddmmyyyy_dots.gymanytrading_EURUSD_H1_ask.csv", "the file's name says that these are asks; tell the file of the bids about it by \"ask\", or tell a side" },
    { "lean_tick_noheader_crlf_crossed.fxcm_EURUSD_20140508.csv", "the ask is below the bid" },
    { "fred_wide_inverted_usd.datasets_exchange-rates.csv",
      "column 'Australia' is no instrument; a file of the same name ending in .json can say which it is: {\"series\": {\"Australia\": \"EURUSD\"}}" },
  };
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    char path[PATH_SIZE];
    char name[256];
    sld_error err;
    snprintf(name, sizeof name, "data/dialects/%s", files[k].name);
    shared_path(path, name);
    refused_with(path, NULL, &err);
    assert_string_equal(err.message, files[k].message);
  }
}

/* Four hours lie between the New York files of a summer and the one in UTC; every price is the same. */
static void histdata_in_new_york_is_histdata_in_utc(void **state) {
  (void)state;
  static const char *const names[] = { "data/dialects/histdata/DAT_NT_EURUSD_M1_202005.csv.gz", "data/dialects/histdata/DAT_MT_EURUSD_M1_202006.csv.gz" };
  char path[PATH_SIZE];
  shared_path(path, "data/dialects/histdata/EURUSD1.csv.gz");
  sld__market *utc = loaded_with(path, NULL, NULL);
  const sld__series *u = sld__market_at(utc, 0);
  for (size_t k = 0; k < 2; k++) {
    shared_path(path, names[k]);
    sld__market *market = loaded_with(path, NULL, NULL);
    const sld__series *s = sld__market_at(market, 0);
    assert_int_equal(s->count, k == 0 ? 22565 : 6771);
    size_t at = 0;
    for (size_t i = 0; i < s->count; i++) {
      while (at < u->count && u->time[at] < s->time[i]) at++;
      assert_true(at < u->count);
      assert_int_equal(u->time[at], s->time[i]);
      assert_true(u->open[at] == s->open[i] && u->high[at] == s->high[i] && u->low[at] == s->low[i] && u->close[at] == s->close[i]);
    }
    sld__market_free(market);
  }
  sld__market_free(utc);
}

static uint32_t big_endian(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The folder of compressed hours against the records as they were before compression. */
static void compressed_hours_hold_the_raw_records(void **state) {
  (void)state;
  char path[PATH_SIZE];
  char name[128];
  shared_path(path, "data/bi5/compressed");
  sld__market *market = loaded_with(path, NULL, NULL);
  const sld__series *s = sld__market_find(market, "GBPJPY");
  assert_non_null(s);
  assert_int_equal(s->count, 58953);
  assert_true(s->ask_close[0] == 132.158 && s->close[0] == 132.141 && s->volume[0] == (double)1.13f);
  size_t row = 0;
  for (int hour = 0; hour < 24; hour++) {
    size_t size;
    snprintf(name, sizeof name, "data/bi5/raw/GBPJPY/2012/11/03/%02dh_ticks.bin", hour);
    shared_path(path, name);
    unsigned char *raw = (unsigned char *)read_whole(path, &size);
    for (size_t i = 0; i < size / 20; i++, row++) {
      const unsigned char *p = raw + 20 * i;
      uint32_t bits = big_endian(p + 16);
      float volume;
      memcpy(&volume, &bits, sizeof volume);
      assert_int_equal(s->time[row], UTC(2012, 12, 3, hour, 0) + (int64_t)big_endian(p) * 1000000);
      assert_true(s->ask_close[row] == big_endian(p + 4) / 1000.0 && s->close[row] == big_endian(p + 8) / 1000.0 && s->volume[row] == (double)volume);
    }
    free(raw);
  }
  assert_int_equal(row, s->count);
  sld__market_free(market);
}

/* Prices are the nearest doubles to whole points divided by their number, whatever noise the points had. */
static void points_are_prices_without_noise(void **state) {
  (void)state;
  static const struct {
    const char *name;
    double points;
    size_t rows;
  } files[] = { { "data/h1/GBPUSDh1.csv.gz", 1e5, 57600 }, { "data/h1/USDJPYh1.csv.gz", 1e3, 57600 }, { "data/h4/EURCHFh4.csv.gz", 1e5, 14400 }, { "data/d1/XAUUSDd1.csv.gz", 1e2, 2400 } };
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    char path[PATH_SIZE];
    sld_load_report *report;
    shared_path(path, files[k].name);
    sld__market *market = loaded_with(path, NULL, &report);
    const sld__series *s = sld__market_at(market, 0);
    assert_int_equal(s->count, files[k].rows);
    assert_true(sld_load_report_source_at(report, 0)->scale == files[k].points);
    for (size_t i = 0; i < s->count; i++) assert_true(s->close[i] == nearbyint(s->close[i] * files[k].points) / files[k].points);
    sld_load_report_free(report);
    sld__market_free(market);
  }
}

/* Days of ticks and minutes in archives, one behind the other; an archive's name and a member's both say the day. */
static void archives_of_days_follow_each_other(void **state) {
  (void)state;
  static const struct {
    const char *name;
    size_t rows;
    bool ticks;
  } folders[] = { { "data/lean/oanda/minute", 1350 + 1389 + 1406 + 1419 + 1246, false }, { "data/lean/oanda/tick", 41367 + 87833, true } };
  for (size_t k = 0; k < 2; k++) {
    char path[PATH_SIZE];
    shared_path(path, folders[k].name);
    sld__market *market = loaded_with(path, NULL, NULL);
    assert_int_equal(sld__market_count(market), 1);
    const sld__series *s = sld__market_find(market, "EURUSD");
    assert_non_null(s);
    assert_int_equal(s->count, folders[k].rows);
    assert_int_equal(s->info.ticks, folders[k].ticks);
    assert_int_equal(s->info.side, SLD_BOTH);
    sld__market_free(market);
  }
}

/* What no shared file shows: other tables of the same vendors, in small texts of our own. Two rows each, from 2024-07-02 10:00 UTC. */
static void other_tables_of_the_vendors_are_known(void **state) {
  (void)state;
  static const struct {
    const char *text, *dialect;
    const char *zone; /* told */
    int64_t step_ns;  /* between the rows */
    bool ticks, date_only;
    double close, ask; /* of the second row; ask 0: none */
  } files[] = {
    { "Gmt time,Ask,Bid,AskVolume,BidVolume\n02.07.2024 10:00:00.000,1.2,1.1,3,4\n02.07.2024 10:00:00.250,1.3,1.2,3,4\n", "dukascopy_ticks", NULL, 250000000, true, false, 1.2, 1.3 },
    { "Time (EET),Open,High,Low,Close,Volume\n2024.07.02 13:00:00,1.1,1.3,1.0,1.2,5\n2024.07.02 14:00:00,1.1,1.3,1.0,1.2,5\n", "bars", NULL, SLD__NS_PER_HOUR, false, false, 1.2, 0.0 },
    { "<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>\n2024.07.02\t10:00:00.000\t1.1\t1.2\t\t\t6\n2024.07.02\t10:00:00.250\t\t1.3\t\t\t4\n", "mt5_ticks", NULL, 250000000, true, false, 1.1, 1.3 },
    { "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n2024.07.02\t1.1\t1.3\t1.0\t1.2\t5\t0\t1\n2024.07.03\t1.1\t1.3\t1.0\t1.2\t5\t0\t1\n", "mt5", NULL, SLD__NS_PER_DAY, false, true, 1.2, 0.0 },
    { "<TICKER>,<PER>,<DTYYYYMMDD>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nEURUSD,I,20240702,1000,1.1,1.3,1.0,1.2,5,0\nEURUSD,I,20240702,1100,1.1,1.3,1.0,1.2,5,0\n", "metastock", NULL, SLD__NS_PER_HOUR, false, false, 1.2, 0.0 },
    { "20240702 10:00,1.1,1.3,1.0,1.2,5\n20240702 11:00,1.1,1.3,1.0,1.2,5\n", "lean", NULL, SLD__NS_PER_HOUR, false, false, 1.2, 0.0 },
    { "2024.07.02 13:00;1,1;1,3;1,0;1,2;5\n2024.07.02 14:00;1,1;1,3;1,0;1,2;5\n", "mt4", "EET-NY", SLD__NS_PER_HOUR, false, false, 1.2, 0.0 },
    { "time,complete,volume,bid.o,bid.h,bid.l,bid.c,ask.o,ask.h,ask.l,ask.c\n2024-07-02T10:00:00.000000000Z,True,5,1.1,1.3,1.0,1.2,1.2,1.4,1.1,1.3\n2024-07-02T11:00:00.000000000Z,True,5,1.1,1.3,1.0,1.2,1.2,1.4,1.1,1.3\n", "oanda", NULL, SLD__NS_PER_HOUR, false, false, 1.2, 1.3 },
    { "2024-07-02,15:30,1.1,1.3,1.0,1.2\n2024-07-02,16:30,1.1,1.3,1.0,1.2\n", "bars", "+05:30", SLD__NS_PER_HOUR, false, false, 1.2, 0.0 },
    { "20240702100000,1.1,1.3,1.0,1.2\n20240702110000,1.1,1.3,1.0,1.2\n", "bars", NULL, SLD__NS_PER_HOUR, false, false, 1.2, 0.0 },
    { "Date,Bid,Ask\n2024-07-02,1.1,1.2\n2024-07-03,1.1,1.2\n", "quotes", NULL, SLD__NS_PER_DAY, false, true, 1.1, 1.2 },
  };
  char folder[PATH_SIZE];
  char path[PATH_SIZE + 16];
  make_folder(folder);
  snprintf(path, sizeof path, "%s/EURUSD.csv", folder);
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    sld_load_report *report;
    sld_load_options options = SLD_LOAD_OPTIONS_INIT;
    options.zone = files[k].zone;
    write_text(folder, "EURUSD.csv", files[k].text);
    sld__market *market = loaded_with(path, &options, &report);
    const sld__series *s = sld__market_at(market, 0);
    assert_string_equal(sld_load_report_source_at(report, 0)->dialect, files[k].dialect);
    assert_int_equal(s->count, 2);
    assert_int_equal(s->time[0], files[k].date_only ? UTC(2024, 7, 2, 0, 0) : UTC(2024, 7, 2, 10, 0));
    assert_int_equal(s->time[1] - s->time[0], files[k].step_ns);
    assert_int_equal(s->info.ticks, files[k].ticks);
    assert_int_equal(s->info.date_only, files[k].date_only);
    assert_true(s->close[1] == files[k].close);
    assert_int_equal(s->info.side, files[k].ask > 0.0 ? SLD_BOTH : SLD_BID);
    if (files[k].ask > 0.0) assert_true(s->ask_close[1] == files[k].ask);
    sld_load_report_free(report);
    sld__market_free(market);
  }
  remove_folder(folder);
}

/* What rows of quotes and of milliseconds may get wrong. */
static void faults_of_other_rows_are_named(void **state) {
  (void)state;
#define MT5 "<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>\n"
  static const struct {
    const char *name, *text, *message;
    int line, column;
  } faults[] = {
    { "EURUSD.csv", MT5 "2024.07.02\t10:00:00.000\t1.1\t\t\t\t2\n", "the ask is empty, and no row before has one", 2, 29 },
    { "EURUSD.csv", MT5 "2024.07.02\t10:00:00.000\t1.1\t1.2\t\t\t6\n2024.07.02\t10:00:01.000\t\t1.2\t\t\t6\n", "the bid is empty, but the flags say that it has changed", 3, 25 },
    { "EURUSD.csv", MT5 "2024.07.02\t10:00:00.000\t1.1\t1.2\t\t\tx\n", "flags: 'x' is none of MetaTrader's flags", 2, 35 },
    { "EURUSD.csv", MT5 "2024.07.02\t10:00:00.000\t1.1\t1.0\t\t\t6\n", "the ask is below the bid", 2, 29 },
    { "EURUSD_20240702.csv", "86400000,1.1,1.11\n", "'86400000': a day has 86400000 milliseconds", 1, 1 },
    { "EURUSD_20240702.csv", "1,1.1,1.11\n1.1234567,1.1,1.11\n", "'1.1234567': a fraction finer than nanoseconds", 2, 1 },
    { "EURUSD.csv", "1,1.1,1.11\n", "times count from midnight, but of which day? the file's name does not say it (20140508_quote.zip); tell it by date", 1, 1 },
    { "ticks.csv", "EUR/USD,20240702 10:00:00.001,1.1,1.2\nEUR/JPY,20240702 10:00:00.002,1.1,1.2\n", "'EUR/JPY' after rows of EURUSD; a file holds one instrument", 2, 1 },
    { "ticks.csv", "EUR/XXX,20240702 10:00:00.001,1.1,1.2\n", "'EUR/XXX' is no known instrument", 1, 1 },
    { "ticks.csv", "EUR/USD,20240702 10:00:00.001,1.100004,1.2\n", "bid: 1.100004 is finer than the 5 decimals of EURUSD", 1, 31 },
    { "EURUSD.csv", "time,open,high,low,close,ask_close\n2024-07-02 10:00,1.1,1.1,1.1,1.1,1.2\n", "asks go with bids: one for each of open, high, low and close that there is", 1, 1 },
    { "EURUSD.csv", "time,close\n2024-07-02,1.1\n2024-07-03 10:00,1.1\n", "'2024-07-03 10:00': a time of day, where the rows before have dates alone", 3, 1 },
  };
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
    char folder[PATH_SIZE];
    make_folder(folder);
    refused_at(folder, faults[k].name, faults[k].text, strlen(faults[k].text), strstr(faults[k].message, "no known") ? SLD_ENAME : SLD_EPARSE, faults[k].line, faults[k].column, faults[k].message);
    remove_folder(folder);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_dialect_of_bars_holds_the_same_twenty),
    cmocka_unit_test(every_dialect_of_ticks_holds_the_same_twenty),
    cmocka_unit_test(both_orders_of_day_and_month_of_investing_are_proved_by_the_file),
    cmocka_unit_test(real_files_of_every_dialect_are_read_whole),
    cmocka_unit_test(what_a_file_cannot_say_is_asked_for),
    cmocka_unit_test(histdata_in_new_york_is_histdata_in_utc),
    cmocka_unit_test(compressed_hours_hold_the_raw_records),
    cmocka_unit_test(points_are_prices_without_noise),
    cmocka_unit_test(archives_of_days_follow_each_other),
    cmocka_unit_test(other_tables_of_the_vendors_are_known),
    cmocka_unit_test(faults_of_other_rows_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
