/* The JSON writer: separators and the order of keys from a stack of open levels. */
#include "base/json.h"

#include "base/number.h"
#include "base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct sld__json_level *top(struct sld__json *json) {
  return &json->levels[json->depth];
}

static bool broken(const struct sld__json *json) {
  return json->status || json->out->failed || json->keys.failed;
}

/* The first problem stays: later ones follow from it. */
static void SLD__PRINTF(2, 3) misuse(struct sld__json *json, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(json->problem, sizeof json->problem, format, args);
  va_end(args);
  json->status = SLD_EINVAL;
}

static void new_line(struct sld__json *json, int depth) {
  sld__buffer_add_byte(json->out, '\n');
  for (int i = 0; i < depth * json->indent; ++i) sld__buffer_add_byte(json->out, ' ');
}

/* What stands before an element: a comma, and the way to its place. */
static void separate(struct sld__json *json) {
  struct sld__json_level *level = top(json);
  if (level->filled) sld__buffer_add_byte(json->out, ',');
  if (json->indent && json->depth > 0) {
    if (!level->in_row)
      new_line(json, json->depth);
    else if (level->filled)
      sld__buffer_add_byte(json->out, ' ');
  }
  level->filled = true;
}

/* Whether a value may stand here; writes its separator. */
static bool begin_value(struct sld__json *json) {
  if (broken(json)) return false;
  struct sld__json_level *level = top(json);
  if (level->closer == '}') {
    if (!level->keyed) {
      misuse(json, "a value without a key in an object");
      return false;
    }
    level->keyed = false;
    return true;
  }
  if (json->depth == 0 && level->filled) {
    misuse(json, "a second value after the document's end");
    return false;
  }
  separate(json);
  return true;
}

static void open_level(struct sld__json *json, char opener, char closer, bool row) {
  if (!begin_value(json)) return;
  if (json->depth == SLD__JSON_DEPTH) {
    misuse(json, "more than %d levels", SLD__JSON_DEPTH);
    return;
  }
  bool in_row = row || top(json)->in_row;
  ++json->depth;
  *top(json) = (struct sld__json_level){ .closer = closer, .in_row = in_row, .key_start = json->keys.size };
  sld__buffer_add_byte(json->out, opener);
}

/* The last key of the object on top; not terminated. */
static const char *last_key(const struct sld__json *json, size_t *size) {
  size_t start = json->levels[json->depth].key_start;
  *size = json->keys.size - start;
  return *size ? json->keys.data + start : "";
}

/* Ascending by bytes: a prefix stands before what it starts. */
static int compare(const char *a, size_t a_size, const char *b, size_t b_size) {
  int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
  if (order != 0) return order;
  return a_size < b_size ? -1 : a_size > b_size;
}

/* text[size] in quotes: runs that need no change are copied whole. */
static void quote(struct sld__buffer *out, const char *text, size_t size) {
  sld__buffer_add_byte(out, '"');
  size_t start = 0;
  for (size_t i = 0; i < size;) {
    unsigned char byte = (unsigned char)text[i];
    size_t length = sld__utf8_length(text + i, size - i);
    if (length > 0 && byte >= 0x20 && byte != '"' && byte != '\\') {
      i += length;
      continue;
    }
    sld__buffer_add(out, text + start, i - start);
    static const char named[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    const char *name = NULL;
    for (size_t k = 0; k + 1 < sizeof named; k += 2)
      if ((unsigned char)named[k] == byte) name = &named[k + 1];
    if (length == 0)
      sld__buffer_add_text(out, "\xEF\xBF\xBD");
    else if (name)
      sld__buffer_add(out, (const char[]){ '\\', *name }, 2);
    else
      sld__buffer_add_format(out, "\\u%04x", byte);
    start = ++i;
  }
  sld__buffer_add(out, text + start, size - start);
  sld__buffer_add_byte(out, '"');
}

void sld__json_init(struct sld__json *json, struct sld__buffer *out, int indent) {
  *json = (struct sld__json){ .out = out, .indent = indent };
  sld__buffer_init(&json->keys, &out->allocator);
}

sld_status sld__json_finish(struct sld__json *json, sld_error *err) {
  if (!broken(json) && json->depth > 0) misuse(json, "'%c' is missing", top(json)->closer);
  if (!broken(json) && !top(json)->filled) misuse(json, "no value");
  if (!broken(json) && json->indent) sld__buffer_add_byte(json->out, '\n');
  bool out_of_memory = json->out->failed || json->keys.failed;
  sld__buffer_fini(&json->keys);
  if (json->status) return sld__fail(err, json->status, "JSON: %s", json->problem);
  return out_of_memory ? sld__fail_memory(err) : SLD_OK;
}

void sld__json_open_object(struct sld__json *json) {
  open_level(json, '{', '}', false);
}

void sld__json_open_array(struct sld__json *json) {
  open_level(json, '[', ']', false);
}

void sld__json_open_row(struct sld__json *json) {
  open_level(json, '[', ']', true);
}

void sld__json_close(struct sld__json *json) {
  if (broken(json)) return;
  struct sld__json_level *level = top(json);
  if (json->depth == 0) {
    misuse(json, "nothing to close");
    return;
  }
  if (level->keyed) {
    size_t size;
    const char *last = last_key(json, &size);
    misuse(json, "key '%.*s' without a value", (int)size, last);
    return;
  }
  json->keys.size = level->key_start;
  --json->depth;
  if (json->indent && level->filled && !level->in_row) new_line(json, json->depth);
  sld__buffer_add_byte(json->out, level->closer);
}

void sld__json_key(struct sld__json *json, const char *key) {
  if (broken(json)) return;
  struct sld__json_level *level = top(json);
  size_t size = strlen(key);
  if (level->closer != '}' || level->keyed) {
    misuse(json, "key '%s' where a value is due", key);
    return;
  }
  size_t last_size;
  const char *last = last_key(json, &last_size);
  if (level->filled && compare(last, last_size, key, size) >= 0) {
    misuse(json, "key '%s' after '%.*s'", key, (int)last_size, last);
    return;
  }
  json->keys.size = level->key_start;
  sld__buffer_add(&json->keys, key, size);
  separate(json);
  quote(json->out, key, size);
  sld__buffer_add_byte(json->out, ':');
  if (json->indent) sld__buffer_add_byte(json->out, ' ');
  level->keyed = true;
}

void sld__json_bytes(struct sld__json *json, const char *text, size_t size) {
  if (begin_value(json)) quote(json->out, text, size);
}

void sld__json_text(struct sld__json *json, const char *text) {
  sld__json_bytes(json, text, strlen(text));
}

void sld__json_number(struct sld__json *json, double value) {
  if (!begin_value(json)) return;
  if (!isfinite(value)) {
    sld__buffer_add_text(json->out, "null");
    return;
  }
  char text[SLD__NUMBER_SIZE];
  sld__buffer_add(json->out, text, sld__number_format(text, value));
}

void sld__json_integer(struct sld__json *json, int64_t value) {
  if (begin_value(json)) sld__buffer_add_format(json->out, "%lld", (long long)value);
}

void sld__json_boolean(struct sld__json *json, bool value) {
  if (begin_value(json)) sld__buffer_add_text(json->out, value ? "true" : "false");
}

void sld__json_null(struct sld__json *json) {
  if (begin_value(json)) sld__buffer_add_text(json->out, "null");
}
