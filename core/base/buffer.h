/* A growing run of bytes on the allocator hook.
 *
 * Running out of memory is remembered: `failed` is set, the bytes so far stay, and every later append does nothing. So a writer
 * appends without looking and asks once at the end.
 */
#ifndef SLD_BASE_BUFFER_H
#define SLD_BASE_BUFFER_H

#include "base/error.h"

struct sld__buffer {
  sld_allocator allocator;
  char *data;      /* [size]; NULL while nothing was appended */
  size_t size;
  size_t capacity; /* bytes behind `data` */
  bool failed;     /* an allocation failed; sticky until reset */
};

void sld__buffer_init(struct sld__buffer *buffer, const sld_allocator *allocator);

/* Frees the bytes; the buffer is empty and may be used again. */
void sld__buffer_fini(struct sld__buffer *buffer);

/* Forgets bytes and failure, keeps the memory. */
void sld__buffer_reset(struct sld__buffer *buffer);

/* Makes room for `more` bytes and returns where they go, or NULL when out of memory. The caller writes there and adds to `size`. */
char *sld__buffer_reserve(struct sld__buffer *buffer, size_t more);

void sld__buffer_add(struct sld__buffer *buffer, const void *bytes, size_t size);
void sld__buffer_add_byte(struct sld__buffer *buffer, char byte);
void sld__buffer_add_text(struct sld__buffer *buffer, const char *text);

/* As printf. Not for %e, %f, %g, whose decimal point is the locale's: see sld__number_format. */
void sld__buffer_add_format(struct sld__buffer *buffer, const char *format, ...) SLD__PRINTF(2, 3);

/* The bytes with a 0 behind them (not counted in `size`), borrowed until the next append; NULL once failed. */
const char *sld__buffer_text(struct sld__buffer *buffer);

/* SLD_OK, or ENOMEM once failed. */
sld_status sld__buffer_status(const struct sld__buffer *buffer, sld_error *err);

/* Hands over the bytes, terminated as by sld__buffer_text, to be freed with sld__free; the buffer is empty afterwards.
 * NULL when out of memory. */
char *sld__buffer_take(struct sld__buffer *buffer);

#endif
