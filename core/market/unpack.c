/* Members of archives, and gzip. */
#include "market/unpack.h"

#include "base/buffer.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

enum { CHUNK = 1 << 18 };

void sld__members_free(sld__members *members) {
  if (!members->list) return;
  const sld_allocator a = members->allocator;
  for (size_t i = 0; i < members->count; i++) {
    sld__free(&a, members->list[i].name);
    sld__free(&a, members->list[i].data);
  }
  sld__free(&a, members->list);
  *members = (sld__members){ .allocator = a };
}

sld_status sld__members_add(sld__members *members, const char *name, char *data, size_t size, sld_error *err) {
  const sld_allocator *a = &members->allocator;
  sld__member member = { name ? sld__strndup(a, name, strlen(name)) : NULL, data, size };
  sld__member *moved = sld__realloc(a, members->list, members->count + 1, sizeof *moved);
  if (moved) members->list = moved;
  if (!moved || (name && !member.name)) {
    sld__free(a, member.name);
    sld__free(a, data);
    return sld__fail_memory(err);
  }
  members->list[members->count++] = member;
  return SLD_OK;
}

size_t sld__unpack_limit(size_t size) {
  size_t by_ratio = size > SIZE_MAX / SLD__UNPACK_RATIO ? SIZE_MAX : size * SLD__UNPACK_RATIO;
  return by_ratio > SLD__UNPACK_FREE ? by_ratio : SLD__UNPACK_FREE;
}

bool sld__is_gzip(const char *data, size_t size) {
  return size >= 2 && memcmp(data, "\x1F\x8B", 2) == 0;
}

/* ---- gzip ---- */

static voidpf allocate(voidpf opaque, uInt items, uInt size) {
  return sld__alloc(opaque, items, size);
}

static void release(voidpf opaque, voidpf address) {
  sld__free(opaque, address);
}

static sld_status damaged(const char *file, const z_stream *z, size_t at, int result, sld_error *err) {
  if (result == Z_MEM_ERROR) return sld__fail_memory(err);
  if (result == Z_BUF_ERROR) return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "the gzip file is cut off: its data end at byte %zu", at);
  return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "the gzip file is damaged at byte %zu: %s", at, z->msg ? z->msg : "not readable");
}

/* Gives the stream as much of the input as its counters can hold. */
static void feed(z_stream *z, const char *data, size_t size) {
  size_t at = (size_t)(z->next_in - (const Bytef *)data);
  size_t left = size - at;
  z->avail_in = left > UINT_MAX ? UINT_MAX : (uInt)left;
}

/* Unpacks one member of the file; several may stand one behind the other. */
static sld_status inflate_all(z_stream *z, struct sld__buffer *out, const char *file, const char *data, size_t size, sld_error *err) {
  size_t limit = sld__unpack_limit(size);
  for (;;) {
    char *room = sld__buffer_reserve(out, CHUNK);
    if (!room) return sld__fail_memory(err);
    z->next_out = (Bytef *)room;
    z->avail_out = CHUNK;
    feed(z, data, size);
    int result = inflate(z, Z_NO_FLUSH);
    out->size += CHUNK - z->avail_out;
    size_t at = (size_t)((const char *)z->next_in - data);
    if (out->size > limit) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "the gzip file unpacks to more than %d times its size; no table of prices does", SLD__UNPACK_RATIO);
    if (result == Z_OK) continue;
    if (result != Z_STREAM_END) return damaged(file, z, at, result, err);
    if (at == size) return SLD_OK;
    if (!sld__is_gzip(data + at, size - at)) return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "%zu bytes that are no gzip follow the end of the data at byte %zu", size - at, at);
    if (inflateReset(z) != Z_OK) return damaged(file, z, at, Z_DATA_ERROR, err);
  }
}

sld_status sld__members_take(sld__members *members, struct sld__buffer *buffer, sld_status status, sld_error *err) {
  size_t size = buffer->size;
  if (status != SLD_OK) {
    sld__buffer_fini(buffer);
    return status;
  }
  char *bytes = sld__buffer_take(buffer);
  return bytes ? sld__members_add(members, NULL, bytes, size, err) : sld__fail_memory(err);
}

sld_status sld__unpack_gzip(sld__members *out, const sld_allocator *a, const char *file, const char *data, size_t size, sld_error *err) {
  sld_allocator own = *a;
  struct sld__buffer buffer;
  z_stream z = { .zalloc = allocate, .zfree = release, .opaque = &own, .next_in = (z_const Bytef *)(uintptr_t)data };
  out->allocator = *a;
  if (inflateInit2(&z, 15 + 16) != Z_OK) return sld__fail_memory(err);
  sld__buffer_init(&buffer, a);
  sld_status status = inflate_all(&z, &buffer, file, data, size, err);
  inflateEnd(&z);
  return sld__members_take(out, &buffer, status, err);
}
