/* Filling an sld_error. The deepest function that knows file, line and column does; nobody above rewrites it. */
#ifndef SLD_BASE_ERROR_H
#define SLD_BASE_ERROR_H

#include <sliders.h>

#if defined(__GNUC__)
#define SLD__PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define SLD__PRINTF(format_at, args_at)
#endif

/* Fills err (NULL is fine) without a position and returns `status`, so that `return sld__fail(err, SLD_EINVAL, ...)` reads well.
 * Longer texts are cut. */
sld_status sld__fail(sld_error *err, sld_status status, const char *format, ...) SLD__PRINTF(3, 4);

/* The same with a position; file may be NULL, line and column 0 where they do not apply. */
sld_status sld__fail_at(sld_error *err, sld_status status, const char *file, int64_t line, int64_t column, const char *format, ...) SLD__PRINTF(6, 7);

/* ENOMEM without a position. */
sld_status sld__fail_memory(sld_error *err);

/* EIO for `file`, with errno's meaning in words after `doing` ("cannot open"). */
sld_status sld__fail_errno(sld_error *err, const char *file, const char *doing, int error_number);

#endif
