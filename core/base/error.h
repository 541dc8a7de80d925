/* Filling an sld_error. The deepest function that knows file, line and column does; nobody above rewrites it. */
#ifndef SLD_BASE_ERROR_H
#define SLD_BASE_ERROR_H

#include <sliders.h>
#include <string.h>

/* SLD__COLD: called only where something fails. Compilers then lay out its callers for the case that nothing does. */
#if defined(__GNUC__)
#define SLD__PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#define SLD__COLD __attribute__((cold))
#else
#define SLD__PRINTF(format_at, args_at)
#define SLD__COLD
#endif

/* What an error quotes of a file, a script or another process must not steer a terminal: control characters become '?', but for those in `kept`. */
static inline void sld__show_plainly(char *text, const char *kept) {
  for (; *text; text++)
    if (((unsigned char)*text < ' ' || *text == 0x7F) && !strchr(kept, *text)) *text = '?';
}

/* The same for all texts of an error in a script's words, which may have lines; none ends the message. */
static inline void sld__error_plain(sld_error *err) {
  static const char lines[] = "\n\t";
  size_t length = strlen(err->message);
  while (length > 0 && err->message[length - 1] == '\n') err->message[--length] = '\0';
  sld__show_plainly(err->file, "");
  sld__show_plainly(err->message, lines);
  sld__show_plainly(err->detail, lines);
}

/* Fills err (NULL is fine) without a position and returns `status`, so that `return sld__fail(err, SLD_EINVAL, ...)` reads well.
 * Longer texts are cut. */
SLD__COLD sld_status sld__fail(sld_error *err, sld_status status, const char *format, ...) SLD__PRINTF(3, 4);

/* The same with a position; file may be NULL, line and column 0 where they do not apply. */
SLD__COLD sld_status sld__fail_at(sld_error *err, sld_status status, const char *file, int64_t line, int64_t column, const char *format, ...) SLD__PRINTF(6, 7);

/* ENOMEM without a position. */
SLD__COLD sld_status sld__fail_memory(sld_error *err);

/* EIO for `file`, with errno's meaning in words after `doing` ("cannot open"). */
SLD__COLD sld_status sld__fail_errno(sld_error *err, const char *file, const char *doing, int error_number);

#endif
