/* jansson's reader with our errors. */
#include "base/json_read.h"

#include "base/os.h"

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
