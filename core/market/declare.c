/* Reading declarations of instruments. */
#include "market/declare.h"

#include "base/alloc.h"
#include "base/json_read.h"
#include "base/os.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum field_kind { WORD, NUMBER, DAY } field_kind;

typedef struct field {
  const char *name;
  field_kind kind;
  double least, most; /* of numbers; a least of 0 is only for whole ones */
  bool whole;
  bool needed;        /* of a new instrument */
} field;

/* Order and limits of what an instrument says. A currency's name has at most seven letters. */
static const field fields[] = {
  { "base", WORD, 0, 0, false, true },           { "quote", WORD, 0, 0, false, true },
  { "digits", NUMBER, 0, 15, true, true },      { "pip", NUMBER, 0, 1e9, false, true },
  { "lot", NUMBER, 0, 1e12, false, true },       { "min_size", NUMBER, 0, 1e12, false, false },
  { "step", NUMBER, 0, 1e12, false, false },     { "leverage", NUMBER, 0, 1e4, false, false },
  { "margin", NUMBER, 0, 1, false, false },      { "swap_long", NUMBER, -1e6, 1e6, false, false },
  { "swap_short", NUMBER, -1e6, 1e6, false, false }, { "triple_day", DAY, 0, 0, false, false },
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static const char *const weekdays[] = { "monday", "tuesday", "wednesday", "thursday", "friday" };
enum { WEEKDAYS = sizeof weekdays / sizeof *weekdays };

typedef struct reader {
  const char *file;
  const char *text;
  size_t size;
  const char *pair; /* the instrument that is being read */
  const json_t *object;
} reader;

static sld_status fail(const reader *r, sld_status status, const char *key, sld_error *err, const char *format, ...) SLD__PRINTF(5, 6);

/* Fills err at field `key` of the instrument, or at the instrument itself (NULL). */
static sld_status fail(const reader *r, sld_status status, const char *key, sld_error *err, const char *format, ...) {
  if (!err) return status;
  const char *keys[] = { r->pair, key };
  int64_t line, column;
  char message[sizeof err->message];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  sld__json_place(r->text, r->size, keys, key ? 2 : 1, &line, &column);
  return sld__fail_at(err, status, r->file, line, column, "%s", message);
}

/* ---- Fields ---- */

static const field *find_field(const char *name) {
  for (size_t i = 0; i < FIELD_COUNT; i++)
    if (strcmp(fields[i].name, name) == 0) return &fields[i];
  return NULL;
}

static sld_status check_names(const reader *r, sld_error *err) {
  const char *names[FIELD_COUNT];
  for (size_t i = 0; i < FIELD_COUNT; i++) names[i] = fields[i].name;
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)r->object, key, value) {
    if (find_field(key)) continue;
    const char *near = sld_suggest(key, names, FIELD_COUNT);
    if (near) return fail(r, SLD_ENAME, key, err, "%s: no field '%s'; did you mean '%s'?", r->pair, key, near);
    return fail(r, SLD_ENAME, key, err, "%s: no field '%s'", r->pair, key);
  }
  return SLD_OK;
}

static sld_status read_word(const reader *r, const char *name, char out[8], sld_error *err) {
  const json_t *value = json_object_get(r->object, name);
  if (!value) return SLD_OK;
  const char *word = json_string_value(value);
  if (!word) return fail(r, SLD_EPARSE, name, err, "%s: %s must be a text such as \"USD\"", r->pair, name);
  if (!sld__instrument_good_name(word, 8)) return fail(r, SLD_ERANGE, name, err, "%s: %s must have 2 to 7 capital letters or digits, not '%.40s'", r->pair, name, word);
  if (out[0] && strcmp(out, word) != 0) return fail(r, SLD_ERANGE, name, err, "%s: %s is %s and cannot become %s", r->pair, name, out, word);
  memcpy(out, word, strlen(word) + 1);
  return SLD_OK;
}

/* Leaves `out` as it is where the field is not there; `*given` says whether it is. */
static sld_status read_number(const reader *r, const char *name, double *out, bool *given, sld_error *err) {
  const json_t *value = json_object_get(r->object, name);
  *given = value != NULL;
  if (!value) return SLD_OK;
  if (!json_is_number(value)) return fail(r, SLD_EPARSE, name, err, "%s: %s must be a number", r->pair, name);
  const field *f = find_field(name);
  double number = json_number_value(value);
  if (f->whole && number != floor(number)) return fail(r, SLD_ERANGE, name, err, "%s: %s must be a whole number, not %.15g", r->pair, name, number);
  bool above = f->least == 0.0 && !f->whole;
  if (number >= f->least && number <= f->most && !(above && number == 0.0)) {
    *out = number;
    return SLD_OK;
  }
  return fail(r, SLD_ERANGE, name, err, "%s: %s must be %s %.15g %s %.15g, not %.15g", r->pair, name, above ? "above" : "from", f->least, above ? "and at most" : "to", f->most, number);
}

static sld_status read_day(const reader *r, int *out, sld_error *err) {
  const json_t *value = json_object_get(r->object, "triple_day");
  if (!value) return SLD_OK;
  const char *word = json_string_value(value);
  if (!word) return fail(r, SLD_EPARSE, "triple_day", err, "%s: triple_day must be a weekday such as \"wednesday\"", r->pair);
  for (int i = 0; i < WEEKDAYS; i++) {
    if (strcmp(word, weekdays[i]) != 0) continue;
    *out = i + 1;
    return SLD_OK;
  }
  const char *near = sld_suggest(word, weekdays, WEEKDAYS);
  if (near) return fail(r, SLD_ENAME, "triple_day", err, "%s: no weekday '%.40s'; did you mean '%s'?", r->pair, word, near);
  return fail(r, SLD_ENAME, "triple_day", err, "%s: no weekday '%.40s'; rollovers are charged from monday to friday", r->pair, word);
}

