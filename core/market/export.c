/* Writing series as text and as NumPy files. */
#include "market/export.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "market/npy.h"

#include <stdio.h>
#include <string.h>

/* ---- Text ------------------------------------------------------------------------------------------------------- */

enum { CHUNK = 1 << 20 }; /* bytes that are collected before they are written */

/* A column of numbers in the text. */
typedef struct text_column {
  const char *name;
  const double *values;
} text_column;

/* The columns of numbers in their order in the text; returns how many. */
static size_t choose_columns(text_column out[SLD__COLUMN_COUNT], const sld__series *s) {
  size_t count = 0;
  bool both = s->ask_close;
  if (s->info.one_price) {
    out[count++] = (text_column){ both || s->info.ticks ? "bid" : "close", s->close };
    if (both) out[count++] = (text_column){ "ask", s->ask_close };
  } else {
    const text_column prices[] = { { "open", s->open }, { "high", s->high }, { "low", s->low }, { "close", s->close } };
    const text_column quotes[] = { { "bid_open", s->open }, { "bid_high", s->high }, { "bid_low", s->low }, { "bid_close", s->close },
                                   { "ask_open", s->ask_open }, { "ask_high", s->ask_high }, { "ask_low", s->ask_low }, { "ask_close", s->ask_close } };
    count = both ? 8 : 4;
    memcpy(out, both ? quotes : prices, count * sizeof *out);
  }
  if (s->volume) out[count++] = (text_column){ "volume", s->volume };
  return count;
}

static void add_row(struct sld__buffer *out, const sld__series *s, const text_column *columns, size_t count, size_t row) {
  char digits[SLD__NUMBER_SIZE];
  char time[40];
  size_t length = sld__time_format(s->time[row], !s->info.date_only, time, sizeof time);
  sld__buffer_add(out, time, length - (s->info.floating ? 1 : 0)); /* without Z: it is not UTC */
  for (size_t k = 0; k < count; k++) {
    sld__buffer_add_byte(out, ',');
    sld__buffer_add(out, digits, sld__number_format(digits, columns[k].values[row]));
  }
  sld__buffer_add_byte(out, '\n');
}

static sld_status flush(struct sld__buffer *text, struct sld__writer *writer, sld_error *err) {
  sld_status status = sld__buffer_status(text, err);
  if (status == SLD_OK) status = sld__os_writer_add(writer, text->data, text->size, err);
  sld__buffer_reset(text);
  return status;
}

static sld_status write_rows(const sld__series *s, struct sld__buffer *text, struct sld__writer *writer, sld_error *err) {
  text_column columns[SLD__COLUMN_COUNT];
  size_t count = choose_columns(columns, s);
  sld__buffer_add_text(text, s->info.date_only ? "date" : "time");
  for (size_t k = 0; k < count; k++) sld__buffer_add_format(text, ",%s", columns[k].name);
  sld__buffer_add_byte(text, '\n');
  for (size_t i = 0; i < s->count; i++) {
    add_row(text, s, columns, count, i);
    if (text->size < CHUNK) continue;
    sld_status status = flush(text, writer, err);
    if (status != SLD_OK) return status;
  }
  return flush(text, writer, err);
}

/* Makes the folder that `path` lies in. */
static sld_status make_room(const sld_allocator *a, const char *path, sld_error *err) {
  const char *slash = strrchr(path, '/');
  if (!slash || slash == path) return SLD_OK;
  char *folder = sld__strndup(a, path, (size_t)(slash - path));
  sld_status status = folder ? sld__os_make_dir(folder, err) : sld__fail_memory(err);
  sld__free(a, folder);
  return status;
}

static sld_status write_text(const sld__series *series, const char *path, sld_error *err) {
  struct sld__buffer text;
  struct sld__writer writer;
  sld__buffer_init(&text, &series->allocator);
  sld_status status = sld__os_writer_open(&writer, path, err);
  if (status == SLD_OK) status = write_rows(series, &text, &writer, err);
  if (status == SLD_OK) status = sld__os_writer_commit(&writer, err);
  else sld__os_writer_discard(&writer);
  sld__buffer_fini(&text);
  return status;
}

/* ---- The description beside it ---------------------------------------------------------------------------------- */

static sld_status compose(struct sld__buffer *text, const sld__series *series, sld_error *err) {
  char period[SLD__PERIOD_SIZE];
  struct sld__json json;
  sld__period_format(series->info.period_ns, period);
  sld__json_init(&json, text, 2);
  sld__json_open_object(&json);
  sld__json_key(&json, "pair");
  sld__json_text(&json, series->info.instrument.pair);
  if (series->info.side != SLD_BOTH) {
    sld__json_key(&json, "side");
    sld__json_text(&json, sld_side_name(series->info.side));
  }
  if (series->info.side_assumed) {
    sld__json_key(&json, "side_assumed");
    sld__json_boolean(&json, true);
  }
  if (*series->info.source) {
    sld__json_key(&json, "source");
    sld__json_text(&json, series->info.source);
  }
  if (!series->info.ticks) {
    sld__json_key(&json, "timeframe");
    sld__json_text(&json, period);
  }
  if (series->info.floating) {
    sld__json_key(&json, "zone");
    sld__json_text(&json, "floating");
  }
  sld__json_close(&json);
  return sld__json_finish(&json, err);
}

static sld_status write_description(const sld__series *series, const char *path, sld_error *err) {
  const sld_allocator *a = &series->allocator;
  size_t stem = strlen(path) - strlen(".csv");
  char *beside = sld__alloc(a, stem + sizeof ".json", 1);
  if (!beside) return sld__fail_memory(err);
  memcpy(beside, path, stem);
  memcpy(beside + stem, ".json", sizeof ".json");
  struct sld__buffer text;
  sld__buffer_init(&text, a);
  sld_status status = compose(&text, series, err);
  if (status == SLD_OK) status = sld__os_write_file(beside, text.data, text.size, err);
  sld__buffer_fini(&text);
  sld__free(a, beside);
  return status;
}

sld_status sld__series_write_csv(const sld__series *series, const char *path, sld_error *err) {
  size_t length = strlen(path);
  if (length < 5 || strcmp(path + length - 4, ".csv") != 0) return sld__fail_at(err, SLD_EINVAL, path, 0, 0, "the name must end in .csv");
  sld_status status = make_room(&series->allocator, path, err);
  if (status == SLD_OK) status = write_description(series, path, err);
  return status == SLD_OK ? write_text(series, path, err) : status;
}

/* ---- NumPy ------------------------------------------------------------------------------------------------------ */

sld_status sld__series_write_npy(const sld__series *series, const char *folder, sld_error *err) {
  const sld_allocator *a = &series->allocator;
  sld_status status = sld__os_make_dir(folder, err);
  for (int k = 0; status == SLD_OK && k < SLD__COLUMN_COUNT; k++) {
    const void *column = sld__series_column(series, k);
    char name[32];
    snprintf(name, sizeof name, "%s.npy", sld__series_column_name(k));
    if (!column) continue;
    char *path = sld__os_join(a, folder, name);
    status = path ? sld__npy_write(path, k == 0 ? SLD__NPY_INT64 : SLD__NPY_FLOAT64, column, series->count, err) : sld__fail_memory(err);
    sld__free(a, path);
  }
  return status;
}
