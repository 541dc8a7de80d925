/* Zip archives, by libzip. Its own blocks come from malloc; the data that it unpacks do not. */
#include "market/unpack.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zip.h>

bool sld__is_zip(const char *data, size_t size) {
  return size >= 4 && memcmp(data, "PK\x03\x04", 4) == 0;
}

static sld_status fail(const char *file, const char *what, const zip_error_t *why, sld_error *err) {
  zip_error_t copy = *why; /* whose words are a block of its own */
  if (zip_error_code_zip(why) == ZIP_ER_MEMORY) return sld__fail_memory(err);
  bool method = zip_error_code_zip(why) == ZIP_ER_COMPNOTSUPP || zip_error_code_zip(why) == ZIP_ER_NOPASSWD;
  copy.str = NULL;
  sld_status status = sld__fail_at(err, method ? SLD_EVALUE : SLD_EPARSE, file, 0, 0, "%s: %s", what, zip_error_strerror(&copy));
  zip_error_fini(&copy);
  return status;
}

static bool ends_in(const char *name, const char *ending) {
  size_t size = strlen(name);
  size_t wanted = strlen(ending);
  return size >= wanted && strcasecmp(name + size - wanted, ending) == 0;
}

static bool any_ends_in(zip_t *archive, const char *ending) {
  zip_int64_t count = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < count; i++) {
    const char *name = zip_get_name(archive, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
    if (name && ends_in(name, ending)) return true;
  }
  return false;
}

/* Reads the whole of an open member into data[size]. libzip checks the sum at its end. */
static sld_status read_member(zip_file_t *member, char *data, size_t size, const char *name, sld_error *err) {
  size_t got = 0;
  for (;;) {
    char beyond;
    zip_int64_t read = got < size ? zip_fread(member, data + got, size - got) : zip_fread(member, &beyond, 1);
    if (read < 0) {
      char what[80];
      snprintf(what, sizeof what, "the member is damaged behind byte %zu unpacked", got);
      return fail(name, what, zip_file_get_error(member), err);
    }
    if (read == 0 && got < size) return sld__fail_at(err, SLD_EPARSE, name, 0, 0, "the member is damaged: it ends at byte %zu of %zu", got, size);
    if (read == 0) return SLD_OK;
    if (got == size) return sld__fail_at(err, SLD_EPARSE, name, 0, 0, "the member is damaged: it goes on behind byte %zu", size);
    got += (size_t)read;
  }
}

/* "eurusd.zip:eurusd.csv", cut where it is longer than a path may be. */
static char *full_name(const sld_allocator *a, const char *file, const char *name) {
  size_t front = strlen(file);
  size_t size = strlen(name);
  char *out = sld__alloc(a, front + size + 2, 1);
  if (!out) return NULL;
  memcpy(out, file, front);
  out[front] = ':';
  memcpy(out + front + 1, name, size + 1);
  return out;
}

static sld_status unpack_member(sld__members *out, zip_t *archive, zip_uint64_t i, const char *full, const char *name, size_t *left, sld_error *err) {
  zip_stat_t info;
  if (zip_stat_index(archive, i, 0, &info) != 0 || !(info.valid & ZIP_STAT_SIZE)) return sld__fail_at(err, SLD_EPARSE, full, 0, 0, "the archive does not say how large the member is");
  if (info.size > *left) return sld__fail_at(err, SLD_EVALUE, full, 0, 0, "the archive unpacks to more than %d times its size; no table of prices does", SLD__UNPACK_RATIO);
  *left -= (size_t)info.size;
  zip_file_t *member = zip_fopen_index(archive, i, 0);
  if (!member) return fail(full, "the member cannot be read", zip_get_error(archive), err);
  char *data = sld__alloc(&out->allocator, (size_t)info.size + 1, 1);
  sld_status status = data ? read_member(member, data, (size_t)info.size, full, err) : sld__fail_memory(err);
  zip_fclose(member);
  if (status == SLD_OK) return sld__members_add(out, name, data, (size_t)info.size, err);
  sld__free(&out->allocator, data);
  return status;
}

static sld_status unpack_all(sld__members *out, zip_t *archive, const char *file, size_t size, sld_error *err) {
  const char *ending = any_ends_in(archive, ".csv") ? ".csv" : ".txt";
  size_t left = sld__unpack_limit(size);
  sld_status status = SLD_OK;
  zip_int64_t count = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < count && status == SLD_OK; i++) {
    const char *name = zip_get_name(archive, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
    if (!name || !ends_in(name, ending)) continue;
    char *full = full_name(&out->allocator, file, name);
    status = full ? unpack_member(out, archive, (zip_uint64_t)i, full, name, &left, err) : sld__fail_memory(err);
    sld__free(&out->allocator, full);
  }
  if (status == SLD_OK && out->count == 0) status = sld__fail_at(err, SLD_EPARSE, file, 0, 0, "the archive holds no .csv or .txt");
  return status;
}

sld_status sld__unpack_zip(sld__members *out, const sld_allocator *a, const char *file, const char *data, size_t size, sld_error *err) {
  zip_error_t error;
  out->allocator = *a;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(data, size, 0, &error);
  zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
  sld_status status = archive ? unpack_all(out, archive, file, size, err) : fail(file, "the archive cannot be read", &error, err);
  if (archive) zip_discard(archive);
  else if (source) zip_source_free(source);
  zip_error_fini(&error);
  return status;
}
