/* LZMA-alone streams, as Dukascopy packs an hour of ticks. */
#include "market/unpack.h"

#include "base/buffer.h"

#include <lzma.h>

enum { CHUNK = 1 << 16 };

/* Memory for the dictionary of a stream; those of an hour of ticks need far less. */
static const uint64_t memory_limit = UINT64_C(256) << 20;

static void *allocate(void *opaque, size_t count, size_t size) {
  return sld__alloc(opaque, count, size);
}

static void release(void *opaque, void *ptr) {
  sld__free(opaque, ptr);
}

static sld_status damaged(const char *file, size_t at, lzma_ret result, sld_error *err) {
  if (result == LZMA_MEM_ERROR) return sld__fail_memory(err);
  if (result == LZMA_BUF_ERROR) return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "the LZMA stream is cut off: its data end at byte %zu", at);
  if (result == LZMA_FORMAT_ERROR) return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "no LZMA stream");
  if (result == LZMA_MEMLIMIT_ERROR) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "the LZMA stream wants more than 256 MiB of memory");
  return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "the LZMA stream is damaged at byte %zu", at);
}

static sld_status decode(lzma_stream *z, struct sld__buffer *out, const char *file, const char *data, size_t size, sld_error *err) {
  size_t limit = sld__unpack_limit(size);
  z->next_in = (const uint8_t *)data;
  z->avail_in = size;
  for (;;) {
    char *room = sld__buffer_reserve(out, CHUNK);
    if (!room) return sld__fail_memory(err);
    z->next_out = (uint8_t *)room;
    z->avail_out = CHUNK;
    lzma_ret result = lzma_code(z, LZMA_FINISH);
    out->size += CHUNK - z->avail_out;
    size_t at = size - z->avail_in;
    if (out->size > limit) return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "the LZMA stream unpacks to more than %d times its size; no table of prices does", SLD__UNPACK_RATIO);
    if (result == LZMA_OK && z->avail_out == 0) continue;
    if (result == LZMA_OK) result = LZMA_BUF_ERROR;
    if (result != LZMA_STREAM_END) return damaged(file, at, result, err);
    if (at == size) return SLD_OK;
    return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "%zu bytes follow the end of the LZMA stream at byte %zu", size - at, at);
  }
}

sld_status sld__unpack_lzma(sld__members *out, const sld_allocator *a, const char *file, const char *data, size_t size, sld_error *err) {
  sld_allocator own = *a;
  const lzma_allocator hook = { allocate, release, &own };
  lzma_stream z = LZMA_STREAM_INIT;
  struct sld__buffer buffer;
  z.allocator = &hook;
  out->allocator = *a;
  if (lzma_alone_decoder(&z, memory_limit) != LZMA_OK) return sld__fail_memory(err);
  sld__buffer_init(&buffer, a);
  sld_status status = decode(&z, &buffer, file, data, size, err);
  lzma_end(&z);
  return sld__members_take(out, &buffer, status, err);
}
