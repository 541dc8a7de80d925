/* Reading the description beside a data file. */
#include "market/description.h"

#include "base/json_read.h"
#include "market/column.h"
#include "market/instrument.h"

#include <stdio.h>
#include <string.h>

static const char *const fields[] = { "ask", "columns", "date", "day_first", "dialect", "ignore", "invert", "newest_first", "pair", "scale", "series", "side", "side_assumed", "source", "timeframe", "zone" };
enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

typedef struct reader {
  sld__description *out;
  const sld__instruments *own;
  const char *file;
  const char *text;
  size_t size;
} reader;

/* Fills err with the place where `word` stands in quotes; JSON values know none of their own. */
static sld_status fail_at_word(const reader *r, sld_status status, const char *word, sld_error *err, const char *message, const char *more) {
  size_t length = strlen(word);
  int64_t line = 1;
  size_t line_start = 0;
  for (size_t i = 0; i + length + 2 <= r->size; i++) {
    if (r->text[i] == '"' && memcmp(r->text + i + 1, word, length) == 0 && r->text[i + length + 1] == '"')
      return sld__fail_at(err, status, r->file, line, (int64_t)(i - line_start) + 1, "%s%s", message, more);
    if (r->text[i] == '\n') {
      line++;
      line_start = i + 1;
    }
  }
  return sld__fail_at(err, status, r->file, 0, 0, "%s%s", message, more);
}

static void place_of_word(const reader *r, const char *word, sld__mapping *out) {
  sld_error place;
  fail_at_word(r, SLD_EPARSE, word, &place, "", "");
  out->line = place.line;
  out->column_at = place.column;
}

static sld_status unknown_field(const reader *r, const char *key, sld_error *err) {
  const char *near = sld_suggest(key, fields, FIELD_COUNT);
  if (near) return fail_at_word(r, SLD_EPARSE, key, err, "unknown field; did you mean ", near);
  return fail_at_word(r, SLD_EPARSE, key, err, "unknown field; there are source, dialect, zone, side, pair, ask, scale, date, day_first, newest_first, timeframe, columns, series, invert and ignore", "");
}

static sld_status unknown_instrument(const reader *r, const char *name, sld_error *err) {
  const char *near = sld__instrument_suggest(r->own, name);
  if (near) return fail_at_word(r, SLD_ENAME, name, err, "no such instrument; did you mean ", near);
  return fail_at_word(r, SLD_ENAME, name, err, "no such instrument: ", name);
}

/* ---- Columns ---- */

static sld__mapping *find(const sld__description *d, const char *column) {
  return (sld__mapping *)(uintptr_t)sld__description_find(d, column, strlen(column));
}

/* The mapping of `column`, made where there is none. ENOMEM. */
static sld_status map(const reader *r, const char *column, sld__mapping **out, sld_error *err) {
  sld__description *d = r->out;
  *out = find(d, column);
  if (*out) return SLD_OK;
  sld__mapping *moved = sld__realloc(&d->allocator, d->mappings, d->mapping_count + 1, sizeof *moved);
  if (!moved) return sld__fail_memory(err);
  d->mappings = moved;
  sld__mapping *mapping = &moved[d->mapping_count];
  *mapping = (sld__mapping){ .column = sld__strndup(&d->allocator, column, strlen(column)), .kind = -1 };
  if (!mapping->column) return sld__fail_memory(err);
  place_of_word(r, column, mapping);
  d->mapping_count++;
  *out = mapping;
  return SLD_OK;
}

static sld_status read_series(const reader *r, json_t *value, sld_error *err) {
  if (!json_is_object(value)) return fail_at_word(r, SLD_EPARSE, "series", err, "series must be an object from columns to pairs: {\"DEXJPUS\": \"USDJPY\"}", "");
  const char *column;
  json_t *name;
  json_object_foreach(value, column, name) {
    const char *pair = json_string_value(name);
    if (!pair) return fail_at_word(r, SLD_EPARSE, column, err, "the pair must be a text such as \"EURUSD\"", "");
    const sld_instrument *instrument = sld__instrument_find(r->own, pair);
    if (!instrument) return unknown_instrument(r, pair, err);
    sld__mapping *mapping;
    sld_status status = map(r, column, &mapping, err);
    if (status != SLD_OK) return status;
    mapping->instrument = instrument;
  }
  return SLD_OK;
}

