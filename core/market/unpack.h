/* Files inside files: gzip (.gz), zip archives, and LZMA streams (.bi5).
 *
 * What is unpacked lies in memory as a whole. An archive that unpacks to more than SLD__UNPACK_RATIO times its own size, and to more than
 * SLD__UNPACK_FREE bytes, is refused: no table of prices shrinks so far. Damage is an error that names the byte. */
#ifndef SLD_MARKET_UNPACK_H
#define SLD_MARKET_UNPACK_H

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"

#define SLD__UNPACK_FREE ((size_t)64 << 20)
enum { SLD__UNPACK_RATIO = 200 };

/* A file as it is to be read. */
typedef struct sld__member {
  char *name;  /* of a member of an archive, NULL: the file itself */
  char *data;  /* [size] */
  size_t size;
} sld__member;

typedef struct sld__members {
  sld_allocator allocator;
  sld__member *list; /* [count], in the archive's order */
  size_t count;
} sld__members;

/* Whether data begin as a file of that kind does. */
bool sld__is_gzip(const char *data, size_t size);
bool sld__is_zip(const char *data, size_t size);

/* Each appends what is in data[size]; `file` stands in errors. EPARSE; EVALUE: a member is too large, encrypted, or packed by a method that libzip does
 * not know; ENOMEM. Fit for free on failure.
 * Of an archive the tables count: members ending in .csv, or in .txt where there is none; folders are looked into. */
sld_status sld__unpack_gzip(sld__members *out, const sld_allocator *a, const char *file, const char *data, size_t size, sld_error *err);
sld_status sld__unpack_zip(sld__members *out, const sld_allocator *a, const char *file, const char *data, size_t size, sld_error *err);
sld_status sld__unpack_lzma(sld__members *out, const sld_allocator *a, const char *file, const char *data, size_t size, sld_error *err);

void sld__members_free(sld__members *members);

/* The last step of unpacking a file of one member: its bytes are in `buffer`, which is empty afterwards. Where `status` is not SLD_OK it is returned, and nothing is
 * appended. ENOMEM. */
sld_status sld__members_take(sld__members *members, struct sld__buffer *buffer, sld_status status, sld_error *err);

/* Appends a member, which takes `data`, also on failure. ENOMEM. */
sld_status sld__members_add(sld__members *members, const char *name, char *data, size_t size, sld_error *err);

/* How many bytes data of `size` may unpack to. */
size_t sld__unpack_limit(size_t size);

#endif
