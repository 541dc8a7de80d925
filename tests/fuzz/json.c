/* What is read from JSON: values of any kind and places in them, descriptions of files, declarations of instruments.
 * Input: a byte that says which, and the text. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "base/json_read.h"
#include "market/declare.h"
#include "market/description.h"

static sld_status read_any(const char *text, size_t size, sld_error *err) {
  json_t *root;
  sld_status status = sld__json_parse(&root, "file", text, size, err);
  if (status != SLD_OK) return status;
  const char *key;
  json_t *value;
  json_object_foreach(root, key, value) {
    const char *inner = json_is_object(value) && json_object_size(value) ? json_object_iter_key(json_object_iter(value)) : "none";
    const char *const keys[] = { key, inner };
    int64_t line, column;
    sld__json_place(text, size, keys, 2, &line, &column);
    FUZZ_HOLDS(line >= 1 && column >= 1 && (size_t)line <= size + 1 && (size_t)column <= size + 1);
  }
  json_decref(root);
  return SLD_OK;
}

static sld_status read_description(const char *text, size_t size, sld_error *err) {
  const sld_allocator a = sld__alloc_default();
  sld__description description = { .file = NULL };
  sld_status status = sld__description_parse(&description, &a, NULL, "file", text, size, err);
  sld__description_fini(&description);
  return status;
}

static sld_status declare(const uint8_t *text, size_t size, sld_error *err) {
  sld__instruments own = { .allocator = sld__alloc_default() };
  fuzz_file("file", text, size);
  sld_status status = sld__declare_instruments(&own, "file", err);
  if (status == SLD_OK) status = sld__declare_instruments(&own, "file", err); /* over itself */
  sld__declare_fini(&own);
  fuzz_files_forget();
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  sld_error err = { .status = SLD_OK };
  unsigned kind = fuzz_choice(&in, 3);
  const char *text = fuzz_guarded(0, in.data, in.size);
  sld_status status = kind == 0 ? read_any(text, in.size, &err) : kind == 1 ? read_description(text, in.size, &err) : declare(in.data, in.size, &err);
  if (status != SLD_OK) fuzz_check_error(status, &err);
  return 0;
}
