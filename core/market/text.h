/* A data file's text, line by line and field by field.
 *
 * Reads CSV with `,`, `;` or tab, LF or CRLF, with or without a BOM and a final newline; fields may be quoted. Nothing is copied: lines and
 * fields point into the text, and no byte past its end is read (a mapping may end at a page). What is not such text is an error with
 * file, line and column: UTF-16, NUL bytes, lines ended by CR alone, an open quote, an empty line before the last, a line of more than 64 KiB.
 *
 * Some exporters put each whole line into quotes, separators inside; then the quotes are taken off every line. */
#ifndef SLD_MARKET_TEXT_H
#define SLD_MARKET_TEXT_H

#include "base/error.h"

typedef struct sld__text {
  const char *file;       /* for messages */
  const char *at;         /* start of the next line */
  const char *end;        /* where reading stops: behind a line's end, or the text's */
  const char *last;       /* the end of the whole text */
  int64_t line;           /* number of the line read last; 0 before the first */
  const char *line_start; /* its first byte, */
  const char *line_end;   /* and the byte behind its last, without line end */
  char separator;         /* ',', ';' or '\t' */
  bool quoted_lines;
  const char *filled;     /* no empty line before here is the text's last: what was seen ahead; NULL: nothing */
} sld__text;

/* Longest line in bytes. */
enum { SLD__LINE_MAX = 65536 };

/* A field without its quotes and without blanks around it. */
typedef struct sld__field {
  const char *start;
  size_t size;
} sld__field;

/* Starts on data[size] and chooses the separator from the first line, which stays to be read. `file` and `data` are borrowed.
 * EPARSE: empty, not 8-bit text, or a first line without any separator. */
sld_status sld__text_open(sld__text *out, const char *file, const char *data, size_t size, sld_error *err);

/* Goes to the next line; `*more` is false at the end of the text. EPARSE. */
sld_status sld__text_next(sld__text *text, bool *more, sld_error *err);

/* Goes back before the line read last, which is then read again. */
void sld__text_back(sld__text *text);

/* Number of fields in the line read last. */
size_t sld__text_count_fields(const sld__text *text);

/* Splits the line read last into at most `room` fields; `*count` is how many it has (may be more). EPARSE: quotes that do not fit. */
sld_status sld__text_split(const sld__text *text, sld__field *fields, size_t room, size_t *count, sld_error *err);

/* Room for a field that is shown to people, cut where it is longer. */
enum { SLD__WORD_SIZE = 64 };

/* Copies a field, terminated, to `word` and returns it. */
const char *sld__field_word(const sld__field *field, char word[SLD__WORD_SIZE]);

/* Fills err with `status` at the byte `where` of the line read last and returns it. */
sld_status sld__text_fail(const sld__text *text, sld_status status, const char *where, sld_error *err, const char *format, ...) SLD__PRINTF(5, 6);

#endif
