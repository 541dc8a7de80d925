/* The POSIX TZ rule at the end of a zone file ("EST5EDT,M3.2.0,M11.1.0"): what holds for ever after its table. */
#ifndef SLD_BASE_ZONE_RULE_H
#define SLD_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A day and time at which the offset changes every year. */
struct sld__zone_change {
  char kind;        /* 'M' month, week and weekday; 'J' day 1..365 without February 29; 'D' day 0..365 with it */
  int month;        /* M: 1..12 */
  int week;         /* M: 1..5, 5 is the last */
  int day;          /* M: 0 Sunday .. 6; J and D: day of the year */
  int32_t second;   /* local time of the day before the change; -167 h .. 167 h */
};

struct sld__zone_rule {
  int32_t standard_s; /* seconds east of UTC */
  int32_t summer_s;
  bool has_summer;
  struct sld__zone_change to_summer;
  struct sld__zone_change to_standard;
};

/* Reads text[size] as POSIX.1-2017, 8.3 and RFC 8536, 3.3 define TZ. False where it is not that. */
bool sld__zone_rule_parse(struct sld__zone_rule *out, const char *text, size_t size);

/* The offset at `second` (since 1970 UTC), and the seconds from which (inclusive) and until which (exclusive) it holds. */
int32_t sld__zone_rule_at(const struct sld__zone_rule *rule, int64_t second, int64_t *from, int64_t *until);

#endif