/* The next of an array of columns, or NULL at its end; fails where it is no text. */
static sld_status column_of(const reader *r, const json_t *list, size_t i, const char *field, const char *example, const char **out, sld_error *err) {
  char message[128];
  *out = NULL;
  if (json_is_array(list) && i >= json_array_size(list)) return SLD_OK;
  *out = json_string_value(json_array_get(list, i));
  if (*out) return SLD_OK;
  snprintf(message, sizeof message, "%s must be an array of columns: %s", field, example);
  return fail_at_word(r, SLD_EPARSE, field, err, message, "");
}

static sld_status read_ignore(const reader *r, const json_t *value, sld_error *err) {
  const char *column;
  for (size_t i = 0;; i++) {
    sld__mapping *mapping;
    sld_status status = column_of(r, value, i, "ignore", "[\"spread\"]", &column, err);
    if (status != SLD_OK || !column) return status;
    if (find(r->out, column)) return fail_at_word(r, SLD_EPARSE, column, err, "a column is both in series and in ignore: ", column);
    status = map(r, column, &mapping, err);
    if (status != SLD_OK) return status;
    mapping->ignored = true;
  }
}

static sld_status read_invert(const reader *r, const json_t *value, sld_error *err) {
  const char *column;
  for (size_t i = 0;; i++) {
    sld_status status = column_of(r, value, i, "invert", "[\"DEXUSEU\"]", &column, err);
    if (status != SLD_OK || !column) return status;
    sld__mapping *mapping = find(r->out, column);
    if (!mapping || !mapping->instrument) return fail_at_word(r, SLD_EPARSE, column, err, "a column in invert must be in series: ", column);
    mapping->inverted = true;
  }
}

/* What a column is said to hold. */
static sld_status read_kind(const reader *r, const json_t *value, int *out, sld_error *err) {
  const char *word = json_string_value(value);
  *out = SLD__SKIP;
  if (json_is_null(value)) return SLD_OK;
  if (!word) return fail_at_word(r, SLD_EPARSE, "columns", err, "a column holds time, date, clock, open, high, low, close, volume, bid, ask, ask_open and so on; null is not read", "");
  *out = strcmp(word, "date") == 0 ? SLD__DATE : sld__column_kind(word, strlen(word));
  if (*out >= 0) return SLD_OK;
  const char *near = sld__column_suggest(word);
  if (near) return fail_at_word(r, SLD_ENAME, word, err, "no column holds this; did you mean ", near);
  return fail_at_word(r, SLD_ENAME, word, err, "no column holds this; there are time, date, clock, open, high, low, close, volume, bid, ask, ask_open and so on", "");
}

/* A date without a time of day beside it is a time. */
static void settle_dates(int *kinds, size_t count) {
  bool has_clock = false;
  for (size_t i = 0; i < count; i++) has_clock = has_clock || kinds[i] == SLD__CLOCK;
  for (size_t i = 0; i < count && !has_clock; i++)
    if (kinds[i] == SLD__DATE) kinds[i] = SLD__TIME;
}

static sld_status read_column_list(const reader *r, const json_t *value, sld_error *err) {
  sld__description *d = r->out;
  size_t count = json_array_size(value);
  d->columns = sld__alloc(&d->allocator, count, sizeof *d->columns);
  if (!d->columns) return sld__fail_memory(err);
  d->column_count = count;
  for (size_t i = 0; i < count; i++) {
    sld_status status = read_kind(r, json_array_get(value, i), &d->columns[i], err);
    if (status != SLD_OK) return status;
  }
  settle_dates(d->columns, count);
  return SLD_OK;
}

