/* From local times to UTC. */
#include "market/wall.h"

#include "base/time.h"
#include "base/zone.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const eet_ny = "EET-NY";
enum { EET_NY_AHEAD_HOURS = 7 };

static bool two_digits(const char *p, int *out) {
  if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') return false;
  *out = (p[0] - '0') * 10 + (p[1] - '0');
  return true;
}

/* "+05:30", "+0530", "+05", "+5"; false where `text` is none of them. */
static bool offset_of(const char *text, int64_t *ns) {
  int hour;
  int minute = 0;
  if (*text != '+' && *text != '-') return false;
  const char *p = text + 1;
  if (two_digits(p, &hour)) p += 2;
  else if (*p >= '0' && *p <= '9') hour = *p++ - '0';
  else return false;
  if (*p == ':') p++;
  if (*p) {
    if (!two_digits(p, &minute)) return false;
    p += 2;
  }
  if (*p || p[-1] == ':' || hour > 15 || minute > 59) return false;
  *ns = (hour * SLD__NS_PER_HOUR + minute * SLD__NS_PER_MINUTE) * (*text == '-' ? -1 : 1);
  return true;
}

static bool fixed(const char *name, int64_t *ns) {
  bool named = strncasecmp(name, "UTC", 3) == 0 || strncasecmp(name, "GMT", 3) == 0;
  *ns = 0;
  if (strcmp(name, "Z") == 0 || (named && name[3] == '\0')) return true;
  return offset_of(named ? name + 3 : name, ns);
}

sld_status sld__wall_open(sld__wall *out, const char *name, const sld_allocator *a, const char *file, sld_error *err) {
  *out = (sld__wall){ .zone = NULL };
  if (strlen(name) >= sizeof out->name || !*name) return sld__fail_at(err, SLD_ENAME, file, 0, 0, "'%.80s' is no time zone", name);
  snprintf(out->name, sizeof out->name, "%s", name);
  out->floating = strcmp(name, "floating") == 0;
  if (out->floating || fixed(name, &out->shift_ns)) return SLD_OK;
  bool server = strcmp(name, eet_ny) == 0;
  if (server) out->shift_ns = EET_NY_AHEAD_HOURS * SLD__NS_PER_HOUR;
  sld_error inner;
  sld_status status = sld__zone_load(&out->zone, server ? "America/New_York" : name, a, &inner);
  if (status == SLD_OK) return SLD_OK;
  if (status == SLD_ENOMEM) return sld__fail_memory(err);
  if (status != SLD_ENAME) {
    if (err) *err = inner;
    return status;
  }
  return sld__fail_at(err, status, file, 0, 0, "'%s' is no time zone; there are UTC, offsets such as +05:30, names such as America/New_York, EET-NY and floating", name);
}

void sld__wall_close(sld__wall *wall) {
  sld__zone_free(wall->zone);
  *wall = (sld__wall){ .zone = NULL };
}

/* Keeps a day clear of the span's ends: within it, local times are shown once. */
static void remember(const sld__wall *wall, sld__wall_cursor *cursor, int64_t instant) {
  struct sld__zone_span span = sld__zone_span_at(wall->zone, instant);
  int64_t offset = span.offset_s * SLD__NS_PER_SECOND + wall->shift_ns;
  cursor->offset_ns = offset;
  cursor->from = span.from < INT64_MIN + 3 * SLD__NS_PER_DAY ? INT64_MIN / 2 : span.from + offset + SLD__NS_PER_DAY;
  cursor->until = span.until > INT64_MAX - 3 * SLD__NS_PER_DAY ? INT64_MAX / 2 : span.until + offset - SLD__NS_PER_DAY;
}

sld__wall_answer sld__wall_seek(const sld__wall *wall, sld__wall_cursor *cursor, int64_t local, int64_t before, int64_t *out) {
  if (!wall->zone) {
    *cursor = (sld__wall_cursor){ INT64_MIN, INT64_MAX, wall->shift_ns };
    *out = local - wall->shift_ns;
    return SLD__WALL_ONCE;
  }
  int64_t instants[2];
  int count = sld__zone_instants(wall->zone, local - wall->shift_ns, instants);
  if (count == 0) return SLD__WALL_NEVER;
  *out = count == 2 && instants[0] <= before ? instants[1] : instants[0];
  remember(wall, cursor, *out);
  return count == 2 ? SLD__WALL_TWICE : SLD__WALL_ONCE;
}
