/* jansson's reader with our errors. */
#include "base/json_read.h"

#include "base/os.h"

#include <string.h>

/* jansson counts columns in characters; ours are bytes: from the last line end to where it stopped. */
static int64_t byte_column(const char *text, size_t size, int position) {
  size_t stop = position < 0 ? 0 : (size_t)position;
  if (stop > size) stop = size;
  size_t start = stop;
  while (start > 0 && text[start - 1] != '\n') --start;
  return stop == start ? 1 : (int64_t)(stop - start);
}

sld_status sld__json_parse(json_t **out, const char *name, const char *text, size_t size, sld_error *err) {
  json_error_t error;
  json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
  if (root) {
    *out = root;
    return SLD_OK;
  }
  if (json_error_code(&error) == json_error_out_of_memory) return sld__fail_memory(err);
  return sld__fail_at(err, SLD_EPARSE, name, error.line, byte_column(text, size, error.position), "not JSON: %s", error.text);
}

sld_status sld__json_load(json_t **out, const char *path, sld_error *err) {
  struct sld__map map;
  sld_status status = sld__os_map_file(&map, path, err);
  if (status) return status;
  status = sld__json_parse(out, path, map.data, map.size, err);
  sld__os_map_close(&map);
  return status;
}

/* ---- Places ---- */

static const char *skip_blanks(const char *p, const char *end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
  return p;
}

/* Behind the string that starts at `p`. */
static const char *skip_string(const char *p, const char *end) {
  for (p++; p < end && *p != '"'; p++)
    if (*p == '\\') p++;
  return p < end ? p + 1 : end;
}

/* Behind the value that starts at `p`. */
static const char *skip_value(const char *p, const char *end) {
  size_t depth = 0;
  for (; p < end; p++) {
    if (*p == '"') p = skip_string(p, end) - 1;
    else if (*p == '{' || *p == '[') depth++;
    else if (depth == 0 && (*p == ',' || *p == '}' || *p == ']')) return p;
    else if ((*p == '}' || *p == ']') && --depth == 0) return p + 1;
  }
  return end;
}

/* The name of member `key` of the object at `p`, its quote included; NULL: there is none. */
static const char *find_member(const char *p, const char *end, const char *key) {
  size_t size = strlen(key);
  p = skip_blanks(p, end);
  if (p == end || *p != '{') return NULL;
  for (p = skip_blanks(p + 1, end); p < end && *p == '"'; p = skip_blanks(p + 1, end)) {
    const char *behind = skip_string(p, end);
    if ((size_t)(behind - p) == size + 2 && memcmp(p + 1, key, size) == 0) return p;
    p = skip_blanks(behind, end);
    if (p < end) p = skip_blanks(skip_value(skip_blanks(p + 1, end), end), end);
    if (p == end || *p != ',') return NULL;
  }
  return NULL;
}

void sld__json_place(const char *text, size_t size, const char *const *keys, size_t count, int64_t *line, int64_t *column) {
  const char *end = text + size, *place = text, *object = text;
  for (size_t i = 0; i < count; i++) {
    const char *member = find_member(object, end, keys[i]);
    if (!member) break;
    place = member;
    object = skip_blanks(skip_string(member, end), end);
    if (object < end) object++;
  }
  *line = 1;
  const char *start = text;
  for (const char *p = text; p < place; p++)
    if (*p == '\n') ++*line, start = p + 1;
  *column = place - start + 1;
}
