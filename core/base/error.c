/* Status names and the filling and formatting of errors. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *sld_status_name(sld_status status) {
  switch (status) {
#define X(name, value, text) \
  case SLD_##name: return #name;
    SLD_STATUS_MAP(X)
#undef X
  }
  return "?";
}

const char *sld_status_text(sld_status status) {
  switch (status) {
#define X(name, value, text) \
  case SLD_##name: return text;
    SLD_STATUS_MAP(X)
#undef X
  }
  return "?";
}

static void fill(sld_error *err, sld_status status, const char *file, int64_t line, int64_t column, const char *format, va_list args) {
  memset(err, 0, sizeof *err);
  err->status = status;
  err->line = line;
  err->column = column;
  if (file) snprintf(err->file, sizeof err->file, "%s", file);
  vsnprintf(err->message, sizeof err->message, format, args);
  sld__show_plainly(err->file, "");
  sld__show_plainly(err->message, "");
}

sld_status sld__fail(sld_error *err, sld_status status, const char *format, ...) {
  if (!err) return status;
  va_list args;
  va_start(args, format);
  fill(err, status, NULL, 0, 0, format, args);
  va_end(args);
  return status;
}

sld_status sld__fail_at(sld_error *err, sld_status status, const char *file, int64_t line, int64_t column, const char *format, ...) {
  if (!err) return status;
  va_list args;
  va_start(args, format);
  fill(err, status, file, line, column, format, args);
  va_end(args);
  return status;
}

sld_status sld__fail_memory(sld_error *err) {
  return sld__fail(err, SLD_ENOMEM, "out of memory");
}

sld_status sld__fail_errno(sld_error *err, const char *file, const char *doing, int error_number) {
  char text[128];
#if defined(__GLIBC__)
  const char *words = strerror_r(error_number, text, sizeof text);
#else
  const char *words = strerror_r(error_number, text, sizeof text) == 0 ? text : "unknown error";
#endif
  return sld__fail_at(err, SLD_EIO, file, 0, 0, "%s: %s", doing, words);
}

size_t sld_error_format(const sld_error *err, char *buf, size_t size) {
  int length;
  if (err->file[0] && err->line > 0 && err->column > 0)
    length = snprintf(buf, size, "%s:%lld:%lld: %s", err->file, (long long)err->line, (long long)err->column, err->message);
  else if (err->file[0] && err->line > 0)
    length = snprintf(buf, size, "%s:%lld: %s", err->file, (long long)err->line, err->message);
  else if (err->file[0])
    length = snprintf(buf, size, "%s: %s", err->file, err->message);
  else
    length = snprintf(buf, size, "%s", err->message);
  return length < 0 ? 0 : (size_t)length;
}
