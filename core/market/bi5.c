/* Dukascopy's hours of ticks: records of 20 bytes, big-endian.
 *
 *   u32  milliseconds since the hour began
 *   u32  ask, and u32 bid, in points of the instrument
 *   f32  volume of the ask, and f32 of the bid
 *
 * Which hour it is stands in the path, whose months count from 0: GBPJPY/2012/11/03/00h_ticks.bi5 is the third of December 2012, from 0:00 UTC.
 * A file of no bytes is an hour without ticks. */
#include "market/read.h"

#include "market/instrument.h"

#include <string.h>

enum { RECORD = 20, HOUR_MS = 3600000 };

static uint32_t big_endian(const char *data) {
  const unsigned char *p = (const unsigned char *)data;
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static double single(const char *data) {
  uint32_t bits = big_endian(data);
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static bool digits(const char *p, int count, int *out) {
  *out = 0;
  for (int i = 0; i < count; i++) {
    if (p[i] < '0' || p[i] > '9') return false;
    *out = *out * 10 + (p[i] - '0');
  }
  return true;
}

/* Reads the hour from a path's end, ".../2012/11/03/00h_ticks.bi5". */
static bool hour_of(const char *file, int64_t *start) {
  static const char form[] = "2012/11/03/00h_ticks.bi5";
  size_t size = strlen(file);
  if (size < sizeof form - 1) return false;
  const char *p = file + size - (sizeof form - 1);
  struct sld__civil hour = { .year = 0 };
  int year = 0;
  bool fits = digits(p, 4, &year) && p[4] == '/' && digits(p + 5, 2, &hour.month) && p[7] == '/' && digits(p + 8, 2, &hour.day) && p[10] == '/' &&
              digits(p + 11, 2, &hour.hour) && strcmp(p + 13, form + 13) == 0;
  hour.year = year;
  hour.month++; /* counted from 0 in these paths */
  return fits && sld__time_from_civil(start, &hour);
}

/* The instrument that the folder above the year is called after. */
static const sld_instrument *pair_of(const sld__instruments *own, const char *file) {
  static const char tail[] = "/2012/11/03/00h_ticks.bi5";
  if (strlen(file) < sizeof tail) return NULL;
  const char *end = file + strlen(file) - (sizeof tail - 1);
  const char *start = end;
  while (start > file && start[-1] != '/') start--;
  return sld__instrument_find_n(own, start, (size_t)(end - start));
}

static sld_status wrong(const sld__source *source, size_t record, const char *why, sld_error *err) {
  return sld__fail_at(err, SLD_EPARSE, source->file, 0, 0, "record %zu, at byte %zu unpacked: %s", record + 1, record * RECORD, why);
}

static sld_status read_record(const sld__source *source, const sld_instrument *instrument, int64_t start, size_t i, sld__bar_columns *out, sld_error *err) {
  const char *record = source->data + i * RECORD;
  uint32_t ms = big_endian(record);
  double points = sld__decimal_tens[instrument->digits];
  double ask = (double)big_endian(record + 4) / points;
  double bid = (double)big_endian(record + 8) / points;
  double volume = single(record + 16);
  size_t n = out->count;
  if (ms >= HOUR_MS) return wrong(source, i, "an hour has 3600000 milliseconds", err);
  int64_t time = start + (int64_t)ms * 1000000;
  if (n > 0 && time < out->time[n - 1]) return wrong(source, i, "earlier than the record before", err);
  if (!(bid > 0.0) || !(ask > 0.0)) return wrong(source, i, "a price must be above 0", err);
  if (ask < bid) return wrong(source, i, "the ask is below the bid", err);
  if (sld__read_slipped(bid, ask) || (n > 0 && sld__read_slipped(out->close[n - 1], bid))) return wrong(source, i, "prices are far apart or far from the record before", err);
  if (!(volume >= 0.0 && volume <= 1e30)) return wrong(source, i, "the volume is no number of 0 or above", err);
  out->time[n] = time;
  out->close[n] = bid;
  out->ask_close[n] = ask;
  out->volume[n] = volume;
  out->count++;
  return SLD_OK;
}

static sld_status read_records(const sld__source *source, const sld_instrument *instrument, int64_t start, sld__bar_columns *out, size_t *dropped, sld_error *err) {
  size_t count = source->size / RECORD;
  sld_status status = sld__bar_columns_reserve(out, count, err);
  for (size_t i = 0; i < count && status == SLD_OK; i++) {
    sld_error fault;
    status = read_record(source, instrument, start, i, out, &fault);
    if (status != SLD_OK) status = sld__read_drop(source, status, &fault, dropped, err);
  }
  return status;
}

sld_status sld__read_bi5(sld__harvest *harvest, const sld__source *source, sld_error *err) {
  int64_t start;
  size_t dropped = 0;
  if (!hour_of(source->file, &start)) return sld__fail_at(err, SLD_EPARSE, source->file, 0, 0, "the path must say which hour this is, its month counted from 0: GBPJPY/2012/11/03/00h_ticks.bi5");
  const sld_instrument *instrument = source->told->instrument ? source->told->instrument : pair_of(source->own, source->file);
  if (!instrument) return sld__fail_at(err, SLD_ENAME, source->file, 0, 0, "the folder above the year is called after no known instrument; tell it by pair");
  if (source->size % RECORD != 0) return sld__fail_at(err, SLD_EPARSE, source->file, 0, 0, "the last record is cut off: %zu bytes unpacked are no multiple of %d", source->size, RECORD);
  sld__bar_columns bars = { .allocator = harvest->allocator, .one_price = true, .has_volume = true, .has_ask = true };
  sld_status status = read_records(source, instrument, start, &bars, &dropped, err);
  char idle[SLD__IDLE_SIZE];
  sld__told_idle(source->told, SLD__TOLD_PAIR, idle);
  sld_load_source told = { .file = source->file, .dialect = "bi5", .zone = "UTC", .pair = instrument->pair, .scale = sld__decimal_tens[instrument->digits], .rows = bars.count, .dropped = dropped, .idle = idle };
  if (bars.count > 0) {
    told.first_time = bars.time[0];
    told.last_time = bars.time[bars.count - 1];
  }
  const sld__series_form form = { instrument, 0, SLD_BOTH, false, true, false, "bi5", false };
  if (status == SLD_OK) status = sld__report_source(source->report, &told, err);
  if (status == SLD_OK && bars.count > 0) status = sld__harvest_add(harvest, &bars, &form, source->file, 0, err);
  sld__bar_columns_fini(&bars);
  return status;
}
