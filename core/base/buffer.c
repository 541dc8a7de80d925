/* A growing run of bytes. Capacity doubles, so that n appends copy at most 2n bytes. */
#include "base/buffer.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sld__buffer_init(struct sld__buffer *buffer, const sld_allocator *allocator) {
  *buffer = (struct sld__buffer){ .allocator = *allocator };
}

void sld__buffer_fini(struct sld__buffer *buffer) {
  sld__free(&buffer->allocator, buffer->data);
  sld_allocator allocator = buffer->allocator;
  sld__buffer_init(buffer, &allocator);
}

void sld__buffer_reset(struct sld__buffer *buffer) {
  buffer->size = 0;
  buffer->failed = false;
}

char *sld__buffer_reserve(struct sld__buffer *buffer, size_t more) {
  if (buffer->failed) return NULL;
  if (more > buffer->capacity - buffer->size || !buffer->data) {
    size_t needed = buffer->size + more;
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
    while (capacity < needed && capacity <= SIZE_MAX / 2) capacity *= 2;
    char *data = needed < more || capacity < needed ? NULL : sld__realloc(&buffer->allocator, buffer->data, capacity, 1);
    if (!data) {
      buffer->failed = true;
      return NULL;
    }
    buffer->data = data;
    buffer->capacity = capacity;
  }
  return buffer->data + buffer->size;
}

void sld__buffer_add(struct sld__buffer *buffer, const void *bytes, size_t size) {
  if (size == 0) return;
  char *at = sld__buffer_reserve(buffer, size);
  if (!at) return;
  memcpy(at, bytes, size);
  buffer->size += size;
}

void sld__buffer_add_byte(struct sld__buffer *buffer, char byte) {
  sld__buffer_add(buffer, &byte, 1);
}

void sld__buffer_add_text(struct sld__buffer *buffer, const char *text) {
  sld__buffer_add(buffer, text, strlen(text));
}

void sld__buffer_add_format(struct sld__buffer *buffer, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *at = length < 0 ? NULL : sld__buffer_reserve(buffer, (size_t)length + 1);
  if (!at) {
    buffer->failed = true;
    return;
  }
  va_start(args, format);
  vsnprintf(at, (size_t)length + 1, format, args);
  va_end(args);
  buffer->size += (size_t)length;
}

const char *sld__buffer_text(struct sld__buffer *buffer) {
  char *end = sld__buffer_reserve(buffer, 1);
  if (!end) return NULL;
  *end = '\0';
  return buffer->data;
}

sld_status sld__buffer_status(const struct sld__buffer *buffer, sld_error *err) {
  return buffer->failed ? sld__fail_memory(err) : SLD_OK;
}

char *sld__buffer_take(struct sld__buffer *buffer) {
  if (!sld__buffer_text(buffer)) return NULL;
  char *data = buffer->data;
  buffer->data = NULL;
  sld__buffer_fini(buffer);
  return data;
}
