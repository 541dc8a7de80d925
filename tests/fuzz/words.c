/* What is written in words: times, time frames, clocks, numbers; and the system's files of time zones. Input: a byte that says which, and the text. */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"
#include "base/zone.h"
#include "market/decimal.h"
#include "market/timeframe.h"
#include "market/wall.h"

static sld_status read_time(const char *text, sld_error *err) {
  int64_t time, again;
  char word[40];
  sld_status status = sld_time_parse(&time, text, err);
  if (status != SLD_OK) return status;
  FUZZ_HOLDS(sld_time_format(time, word, sizeof word) < sizeof word);
  FUZZ_HOLDS(sld_time_parse(&again, word, NULL) == SLD_OK && again == time);
  return SLD_OK;
}

static sld_status read_frame(const char *text, sld_error *err) {
  int64_t period;
  char word[24];
  sld_status status = sld_timeframe_parse(&period, text, err);
  if (status != SLD_OK) return status;
  FUZZ_HOLDS(period > 0 && sld_timeframe_format(period, word, sizeof word) < sizeof word);
  return SLD_OK;
}

static sld_status open_wall(const char *text, sld_error *err) {
  const sld_allocator a = sld__alloc_default();
  sld__wall wall = { .zone = NULL };
  sld_status status = sld__wall_open(&wall, text, &a, "file", err);
  sld__wall_cursor cursor = { 0 };
  int64_t time = 0;
  for (int64_t local = -1; status == SLD_OK && local < 3; local++) sld__wall_instant(&wall, &cursor, local * (INT64_MAX / 4), INT64_MIN, &time);
  sld__wall_close(&wall);
  return status;
}

static sld_status read_number(const char *text, size_t size) {
  double exact, whole;
  char word[SLD__DECIMAL_MAX + 1];
  if (sld__decimal_parse(&exact, text, size) != SLD__DECIMAL_OK) return SLD_OK;
  FUZZ_HOLDS(isfinite(exact) && size <= SLD__DECIMAL_MAX);
  memcpy(word, text, size);
  word[size] = '\0';
  char *end;
  whole = sld__os_strtod(word, &end);
  FUZZ_HOLDS(whole == exact && *end == '\0');
  return SLD_OK;
}

/* A zone file: asking any zone anything ends, and spans follow each other. */
static sld_status parse_zone(const char *bytes, size_t size, sld_error *err) {
  const sld_allocator a = sld__alloc_default();
  struct sld__zone *zone;
  sld_status status = sld__zone_parse(&zone, "file", bytes, size, &a, err);
  if (status != SLD_OK) return status;
  static const int64_t asked[] = { INT64_MIN, -SLD__NS_PER_DAY * 100000, 0, SLD__NS_PER_DAY * 16000, SLD__NS_PER_DAY * 100000, INT64_MAX };
  for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
    int64_t instants[2];
    struct sld__zone_span span = sld__zone_span_at(zone, asked[i]);
    FUZZ_HOLDS(span.from <= asked[i] && (asked[i] < span.until || span.until == INT64_MAX));
    sld__zone_instants(zone, asked[i], instants);
  }
  sld__zone_free(zone);
  return SLD_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  sld_error err = { .status = SLD_OK };
  unsigned kind = fuzz_choice(&in, 5);
  char *text = fuzz_guarded(0, in.data, in.size);
  sld_status status;
  if (kind == 0) status = parse_zone(text, in.size, &err);
  else if (kind == 1) status = read_number(text, in.size);
  else if (in.size == 0 || text[in.size - 1] != '\0') return -1;
  else status = kind == 2 ? read_time(text, &err) : kind == 3 ? read_frame(text, &err) : open_wall(text, &err);
  if (status != SLD_OK) fuzz_check_error(status, &err);
  return 0;
}
