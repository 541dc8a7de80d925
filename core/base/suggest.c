/* Did-you-mean: the candidate that the fewest slips of the fingers turn a word into. */
#include <sliders.h>

#include <string.h>

enum { LONGEST = 64 }; /* no name of ours comes near */

static char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Letters inserted, left out, changed, or swapped with their neighbour; upper and lower case are one.
 * Source: Damerau (1964), CACM 7(3), 171-176, in the restricted form that edits no letter twice. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size) {
  size_t rows[3][LONGEST + 1];
  size_t *before = rows[0], *above = rows[1], *row = rows[2];
  for (size_t j = 0; j <= b_size; ++j) above[j] = j;
  for (size_t i = 1; i <= a_size; ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b_size; ++j) {
      char x = lower(a[i - 1]), y = lower(b[j - 1]);
      row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y) row[j] = least(row[j], before[j - 2] + 1);
    }
    size_t *oldest = before;
    before = above;
    above = row;
    row = oldest;
  }
  return above[b_size];
}

const char *sld_suggest(const char *word, const char *const *words, size_t count) {
  size_t size = strlen(word);
  if (size == 0 || size > LONGEST) return NULL;
  const char *nearest = NULL;
  size_t fewest = size / 3 + 1;
  for (size_t i = 0; i < count; ++i) {
    size_t other = strlen(words[i]);
    if (other > LONGEST) continue;
    size_t slips = distance(word, size, words[i], other);
    if (slips < fewest) {
      fewest = slips;
      nearest = words[i];
    }
  }
  return nearest;
}
