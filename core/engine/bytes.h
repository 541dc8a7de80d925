/* Canonical bytes: whole numbers, states and flags have eight, numbers are their IEEE bits, both with the lowest byte first; texts have their length
 * before them. Equal values have equal bytes, on every machine.
 *
 * A reader trusts nothing: it stops at the first thing that cannot be, remembers why, and takes no more memory than a small multiple of what was sent. */
#ifndef SLD_ENGINE_BYTES_H
#define SLD_ENGINE_BYTES_H

#include "base/buffer.h"

/* As bytes have it. */
static inline uint64_t sld__little(uint64_t value) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return __builtin_bswap64(value);
#else
  return value;
#endif
}

/* ---- Writing: running out of memory is the buffer's to remember -------------------------------------------------- */

void sld__put(struct sld__buffer *out, uint64_t value);

/* One of all NaNs stands for them. */
void sld__put_number(struct sld__buffer *out, double value);
void sld__put_text(struct sld__buffer *out, const char *text, size_t size);

/* Whether there is one, and what it says. */
void sld__put_error(struct sld__buffer *out, const sld_error *error);

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

typedef struct sld__reader {
  const sld_allocator *alloc;
  const unsigned char *at, *end;
  const char *why; /* what is wrong; NULL: nothing yet. Then what is taken is 0 */
  bool no_memory;
} sld__reader;

sld__reader sld__reader_of(const sld_allocator *alloc, const void *bytes, size_t size);

static inline void sld__refuse(sld__reader *r, const char *why) {
  if (!r->why) r->why = why;
}

/* Whether `count` things of `size` bytes are there. */
bool sld__reader_holds(sld__reader *r, size_t count, size_t size);

/* The eight bytes at `from`. */
uint64_t sld__load(const unsigned char *from);

uint64_t sld__take(sld__reader *r);
bool sld__take_flag(sld__reader *r);
double sld__take_number(sld__reader *r);

/* A whole number of at most `last`. */
uint64_t sld__take_word(sld__reader *r, uint64_t last);

/* How many things follow that have at least `size` bytes each: no more than there are bytes for. */
size_t sld__take_count(sld__reader *r, size_t size);

/* A text to buf[size], which is terminated. No text has a zero in it. */
void sld__take_text(sld__reader *r, char *buf, size_t size);

/* The same to a block of its own, *out; its length. NULL where it fails. */
size_t sld__take_text_new(sld__reader *r, char **out);

/* Zeroed room for count structs, whose bytes are there; NULL: refused. */
void *sld__reader_room(sld__reader *r, size_t count, size_t size);

/* The error, whose message is not empty and whose texts are plain, or false: there is none. */
bool sld__take_error(sld__reader *r, sld_error *out);

/* What has become of it: EVALUE with the reason, ENOMEM, or SLD_OK where all bytes were taken. */
sld_status sld__reader_end(sld__reader *r, sld_error *err);

#endif
