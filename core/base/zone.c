/* Reading zone files, and finding the span of an instant by bisection.
 *
 * A file holds a table of instants at which the offset changes, then a rule for all later ones. Version 1 of the table, in 32 bits, comes
 * first and is skipped.
 */
#include "base/zone.h"

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"
#include "base/zone_rule.h"

#include <string.h>

#define FOLDER "/usr/share/zoneinfo/"

enum { HEADER = 44, OFFSET_MIN_S = -89999, OFFSET_MAX_S = 93599 }; /* RFC 8536, 3.2 */

struct sld__zone {
  sld_allocator allocator;
  size_t count;
  int64_t *second;   /* [count] of the changes, since 1970 UTC, ascending */
  int32_t *offset_s; /* [count + 1] before the first change and from each on */
  bool has_rule;     /* holds from the last change on */
  struct sld__zone_rule rule;
};

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

/* The counts of a header, in the file's order. */
struct counts {
  uint64_t ut, standard, leaps, changes, types, letters;
};

static uint64_t big_endian(const unsigned char *bytes, int size) {
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

/* Bytes of the block behind a header whose times have `width` bytes. Counts are 32 bits: no overflow. */
static uint64_t block_size(const struct counts *counts, unsigned width) {
  return counts->changes * (width + 1) + counts->types * 6 + counts->letters + counts->leaps * (width + 4) + counts->standard + counts->ut;
}

static bool read_header(struct counts *out, char *version, const unsigned char *bytes, size_t size) {
  if (size < HEADER || memcmp(bytes, "TZif", 4) != 0) return false;
  *version = (char)bytes[4];
  const unsigned char *at = bytes + 20;
  uint64_t *const fields[] = { &out->ut, &out->standard, &out->leaps, &out->changes, &out->types, &out->letters };
  for (int i = 0; i < 6; ++i, at += 4) *fields[i] = big_endian(at, 4);
  return true;
}

/* Fills the table from the second block, whose size was checked. NULL, or what is wrong. */
static const char *read_table(struct sld__zone *zone, const unsigned char *block, const struct counts *counts) {
  const unsigned char *kinds = block + counts->changes * 8;
  const unsigned char *types = kinds + counts->changes;
  for (uint64_t i = 0; i < counts->types; ++i) {
    int64_t offset = (int32_t)(uint32_t)big_endian(types + 6 * i, 4);
    if (offset < OFFSET_MIN_S || offset > OFFSET_MAX_S) return "an offset of more than a day";
  }
  zone->offset_s[0] = (int32_t)(uint32_t)big_endian(types, 4);
  for (size_t i = 0; i < zone->count; ++i) {
    zone->second[i] = (int64_t)big_endian(block + 8 * i, 8);
    if (i > 0 && zone->second[i] <= zone->second[i - 1]) return "changes out of order";
    if (kinds[i] >= counts->types) return "a change to an offset that is not there";
    zone->offset_s[i + 1] = (int32_t)(uint32_t)big_endian(types + 6 * (size_t)kinds[i], 4);
  }
  return NULL;
}

/* The line behind the second block: empty, or a rule. */
static const char *read_footer(struct sld__zone *zone, const unsigned char *footer, size_t size) {
  const unsigned char *end = size > 1 && footer[0] == '\n' ? memchr(footer + 1, '\n', size - 1) : NULL;
  if (!end) return "no line at its end";
  size_t length = (size_t)(end - footer) - 1;
  if (length == 0) return NULL;
  zone->has_rule = sld__zone_rule_parse(&zone->rule, (const char *)footer + 1, length);
  return zone->has_rule ? NULL : "a rule that is not POSIX";
}

static sld_status not_a_zone(sld_error *err, const char *name, const char *why) {
  return sld__fail_at(err, SLD_EPARSE, name, 0, 0, "not a time zone file: %s", why);
}

sld_status sld__zone_parse(struct sld__zone **out, const char *name, const void *bytes, size_t size, const sld_allocator *allocator, sld_error *err) {
  const unsigned char *at = bytes;
  struct counts counts;
  char version;
  if (!read_header(&counts, &version, at, size)) return not_a_zone(err, name, "no header");
  if (version < '2') return not_a_zone(err, name, "version 1, without 64-bit times");
  uint64_t skipped = HEADER + block_size(&counts, 4);
  if (skipped > size || !read_header(&counts, &version, at + skipped, size - (size_t)skipped)) return not_a_zone(err, name, "cut short");
  at += skipped + HEADER;
  size -= (size_t)skipped + HEADER;
  uint64_t block = block_size(&counts, 8);
  if (block > size) return not_a_zone(err, name, "cut short");
  if (counts.types == 0) return not_a_zone(err, name, "no offset at all");
  if (counts.leaps > 0) return not_a_zone(err, name, "it counts leap seconds");

  struct sld__zone *zone = sld__alloc_zero(allocator, 1, sizeof *zone);
  if (!zone) return sld__fail_memory(err);
  zone->allocator = *allocator;
  zone->count = (size_t)counts.changes;
  zone->second = sld__alloc(allocator, zone->count, sizeof *zone->second);
  zone->offset_s = sld__alloc(allocator, zone->count + 1, sizeof *zone->offset_s);
  sld_status status = SLD_OK;
  if (!zone->second || !zone->offset_s) {
    status = sld__fail_memory(err);
  } else {
    const char *wrong = read_table(zone, at, &counts);
    if (!wrong) wrong = read_footer(zone, at + block, size - (size_t)block);
    if (wrong) status = not_a_zone(err, name, wrong);
  }
  if (status)
    sld__zone_free(zone);
  else
    *out = zone;
  return status;
}

/* Letters, digits and "+-_" in parts joined by single slashes: no way out of the folder. */
static bool is_name(const char *name) {
  char last = '/';
  for (; *name; last = *name++) {
    bool part = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') || (*name >= '0' && *name <= '9') || strchr("+-_", *name);
    if (!part && (*name != '/' || last == '/')) return false;
  }
  return last != '/';
}

#define ZEROS_15 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ZEROS_24 ZEROS_15 "\0\0\0\0\0\0\0\0\0"

sld_status sld__zone_load(struct sld__zone **out, const char *name, const sld_allocator *allocator, sld_error *err) {
  static const char utc[] = "TZif2" ZEROS_15 ZEROS_24                             /* header and block of the first version: nothing */
                            "TZif2" ZEROS_15 ZEROS_15 "\0\0\0\0\1\0\0\0\4"     /* one offset, four letters */
                            "\0\0\0\0\0\0UTC\0\nUTC0\n";
  if (strcmp(name, "UTC") == 0) return sld__zone_parse(out, name, utc, sizeof utc - 1, allocator, err);
  char path[sizeof FOLDER + 128];
  size_t length = strlen(name);
  if (!is_name(name) || length > 127) return sld__fail(err, SLD_ENAME, "'%.64s' is not a time zone's name", name);
  memcpy(path, FOLDER, sizeof FOLDER - 1);
  memcpy(path + sizeof FOLDER - 1, name, length + 1);
  if (!sld__os_is_file(path)) {
    if (!sld__os_is_dir(FOLDER)) return sld__fail_at(err, SLD_EIO, FOLDER, 0, 0, "no time zone files here for '%.64s'", name);
    return sld__fail(err, SLD_ENAME, "no time zone '%.64s'", name);
  }
  struct sld__map map;
  sld_status status = sld__os_map_file(&map, path, err);
  if (status) return status;
  status = sld__zone_parse(out, path, map.data, map.size, allocator, err);
  sld__os_map_close(&map);
  return status;
}

void sld__zone_free(struct sld__zone *zone) {
  if (!zone) return;
  sld_allocator allocator = zone->allocator;
  sld__free(&allocator, zone->second);
  sld__free(&allocator, zone->offset_s);
  sld__free(&allocator, zone);
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

/* Seconds to nanoseconds, cut to int64's range. */
static int64_t to_ns(int64_t second) {
  if (second > INT64_MAX / SLD__NS_PER_SECOND) return INT64_MAX;
  if (second < INT64_MIN / SLD__NS_PER_SECOND) return INT64_MIN;
  return second * SLD__NS_PER_SECOND;
}

/* a + b, cut to int64's range. */
static int64_t add(int64_t a, int64_t b) {
  if (b > 0 && a > INT64_MAX - b) return INT64_MAX;
  if (b < 0 && a < INT64_MIN - b) return INT64_MIN;
  return a + b;
}

/* Changes at or before `second`. */
static size_t changes_until(const struct sld__zone *zone, int64_t second) {
  size_t low = 0, high = zone->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (zone->second[middle] <= second)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct sld__zone_span sld__zone_span_at(const struct sld__zone *zone, int64_t time) {
  int64_t second = sld__floor_div(time, SLD__NS_PER_SECOND);
  size_t past = changes_until(zone, second);
  int64_t from = past > 0 ? zone->second[past - 1] : INT64_MIN;
  int64_t until = past < zone->count ? zone->second[past] : INT64_MAX;
  int32_t offset_s = zone->offset_s[past];
  if (past == zone->count && zone->has_rule) {
    int64_t rule_from;
    offset_s = sld__zone_rule_at(&zone->rule, second, &rule_from, &until);
    if (rule_from > from) from = rule_from;
  }
  return (struct sld__zone_span){ to_ns(from), to_ns(until), offset_s };
}

int32_t sld__zone_offset(const struct sld__zone *zone, int64_t time) {
  return sld__zone_span_at(zone, time).offset_s;
}

int sld__zone_instants(const struct sld__zone *zone, int64_t local, int64_t out[2]) {
  /* Offsets are under 26 hours, so the instants lie in the spans that touch 26 hours on either side. */
  int64_t last = add(local, 26 * SLD__NS_PER_HOUR);
  struct sld__zone_span span = sld__zone_span_at(zone, add(local, -26 * SLD__NS_PER_HOUR));
  int64_t before = 0, after = 0;
  int count = 0;
  bool passed = false; /* a span that ends before `local` was seen, and none yet that starts after it */
  for (;;) {
    int64_t instant = add(local, -span.offset_s * SLD__NS_PER_SECOND);
    if (instant >= span.from && (instant < span.until || span.until == INT64_MAX)) {
      if (count < 2) out[count++] = instant;
    } else if (instant >= span.until) {
      before = instant;
      passed = true;
    } else if (passed) {
      after = instant;
      passed = false;
    }
    if (span.until > last || span.until == INT64_MAX) break;
    span = sld__zone_span_at(zone, span.until);
  }
  if (count > 0) return count;
  out[0] = before;
  out[1] = after;
  return 0;
}