static sld_status read_size(const reader *r, sld_instrument *out, sld_error *err) {
  double digits = out->digits;
  bool given, min_given;
  sld_status status = read_number(r, "digits", &digits, &given, err);
  if (status == SLD_OK) status = read_number(r, "pip", &out->pip, &given, err);
  if (status == SLD_OK) status = read_number(r, "lot", &out->lot, &given, err);
  if (status == SLD_OK) status = read_number(r, "step", &out->step, &given, err);
  if (status == SLD_OK) status = read_number(r, "min_size", &out->min_size, &min_given, err);
  if (status != SLD_OK) return status;
  if (given && !min_given) out->min_size = out->step;
  out->digits = (int)digits;
  return SLD_OK;
}

static sld_status read_terms(const reader *r, sld_instrument *out, sld_error *err) {
  double margin;
  bool levered, margined, longs, shorts;
  sld_status status = read_number(r, "leverage", &out->leverage, &levered, err);
  if (status == SLD_OK) status = read_number(r, "margin", &margin, &margined, err);
  if (status == SLD_OK && levered && margined) return fail(r, SLD_ERANGE, "margin", err, "%s: leverage and margin say one thing: give one", r->pair);
  if (status == SLD_OK && margined) out->leverage = 1.0 / margin;
  if (status == SLD_OK) status = read_number(r, "swap_long", &out->swap_long, &longs, err);
  if (status == SLD_OK) status = read_number(r, "swap_short", &out->swap_short, &shorts, err);
  if (status != SLD_OK) return status;
  if (longs != shorts) return fail(r, SLD_ERANGE, longs ? "swap_long" : "swap_short", err, "%s: swap_long and swap_short go together: %s is missing", r->pair, longs ? "swap_short" : "swap_long");
  out->has_swap = out->has_swap || longs;
  return read_day(r, &out->triple_day, err);
}

static sld_status check_needed(const reader *r, sld_error *err) {
  for (size_t i = 0; i < FIELD_COUNT; i++)
    if (fields[i].needed && !json_object_get(r->object, fields[i].name))
      return fail(r, SLD_ERANGE, NULL, err, "%s is a new instrument and needs \"%s\"", r->pair, fields[i].name);
  return SLD_OK;
}

/* One instrument over what is known of it. */
static sld_status read_instrument(const reader *r, const sld__instruments *own, sld_instrument *out, sld_error *err) {
  if (!sld__instrument_good_name(r->pair, sizeof out->pair)) return fail(r, SLD_ENAME, NULL, err, "'%.40s' is no name of an instrument: 2 to 15 capital letters, digits, '.', '_' or '-'", r->pair);
  if (!json_is_object(r->object)) return fail(r, SLD_EPARSE, NULL, err, "%s: an object of fields is expected", r->pair);
  const sld_instrument *known = sld__instrument_find(own, r->pair);
  *out = known ? *known : (sld_instrument){ .step = 1.0, .min_size = 1.0 };
  memcpy(out->pair, r->pair, strlen(r->pair) + 1);
  sld_status status = check_names(r, err);
  if (status == SLD_OK && !known) status = check_needed(r, err);
  if (status == SLD_OK) status = read_word(r, "base", out->base, err);
  if (status == SLD_OK) status = read_word(r, "quote", out->quote, err);
  if (status == SLD_OK) status = read_size(r, out, err);
  return status == SLD_OK ? read_terms(r, out, err) : status;
}

/* ---- The file ---- */

/* Puts an instrument at its place; there is room. */
static void put(sld__instruments *own, const sld_instrument *instrument) {
  size_t at = 0;
  while (at < own->count && strcmp(own->list[at].pair, instrument->pair) < 0) at++;
  bool there = at < own->count && strcmp(own->list[at].pair, instrument->pair) == 0;
  if (!there) memmove(own->list + at + 1, own->list + at, (own->count++ - at) * sizeof *own->list);
  own->list[at] = *instrument;
}

static sld_status read_all(reader *r, const json_t *root, sld__instruments *own, sld_error *err) {
  if (!json_is_object(root)) return sld__fail_at(err, SLD_EPARSE, r->file, 1, 1, "an object from instruments to their fields is expected");
  sld__instruments read = { .allocator = own->allocator, .list = sld__alloc(&own->allocator, own->count + json_object_size(root), sizeof *read.list), .count = own->count };
  if (!read.list) return sld__fail_memory(err);
  if (own->count) memcpy(read.list, own->list, own->count * sizeof *read.list);
  sld_status status = SLD_OK;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)root, r->pair, value) {
    sld_instrument instrument;
    r->object = value;
    status = read_instrument(r, own, &instrument, err);
    if (status != SLD_OK) break;
    put(&read, &instrument);
  }
  sld__declare_fini(status == SLD_OK ? own : &read);
  if (status == SLD_OK) *own = read;
  return status;
}

sld_status sld__declare_instruments(sld__instruments *own, const char *path, sld_error *err) {
  struct sld__map map;
  json_t *root = NULL;
  sld_status status = sld__os_map_file(&map, path, err);
  if (status != SLD_OK) return status;
  status = sld__json_parse(&root, path, map.data, map.size, err);
  reader r = { .file = path, .text = map.data, .size = map.size };
  if (status == SLD_OK) status = read_all(&r, root, own, err);
  json_decref(root);
  sld__os_map_close(&map);
  return status;
}

void sld__declare_fini(sld__instruments *own) {
  sld__free(&own->allocator, own->list);
  own->list = NULL;
  own->count = 0;
}
