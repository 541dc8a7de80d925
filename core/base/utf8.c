/* UTF-8 by the table of RFC 3629: the second byte's range depends on the first, later ones are 80..BF. */
#include "base/utf8.h"

size_t sld__utf8_length(const char *text, size_t size) {
  const unsigned char *byte = (const unsigned char *)text;
  unsigned char first = byte[0];
  if (first < 0x80) return 1;
  size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (length == 0 || length > size) return 0;
  unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte[1] < low || byte[1] > high) return 0;
  for (size_t i = 2; i < length; ++i)
    if (byte[i] < 0x80 || byte[i] > 0xBF) return 0;
  return length;
}
