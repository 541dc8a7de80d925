/* Writing and reading canonical bytes. */
#include "engine/bytes.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

void sld__put(struct sld__buffer *out, uint64_t value) {
  char *to = sld__buffer_reserve(out, 8);
  if (!to) return;
  value = sld__little(value);
  memcpy(to, &value, 8);
  out->size += 8;
}

void sld__put_number(struct sld__buffer *out, double value) {
  uint64_t bits;
  if (isnan(value)) value = (double)NAN;
  memcpy(&bits, &value, sizeof bits);
  sld__put(out, bits);
}

void sld__put_text(struct sld__buffer *out, const char *text, size_t size) {
  sld__put(out, size);
  sld__buffer_add(out, text, size);
}

void sld__put_error(struct sld__buffer *out, const sld_error *error) {
  sld__put(out, error != NULL);
  if (!error) return;
  sld__put(out, (uint64_t)(int64_t)error->status);
  sld__put(out, (uint64_t)error->line);
  sld__put(out, (uint64_t)error->column);
  sld__put_text(out, error->file, strlen(error->file));
  sld__put_text(out, error->message, strlen(error->message));
  sld__put_text(out, error->detail, strlen(error->detail));
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

sld__reader sld__reader_of(const sld_allocator *alloc, const void *bytes, size_t size) {
  sld__reader r = { .alloc = alloc, .at = bytes, .end = bytes };
  if (size) r.end += size; /* of nothing there may be no place */
  return r;
}

bool sld__reader_holds(sld__reader *r, size_t count, size_t size) {
  if (count > (size_t)(r->end - r->at) / size) sld__refuse(r, "it ends too early");
  return !r->why;
}

uint64_t sld__load(const unsigned char *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value);
  return sld__little(value);
}

uint64_t sld__take(sld__reader *r) {
  if (!sld__reader_holds(r, 1, 8)) return 0;
  uint64_t value = sld__load(r->at);
  r->at += 8;
  return value;
}

bool sld__take_flag(sld__reader *r) {
  uint64_t value = sld__take(r);
  if (value > 1) sld__refuse(r, "a flag is neither 0 nor 1");
  return value == 1;
}

double sld__take_number(sld__reader *r) {
  uint64_t bits = sld__take(r);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

uint64_t sld__take_word(sld__reader *r, uint64_t last) {
  uint64_t value = sld__take(r);
  if (value > last) sld__refuse(r, "a word is unknown");
  return r->why ? 0 : value;
}

size_t sld__take_count(sld__reader *r, size_t size) {
  uint64_t count = sld__take(r);
  return !r->why && sld__reader_holds(r, count > SIZE_MAX ? SIZE_MAX : (size_t)count, size) ? (size_t)count : 0;
}

void sld__take_text(sld__reader *r, char *buf, size_t size) {
  uint64_t length = sld__take(r);
  if (length >= size) sld__refuse(r, "a text is too long");
  if (r->why || !sld__reader_holds(r, (size_t)length, 1)) return;
  memcpy(buf, r->at, (size_t)length);
  buf[length] = '\0';
  if (strlen(buf) != length) sld__refuse(r, "a text has a zero in it");
  r->at += length;
}

void *sld__reader_room(sld__reader *r, size_t count, size_t size) {
  void *made = r->why ? NULL : sld__alloc_zero(r->alloc, count, size);
  if (!made && !r->why) {
    r->no_memory = true;
    sld__refuse(r, "out of memory");
  }
  return made;
}

size_t sld__take_text_new(sld__reader *r, char **out) {
  size_t length = sld__take_count(r, 1);
  *out = sld__reader_room(r, length + 1, 1);
  if (!*out) return 0;
  memcpy(*out, r->at, length);
  if (strlen(*out) != length) sld__refuse(r, "a text has a zero in it");
  r->at += length;
  return length;
}

static bool known_status(int64_t status) {
  return status < SLD_OK && status > INT_MIN && strcmp(sld_status_name((sld_status)status), "?") != 0;
}

bool sld__take_error(sld__reader *r, sld_error *out) {
  if (!sld__take_flag(r)) return false;
  int64_t status = (int64_t)sld__take(r);
  if (!known_status(status)) sld__refuse(r, "an error has no known status");
  *out = (sld_error){ .status = r->why ? SLD_EVALUE : (sld_status)status };
  out->line = (int64_t)sld__take(r);
  out->column = (int64_t)sld__take(r);
  sld__take_text(r, out->file, sizeof out->file);
  sld__take_text(r, out->message, sizeof out->message);
  sld__take_text(r, out->detail, sizeof out->detail);
  sld__error_plain(out);
  if (!out->message[0]) sld__refuse(r, "an error says nothing");
  return true;
}

sld_status sld__reader_end(sld__reader *r, sld_error *err) {
  if (r->at != r->end) sld__refuse(r, "it goes on behind its end");
  if (!r->why) return SLD_OK;
  return r->no_memory ? sld__fail_memory(err) : sld__fail(err, SLD_EVALUE, "%s", r->why);
}