static sld_status read_columns(const reader *r, json_t *value, sld_error *err) {
  if (json_is_array(value)) return read_column_list(r, value, err);
  if (!json_is_object(value)) return fail_at_word(r, SLD_EPARSE, "columns", err, "columns must be an array of what they hold, or an object from their names: {\"Schluss\": \"close\"}", "");
  const char *column;
  json_t *what;
  json_object_foreach(value, column, what) {
    sld__mapping *mapping;
    sld_status status = map(r, column, &mapping, err);
    if (status == SLD_OK) status = read_kind(r, what, &mapping->kind, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

/* ---- Single facts ---- */

/* Puts an error that told.h has worded to the place where `word` stands. */
static sld_status at_word(const reader *r, sld_status status, const char *word, const sld_error *inner, sld_error *err) {
  if (status == SLD_OK || status == SLD_ENOMEM) return status == SLD_OK ? SLD_OK : sld__fail_memory(err);
  return fail_at_word(r, status == SLD_EINVAL ? SLD_EPARSE : status, word, err, inner->message, "");
}

static sld_status read_text(const reader *r, json_t *root, const char *field, const char **out, sld_error *err) {
  const json_t *value = json_object_get(root, field);
  char message[64];
  *out = json_string_value(value);
  if (!value || *out) return SLD_OK;
  snprintf(message, sizeof message, "%s must be a text", field);
  return fail_at_word(r, SLD_EPARSE, field, err, message, "");
}

static sld_status read_facts(const reader *r, json_t *root, sld_error *err) {
  sld__description *d = r->out;
  const char *text;
  sld_error inner;
  sld_status status = read_text(r, root, "dialect", &text, err);
  if (status == SLD_OK && text) status = at_word(r, sld__told_dialect(&d->told, text, "", &inner), text, &inner, err);
  if (status == SLD_OK) status = read_text(r, root, "zone", &text, err);
  if (status == SLD_OK && text) {
    d->zone = sld__strndup(&d->allocator, text, strlen(text));
    status = d->zone ? at_word(r, sld__told_zone(&d->told, d->zone, &d->allocator, "", &inner), text, &inner, err) : sld__fail_memory(err);
  }
  if (status == SLD_OK) status = read_text(r, root, "ask", &text, err);
  if (status == SLD_OK && text) {
    d->told.ask = d->ask = sld__strndup(&d->allocator, text, strlen(text));
    if (!d->ask) return sld__fail_memory(err);
  }
  if (status == SLD_OK) status = read_text(r, root, "timeframe", &text, err);
  if (status == SLD_OK && text) status = at_word(r, sld__told_timeframe(&d->told, text, "", &inner), text, &inner, err);
  if (status == SLD_OK) status = read_text(r, root, "date", &text, err);
  if (status == SLD_OK && text) status = at_word(r, sld__told_date(&d->told, text, "", &inner), "date", &inner, err);
  return status;
}

static sld_status read_side(const reader *r, const json_t *value, sld_error *err) {
  sld_error inner;
  const char *side = json_string_value(value);
  return at_word(r, sld__told_side(&r->out->told, side ? side : "", "", &inner), "side", &inner, err);
}

static sld_status read_pair(const reader *r, const json_t *value, sld_error *err) {
  const char *pair = json_string_value(value);
  if (!pair) return fail_at_word(r, SLD_EPARSE, "pair", err, "the pair must be a text such as \"EURUSD\"", "");
  r->out->told.instrument = sld__instrument_find(r->own, pair);
  return r->out->told.instrument ? SLD_OK : unknown_instrument(r, pair, err);
}

static sld_status read_scale(const reader *r, const json_t *value, sld_error *err) {
  sld_error inner;
  return at_word(r, sld__told_scale(&r->out->told, json_number_value(value), "", &inner), "scale", &inner, err);
}

static sld_status read_switch(const reader *r, json_t *root, const char *field, bool *has, bool *out, sld_error *err) {
  const json_t *value = json_object_get(root, field);
  char message[64];
  *has = value != NULL;
  *out = json_is_true(value);
  if (!value || json_is_boolean(value)) return SLD_OK;
  snprintf(message, sizeof message, "%s must be true or false", field);
  return fail_at_word(r, SLD_EPARSE, field, err, message, "");
}

static sld_status read_order(const reader *r, json_t *root, sld_error *err) {
  bool has;
  bool day_first;
  sld_status status = read_switch(r, root, "day_first", &has, &day_first, err);
  if (has) r->out->told.day_order = day_first ? SLD_DAY_FIRST : SLD_MONTH_FIRST;
  if (status != SLD_OK) return status;
  bool newest_first;
  status = read_switch(r, root, "newest_first", &has, &newest_first, err);
  if (has) r->out->told.row_order = newest_first ? SLD_NEWEST_FIRST : SLD_OLDEST_FIRST;
  return status;
}

static sld_status check_keys(const reader *r, json_t *root, sld_error *err) {
  if (!json_is_object(root)) return sld__fail_at(err, SLD_EPARSE, r->file, 1, 1, "an object is expected");
  const char *key;
  json_t *value;
  json_object_foreach(root, key, value) {
    bool known = false;
    for (size_t i = 0; i < FIELD_COUNT; i++) known = known || strcmp(key, fields[i]) == 0;
    if (!known) return unknown_field(r, key, err);
  }
  return SLD_OK;
}

static sld_status read_fields(const reader *r, json_t *root, sld_error *err) {
  sld_status status = check_keys(r, root, err);
  if (status != SLD_OK) return status;
  json_t *source = json_object_get(root, "source");
  json_t *side = json_object_get(root, "side");
  json_t *assumed = json_object_get(root, "side_assumed");
  json_t *pair = json_object_get(root, "pair");
  json_t *series = json_object_get(root, "series");
  json_t *ignore = json_object_get(root, "ignore");
  json_t *invert = json_object_get(root, "invert");
  json_t *columns = json_object_get(root, "columns");
  json_t *scale = json_object_get(root, "scale");
  if (source && !json_is_string(source)) status = fail_at_word(r, SLD_EPARSE, "source", err, "the source must be a text", "");
  if (status == SLD_OK && pair && series) status = fail_at_word(r, SLD_EPARSE, "series", err, "pair and series exclude each other", "");
  if (status == SLD_OK && source) snprintf(r->out->source, sizeof r->out->source, "%s", json_string_value(source));
  if (status == SLD_OK && side) status = read_side(r, side, err);
  if (status == SLD_OK && assumed && !json_is_boolean(assumed)) status = fail_at_word(r, SLD_EPARSE, "side_assumed", err, "side_assumed must be true or false", "");
  r->out->told.side_assumed = json_is_true(assumed);
  if (status == SLD_OK && pair) status = read_pair(r, pair, err);
  if (status == SLD_OK && series) status = read_series(r, series, err);
  if (status == SLD_OK && ignore) status = read_ignore(r, ignore, err);
  if (status == SLD_OK && invert) status = read_invert(r, invert, err);
  if (status == SLD_OK && columns) status = read_columns(r, columns, err);
  if (status == SLD_OK && scale) status = read_scale(r, scale, err);
  if (status == SLD_OK) status = read_facts(r, root, err);
  return status == SLD_OK ? read_order(r, root, err) : status;
}

sld_status sld__description_parse(sld__description *out, const sld_allocator *a, const sld__instruments *own, const char *file, const char *text, size_t size, sld_error *err) {
  sld__description d = { .allocator = *a };
  reader r = { &d, own, file, text, size };
  json_t *root = NULL;
  sld_status status = sld__json_parse(&root, file, text, size, err);
  if (status != SLD_OK) return status;
  d.file = sld__strndup(a, file, strlen(file));
  status = d.file ? read_fields(&r, root, err) : sld__fail_memory(err);
  json_decref(root);
  if (status == SLD_OK) *out = d;
  else sld__description_fini(&d);
  return status;
}

void sld__description_fini(sld__description *description) {
  if (!description->file) return;
  const sld_allocator a = description->allocator;
  for (size_t i = 0; i < description->mapping_count; i++) sld__free(&a, description->mappings[i].column);
  sld__free(&a, description->mappings);
  sld__free(&a, description->columns);
  sld__free(&a, description->zone);
  sld__free(&a, description->ask);
  sld__free(&a, description->file);
  *description = (sld__description){ .file = NULL };
}

const sld__mapping *sld__description_find(const sld__description *description, const char *name, size_t size) {
  for (size_t i = 0; i < description->mapping_count; i++) {
    const sld__mapping *mapping = &description->mappings[i];
    if (strlen(mapping->column) == size && memcmp(mapping->column, name, size) == 0) return mapping;
  }
  return NULL;
}
