/* Lines and fields of a data file. */
#include "market/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char separators[] = { ',', ';', '\t' };

const char *sld__field_word(const sld__field *field, char word[SLD__WORD_SIZE]) {
  size_t size = field->size < SLD__WORD_SIZE ? field->size : SLD__WORD_SIZE - 1;
  memcpy(word, field->start, size);
  word[size] = '\0';
  return word;
}

sld_status sld__text_fail(const sld__text *text, sld_status status, const char *where, sld_error *err, const char *format, ...) {
  if (!err) return status;
  char message[sizeof err->message];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  const char *first = text->line_start - (text->quoted_lines ? 1 : 0);
  return sld__fail_at(err, status, text->file, text->line, where - first + 1, "%s", message);
}

static bool starts_with(const char *data, size_t size, const char *prefix, size_t prefix_size) {
  return size >= prefix_size && memcmp(data, prefix, prefix_size) == 0;
}

/* What a file is that is no 8-bit text, or NULL. */
static const char *foreign(const char *data, size_t size) {
  if (starts_with(data, size, "\xFF\xFE", 2) || starts_with(data, size, "\xFE\xFF", 2)) return "UTF-16 text; save it as UTF-8";
  if (starts_with(data, size, "\x1F\x8B", 2)) return "compressed by gzip; unpack it first";
  if (starts_with(data, size, "PK\x03\x04", 4)) return "a zip archive; unpack it first";
  return NULL;
}

static size_t count_outside_quotes(const char *start, const char *end, char what) {
  size_t count = 0;
  bool quoted = false;
  for (const char *p = start; p < end; p++) {
    if (*p == '"') quoted = !quoted;
    count += !quoted && *p == what;
  }
  return count;
}

static char most_frequent_separator(const char *start, const char *end) {
  char best = '\0';
  size_t best_count = 0;
  for (size_t i = 0; i < sizeof separators; i++) {
    size_t count = count_outside_quotes(start, end, separators[i]);
    if (count > best_count) {
      best = separators[i];
      best_count = count;
    }
  }
  return best;
}

/* The line from `start` without its line end; `*next` is where the following one starts. */
static const char *line_end(const char *start, const char *end, const char **next) {
  const char *newline = memchr(start, '\n', (size_t)(end - start));
  *next = newline ? newline + 1 : end;
  if (!newline) newline = end;
  return newline > start && newline[-1] == '\r' ? newline - 1 : newline;
}

/* The first byte that is no blank, or `end`. */
static const char *skip_blanks(const char *start, const char *end) {
  while (start < end && (*start == ' ' || *start == '\t' || *start == '\r' || *start == '\n')) start++;
  return start;
}

static bool one_quoted_field(const char *start, const char *end) {
  return end - start >= 2 && *start == '"' && memchr(start + 1, '"', (size_t)(end - start - 1)) == end - 1;
}

sld_status sld__text_open(sld__text *out, const char *file, const char *data, size_t size, sld_error *err) {
  if (size == 0) return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "the file is empty");
  const char *what = foreign(data, size);
  if (what) return sld__fail_at(err, SLD_EPARSE, file, 1, 1, "the file is %s", what);
  size_t mark = starts_with(data, size, "\xEF\xBB\xBF", 3) ? 3 : 0;
  *out = (sld__text){ .file = file, .at = data + mark, .end = data + size, .last = data + size };

  const char *next;
  const char *end = line_end(out->at, out->end, &next);
  out->separator = most_frequent_separator(out->at, end);
  if (!out->separator && one_quoted_field(out->at, end)) {
    out->separator = most_frequent_separator(out->at + 1, end - 1);
    out->quoted_lines = out->separator != '\0';
  }
  return SLD_OK;
}

static sld_status unquote_line(sld__text *text, sld_error *err) {
  if (!one_quoted_field(text->line_start, text->line_end)) {
    sld__text bare = *text;
    bare.quoted_lines = false;
    return sld__text_fail(&bare, SLD_EPARSE, text->line_start, err, "the line is not in quotes as the first one is");
  }
  text->line_start++;
  text->line_end--;
  return SLD_OK;
}

static sld_status check_line(const sld__text *text, sld_error *err) {
  size_t size = (size_t)(text->line_end - text->line_start);
  if (size > SLD__LINE_MAX) return sld__text_fail(text, SLD_EPARSE, text->line_start + SLD__LINE_MAX, err, "a line of %zu bytes; no more than %d are read", size, SLD__LINE_MAX);
  const char *nul = memchr(text->line_start, '\0', size);
  if (nul) return sld__text_fail(text, SLD_EPARSE, nul, err, "a NUL byte");
  const char *cr = memchr(text->line_start, '\r', size);
  if (cr) return sld__text_fail(text, SLD_EPARSE, cr, err, "a CR without LF; lines end with LF or CR LF");
  return SLD_OK;
}

sld_status sld__text_next(sld__text *text, bool *more, sld_error *err) {
  *more = false;
  if (text->at == text->end) return SLD_OK;
  text->line_start = text->at;
  text->line_end = line_end(text->at, text->end, &text->at);
  text->line++;
  if (skip_blanks(text->line_start, text->line_end) == text->line_end) {
    if (!text->filled || text->filled < text->line_end) text->filled = skip_blanks(text->line_end, text->last);
    if (text->filled == text->last) return SLD_OK;
    sld__text bare = *text;
    bare.quoted_lines = false;
    return sld__text_fail(&bare, SLD_EPARSE, text->line_start, err, "an empty line");
  }
  *more = true;
  sld_status status = text->quoted_lines ? unquote_line(text, err) : SLD_OK;
  return status == SLD_OK ? check_line(text, err) : status;
}

void sld__text_back(sld__text *text) {
  text->at = text->line_start - (text->quoted_lines ? 1 : 0);
  text->line--;
}

size_t sld__text_count_fields(const sld__text *text) {
  return count_outside_quotes(text->line_start, text->line_end, text->separator) + 1;
}

static bool is_blank(const sld__text *text, char c) {
  return c == ' ' || (c == '\t' && text->separator != '\t');
}

/* Takes the field at `p`, which reaches to the next separator; `*next` is that separator or the line's end. */
static sld_status take_field(const sld__text *text, const char *p, sld__field *out, const char **next, sld_error *err) {
  const char *end = text->line_end;
  while (p < end && is_blank(text, *p)) p++;
  const char *start = p;
  const char *stop;
  if (p < end && *p == '"') {
    start = p + 1;
    stop = memchr(start, '"', (size_t)(end - start));
    if (!stop) return sld__text_fail(text, SLD_EPARSE, p, err, "the quote does not end on its line");
    p = stop + 1;
    while (p < end && is_blank(text, *p)) p++;
    if (p < end && *p != text->separator) return sld__text_fail(text, SLD_EPARSE, p, err, "a separator is expected behind the quote");
  } else {
    for (; p < end && *p != text->separator; p++)
      if (*p == '"') return sld__text_fail(text, SLD_EPARSE, p, err, "a quote inside a field");
    stop = p;
    while (stop > start && is_blank(text, stop[-1])) stop--;
  }
  *out = (sld__field){ start, (size_t)(stop - start) };
  *next = p;
  return SLD_OK;
}

sld_status sld__text_split(const sld__text *text, sld__field *fields, size_t room, size_t *count, sld_error *err) {
  const char *p = text->line_start;
  *count = 0;
  for (;;) {
    sld__field field;
    sld_status status = take_field(text, p, &field, &p, err);
    if (status != SLD_OK) return status;
    if (*count < room) fields[*count] = field;
    ++*count;
    if (p == text->line_end) return SLD_OK;
    p++;
  }
}
