/* Files of real and made-up vendors with a plain header hold the bars they should. */
#include "market_folder.h"

/* Copies a shared file to folder/EURUSD.csv. */
static void fetch(const char *name) {
  char path[PATH_SIZE];
  size_t size;
  shared_path(path, name);
  char *bytes = read_whole(path, &size);
  write_bytes(folder, "EURUSD.csv", bytes, size);
  free(bytes);
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
    sld__series_hash(eurusd, hash); /* as it was computed before */
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

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(the_made_up_dialects_hold_the_same_bars, make, clear),
    cmocka_unit_test_setup_teardown(real_files_with_a_header_are_read_whole, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
