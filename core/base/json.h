/* Writes JSON into a buffer so that equal data gives equal bytes.
 *
 * Keys of an object must be added in ascending order of their bytes, none twice: checked, since a reader of two results compares them
 * line by line. Numbers are as sld__number_format has them, NaN and infinities are null. Texts are UTF-8; a byte that is not
 * becomes U+FFFD (a script's log may hold anything), control characters, '"' and '\' are escaped, all else stands as it is.
 *
 * Errors are sticky, as the buffer's: a misuse or running out of memory makes later calls do nothing, and sld__json_finish says which.
 *
 *   struct sld__json json;
 *   sld__json_init(&json, &buffer, 2);
 *   sld__json_open_object(&json);
 *   sld__json_key(&json, "equity");
 *   sld__json_open_row(&json);
 *   for (size_t i = 0; i < n; ++i) sld__json_number(&json, equity[i]);
 *   sld__json_close(&json);
 *   sld__json_close(&json);
 *   status = sld__json_finish(&json, err);
 */
#ifndef SLD_BASE_JSON_H
#define SLD_BASE_JSON_H

#include "base/buffer.h"

enum { SLD__JSON_DEPTH = 32 }; /* objects and arrays open at once */

struct sld__json {
  struct sld__buffer *out;
  struct sld__buffer keys; /* the last key of every open object, one behind the other */
  int indent;
  int depth;
  struct sld__json_level {
    char closer;      /* '}' or ']' */
    bool in_row;      /* elements follow on one line */
    bool filled;      /* holds an element */
    bool keyed;       /* a key waits for its value */
    size_t key_start; /* where the last key starts in `keys` */
  } levels[SLD__JSON_DEPTH + 1]; /* [0] holds the one outermost value */
  sld_status status;
  char problem[160];
};

/* Starts a document at the end of `out`, which the writer borrows and whose allocator it uses.
 *   indent  spaces per level, 0..8; 0: everything on one line without blanks and without a final newline */
void sld__json_init(struct sld__json *json, struct sld__buffer *out, int indent);

/* Ends the document and frees the writer's own memory; `out` keeps what was written.
 * ENOMEM; EINVAL says which call was out of place: a key out of order, a value without a key, an object left open. */
sld_status sld__json_finish(struct sld__json *json, sld_error *err);

void sld__json_open_object(struct sld__json *json);
void sld__json_open_array(struct sld__json *json); /* with an indent: one element per line */
void sld__json_open_row(struct sld__json *json);   /* an array on one line, with all that it holds */
void sld__json_close(struct sld__json *json);      /* what was opened last */

void sld__json_key(struct sld__json *json, const char *key);

void sld__json_text(struct sld__json *json, const char *text);
void sld__json_bytes(struct sld__json *json, const char *text, size_t size); /* a text that may hold zeros */
void sld__json_number(struct sld__json *json, double value);
void sld__json_integer(struct sld__json *json, int64_t value);
void sld__json_boolean(struct sld__json *json, bool value);
void sld__json_null(struct sld__json *json);

#endif
