/* Writing and mapping .npy files. */
#include "market/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MAGIC_SIZE = 8, LENGTH_SIZE = 2, ALIGNMENT = 64, HEADER_MAX = 192 };

static const char magic[MAGIC_SIZE + 1] = "\x93NUMPY\x01\x00";

_Static_assert(sizeof(double) == 8, "columns hold doubles of 8 bytes");
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "columns are mapped as they lie in the file, little endian"
#endif

/* Writes the header to out[HEADER_MAX] and returns its length, a multiple of ALIGNMENT. */
static size_t header(char *out, const char *type, size_t count) {
  char text[HEADER_MAX];
  int length = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,), }", type, count);
  size_t used = MAGIC_SIZE + LENGTH_SIZE + (size_t)length + 1;
  size_t total = (used + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  size_t stated = total - MAGIC_SIZE - LENGTH_SIZE;
  memcpy(out, magic, MAGIC_SIZE);
  out[MAGIC_SIZE] = (char)(stated & 0xFF);
  out[MAGIC_SIZE + 1] = (char)(stated >> 8);
  memcpy(out + MAGIC_SIZE + LENGTH_SIZE, text, (size_t)length);
  memset(out + used - 1, ' ', total - used);
  out[total - 1] = '\n';
  return total;
}

sld_status sld__npy_write(const char *path, const char *type, const void *values, size_t count, sld_error *err) {
  char head[HEADER_MAX];
  struct sld__writer writer;
  sld_status status = sld__os_writer_open(&writer, path, err);
  if (status == SLD_OK) status = sld__os_writer_add(&writer, head, header(head, type, count), err);
  if (status == SLD_OK) status = sld__os_writer_add(&writer, values, count * 8, err);
  if (status == SLD_OK) return sld__os_writer_commit(&writer, err);
  sld__os_writer_discard(&writer);
  return status;
}

/* Skips `word` at *at. */
static bool expect(const char **at, const char *end, const char *word) {
  size_t size = strlen(word);
  if ((size_t)(end - *at) < size || memcmp(*at, word, size) != 0) return false;
  *at += size;
  return true;
}

static bool take_count(const char **at, const char *end, size_t *out) {
  const char *start = *at;
  size_t count = 0;
  for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
    if (count > (SIZE_MAX / 8 - 9) / 10) return false;
    count = count * 10 + (size_t)(**at - '0');
  }
  *out = count;
  return *at > start;
}

static bool blank(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\n')) at++;
  return at == end;
}

/* Reads "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", as NumPy writes it. */
static bool read_dictionary(const char *at, const char *end, const char *type, size_t *count) {
  return expect(&at, end, "{'descr': '") && expect(&at, end, type) && expect(&at, end, "', 'fortran_order': False, 'shape': (") && take_count(&at, end, count) &&
         expect(&at, end, ",), }") && blank(at, end);
}

static sld_status read_header(sld__npy *out, const char *path, const char *type, sld_error *err) {
  const char *data = out->map.data;
  size_t size = out->map.size;
  if (size < MAGIC_SIZE + LENGTH_SIZE || memcmp(data, magic, MAGIC_SIZE) != 0) return sld__fail_at(err, SLD_EPARSE, path, 0, 0, "this is no .npy file of version 1.0");
  size_t start = MAGIC_SIZE + LENGTH_SIZE + (size_t)(unsigned char)data[MAGIC_SIZE] + ((size_t)(unsigned char)data[MAGIC_SIZE + 1] << 8);
  if (start > size) return sld__fail_at(err, SLD_EPARSE, path, 0, 0, "the file is cut off in its header");
  if (!read_dictionary(data + MAGIC_SIZE + LENGTH_SIZE, data + start, type, &out->count))
    return sld__fail_at(err, SLD_EPARSE, path, 0, 0, "the file does not hold one column of type %s", type);
  if (start % 8 != 0) return sld__fail_at(err, SLD_EPARSE, path, 0, 0, "the data start at byte %zu, which is no multiple of 8", start);
  if (size - start != out->count * 8)
    return sld__fail_at(err, SLD_EPARSE, path, 0, 0, "the file holds %zu bytes of data where %zu values take %zu", size - start, out->count, out->count * 8);
  out->values = data + start;
  return SLD_OK;
}

sld_status sld__npy_open(sld__npy *out, const char *path, const char *type, sld_error *err) {
  *out = (sld__npy){ .count = 0 };
  sld_status status = sld__os_map_file(&out->map, path, err);
  if (status != SLD_OK) return status;
  status = read_header(out, path, type, err);
  if (status != SLD_OK) sld__os_map_close(&out->map);
  return status;
}
