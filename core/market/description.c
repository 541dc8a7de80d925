/* Reading the description beside a CSV file. */
#include "market/description.h"

#include "base/json_read.h"
#include "market/instrument.h"

#include <string.h>

static const char *const fields[] = { "ignore", "pair", "series", "side", "source" };
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
  return fail_at_word(r, SLD_EPARSE, key, err, "unknown field; there are source, side, pair, series and ignore", "");
}

static sld_status unknown_instrument(const reader *r, const char *name, sld_error *err) {
  const char *near = sld__instrument_suggest(r->own, name);
  if (near) return fail_at_word(r, SLD_ENAME, name, err, "no such instrument; did you mean ", near);
  return fail_at_word(r, SLD_ENAME, name, err, "no such instrument: ", name);
}

static sld_status add_mapping(const reader *r, const char *column, const sld_instrument *instrument, sld_error *err) {
  sld__description *d = r->out;
  if (sld__description_find(d, column, strlen(column))) return fail_at_word(r, SLD_EPARSE, column, err, "a column is both in series and in ignore: ", column);
  sld__mapping *moved = sld__realloc(&d->allocator, d->mappings, d->mapping_count + 1, sizeof *moved);
  if (!moved) return sld__fail_memory(err);
  d->mappings = moved;
  sld__mapping *mapping = &moved[d->mapping_count];
  *mapping = (sld__mapping){ .column = sld__strndup(&d->allocator, column, strlen(column)), .instrument = instrument };
  if (!mapping->column) return sld__fail_memory(err);
  place_of_word(r, column, mapping);
  d->mapping_count++;
  return SLD_OK;
}

static sld_status read_side(const reader *r, const json_t *value, sld_error *err) {
  const char *side = json_string_value(value);
  bool mid = side && strcmp(side, "mid") == 0;
  if (!mid && !(side && strcmp(side, "bid") == 0)) return fail_at_word(r, SLD_EPARSE, "side", err, "the side must be \"bid\" or \"mid\"", "");
  r->out->has_side = true;
  r->out->side = mid ? SLD_MID : SLD_BID;
  return SLD_OK;
}

static sld_status read_pair(const reader *r, const json_t *value, sld_error *err) {
  const char *pair = json_string_value(value);
  if (!pair) return fail_at_word(r, SLD_EPARSE, "pair", err, "the pair must be a text such as \"EURUSD\"", "");
  r->out->instrument = sld__instrument_find(r->own, pair);
  return r->out->instrument ? SLD_OK : unknown_instrument(r, pair, err);
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
    sld_status status = add_mapping(r, column, instrument, err);
    if (status != SLD_OK) return status;
  }
  r->out->series_count = r->out->mapping_count;
  return SLD_OK;
}

static sld_status read_ignore(const reader *r, const json_t *value, sld_error *err) {
  if (!json_is_array(value)) return fail_at_word(r, SLD_EPARSE, "ignore", err, "ignore must be an array of columns: [\"spread\"]", "");
  for (size_t i = 0; i < json_array_size(value); i++) {
    const char *column = json_string_value(json_array_get(value, i));
    if (!column) return fail_at_word(r, SLD_EPARSE, "ignore", err, "ignore must be an array of columns: [\"spread\"]", "");
    sld_status status = add_mapping(r, column, NULL, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

static sld_status read_fields(const reader *r, json_t *root, sld_error *err) {
  if (!json_is_object(root)) return sld__fail_at(err, SLD_EPARSE, r->file, 1, 1, "an object is expected");
  const char *key;
  json_t *value;
  json_object_foreach(root, key, value) {
    bool known = false;
    for (size_t i = 0; i < FIELD_COUNT; i++) known = known || strcmp(key, fields[i]) == 0;
    if (!known) return unknown_field(r, key, err);
  }
  json_t *source = json_object_get(root, "source");
  json_t *side = json_object_get(root, "side");
  json_t *pair = json_object_get(root, "pair");
  json_t *series = json_object_get(root, "series");
  json_t *ignore = json_object_get(root, "ignore");
  sld_status status = SLD_OK;
  if (source && !json_is_string(source)) status = fail_at_word(r, SLD_EPARSE, "source", err, "the source must be a text", "");
  if (status == SLD_OK && pair && series) status = fail_at_word(r, SLD_EPARSE, "series", err, "pair and series exclude each other", "");
  if (status == SLD_OK && side) status = read_side(r, side, err);
  if (status == SLD_OK && pair) status = read_pair(r, pair, err);
  if (status == SLD_OK && series) status = read_series(r, series, err);
  if (status == SLD_OK && ignore) status = read_ignore(r, ignore, err);
  return status;
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
