/* Which bytes are UTF-8. */
#ifndef SLD_BASE_UTF8_H
#define SLD_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the character that text[size], size >= 1, starts with: 1..4, or 0 where none does (a stray or missing continuation, an
 * overlong form, a surrogate, above U+10FFFF). Source: RFC 3629, section 4. */
size_t sld__utf8_length(const char *text, size_t size);

#endif
