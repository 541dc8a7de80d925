/* A file of data and the description beside it, as sld_market_load_with reads them: every dialect, gzip, zip archives, ticks.
 *
 * Input: four bytes of options; a path; "%%", the description; "%%", the file. Without the description there is none. */
#include "fuzz.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "market/check.h"
#include "market/dialect.h"
#include "market/market.h"
#include "market/report.h"

enum { PATH = 128 };

static const char *const zones[] = { NULL, "UTC", "America/New_York", "EET-NY", "+05:30", "floating", "Europe/Lisbon", "No/Where" };
static const char *const pairs[] = { NULL, "EURUSD", "USDJPY", "XAUUSD", "EURUSDX" };
static const double scales[] = { 0.0, 1.0, 100000.0, 1e-9, -1.0, __builtin_nan("") };

static sld_load_options options_of(fuzz_input *in) {
  sld_load_options o = SLD_LOAD_OPTIONS_INIT;
  size_t dialects = 0;
  while (sld_dialect_at(dialects)) dialects++;
  unsigned dialect = fuzz_choice(in, 256);
  if (dialect <= dialects && dialect > 0) o.dialect = sld_dialect_at(dialect - 1)->name;
  unsigned flags = fuzz_choice(in, 256);
  o.lenient = flags & 1;
  o.day_order = (sld_day_order)((flags >> 1) % 3);
  o.side = flags & 8 ? "mid" : flags & 16 ? "bid" : NULL;
  o.date = flags & 32 ? "2014-05-08" : NULL;
  o.ask = flags & 64 ? "asks.csv" : NULL;
  unsigned who = fuzz_choice(in, 256);
  o.zone = zones[who % 8];
  o.pair = who / 8 < 5 ? pairs[who / 8] : NULL;
  unsigned scale = fuzz_choice(in, 256);
  o.scale = scale < 6 ? scales[scale] : 0.0;
  o.row_order = scale >= 250 ? SLD_NEWEST_FIRST : scale >= 240 ? SLD_OLDEST_FIRST : SLD_ROWS_UNTOLD;
  return o;
}

/* NAME.json of NAME.csv and NAME.csv.gz. */
static void name_description(char *out, const char *path) {
  size_t size = strlen(path);
  if (size > 3 && strcasecmp(path + size - 3, ".gz") == 0) size -= 3;
  for (size_t i = size; i-- > 0 && path[i] != '/';) {
    if (path[i] != '.') continue;
    size = i;
    break;
  }
  memcpy(out, path, size);
  memcpy(out + size, ".json", sizeof ".json");
}

static void look(const sld__market *market, const sld_load_report *report) {
  sld_error err;
  sld__breach breach;
  FUZZ_HOLDS(report->source_count > 0 || report->note_count > 0);
  for (size_t i = 0; i < report->note_count; i++) FUZZ_HOLDS(report->notes[i].message[0] != '\0');
  for (size_t i = 0; i < sld__market_count(market); i++) {
    const sld__series *series = sld__market_at(market, i);
    sld_check *check;
    FUZZ_HOLDS(series->count > 0 && series->count == series->info.bars);
    FUZZ_HOLDS(!sld__series_breach(series, &breach));
    sld_status status = sld__series_check(&check, series, 0, sld__market_allocator(market), &err);
    if (status == SLD_OK) sld_check_free(check);
    else fuzz_check_error(status, &err);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  char path[PATH], beside[PATH + 8];
  const sld_allocator a = sld__alloc_default();
  sld_load_options options = options_of(&in);
  sld__market *market;
  sld_load_report *report = NULL;
  sld_error err = { .status = SLD_OK };
  if (*fuzz_text(&in, path, sizeof path) == '\0') return -1;
  name_description(beside, path);
  fuzz_input description = fuzz_part(&in);
  if (description.size > 0 && strcmp(beside, path) != 0) fuzz_file(beside, description.data, description.size);
  fuzz_input asks = in;
  if (options.ask) {
    asks = fuzz_part(&in);
    fuzz_file("asks.csv", in.data, in.size);
  }
  fuzz_file(path, asks.data, asks.size);
  FUZZ_HOLDS(sld__market_new(&market, &a, &err) == SLD_OK);
  sld_status status = sld__market_load_with(market, path, &options, NULL, &report, &err);
  if (status == SLD_OK) look(market, report);
  else fuzz_check_error(status, &err);
  sld_load_report_free(report);
  sld__market_free(market);
  fuzz_files_forget();
  return 0;
}
