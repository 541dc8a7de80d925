/* POSIX TZ rules: reading them, and the changes that they make around an instant. */
#include "base/zone_rule.h"

#include "base/time.h"

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

struct reader {
  const char *at;
  const char *end;
  bool bad;
};

static bool accept(struct reader *reader, char byte) {
  if (reader->at == reader->end || *reader->at != byte) return false;
  ++reader->at;
  return true;
}

static void expect(struct reader *reader, char byte) {
  if (!accept(reader, byte)) reader->bad = true;
}

static int number(struct reader *reader, int low, int high) {
  int value = 0;
  int digits = 0;
  for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' && digits < 4; ++reader->at, ++digits)
    value = value * 10 + (*reader->at - '0');
  if (digits == 0 || value < low || value > high) reader->bad = true;
  return reader->bad ? low : value;
}

/* "EST" or "<+0330>"; the letters mean nothing to us. */
static void abbreviation(struct reader *reader) {
  const char *start = reader->at;
  bool quoted = accept(reader, '<');
  int letters = 0;
  for (; reader->at < reader->end; ++reader->at, ++letters) {
    char byte = *reader->at;
    bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    bool other = (byte >= '0' && byte <= '9') || byte == '+' || byte == '-';
    if (!letter && !(quoted && other)) break;
  }
  if (quoted) expect(reader, '>');
  if (letters < 3 || reader->at == start) reader->bad = true;
}

/* "[+-]hh[:mm[:ss]]" in seconds, up to `hours`. */
static int32_t clock_time(struct reader *reader, int hours) {
  int sign = accept(reader, '-') ? -1 : 1;
  if (sign > 0) accept(reader, '+');
  int seconds = number(reader, 0, hours) * 3600;
  if (accept(reader, ':')) seconds += number(reader, 0, 59) * 60;
  if (accept(reader, ':')) seconds += number(reader, 0, 59);
  return sign * seconds;
}

static struct sld__zone_change change(struct reader *reader) {
  struct sld__zone_change change = { .kind = 'D' };
  expect(reader, ',');
  if (accept(reader, 'M')) {
    change.kind = 'M';
    change.month = number(reader, 1, 12);
    expect(reader, '.');
    change.week = number(reader, 1, 5);
    expect(reader, '.');
    change.day = number(reader, 0, 6);
  } else if (accept(reader, 'J')) {
    change.kind = 'J';
    change.day = number(reader, 1, 365);
  } else {
    change.day = number(reader, 0, 365);
  }
  change.second = accept(reader, '/') ? clock_time(reader, 167) : 2 * 3600;
  return change;
}

bool sld__zone_rule_parse(struct sld__zone_rule *out, const char *text, size_t size) {
  struct reader reader = { text, text + size, false };
  struct sld__zone_rule rule = { 0 };
  abbreviation(&reader);
  rule.standard_s = -clock_time(&reader, 24); /* POSIX counts west of UTC */
  rule.summer_s = rule.standard_s;
  if (reader.at < reader.end) {
    rule.has_summer = true;
    abbreviation(&reader);
    rule.summer_s = reader.at < reader.end && *reader.at != ',' ? -clock_time(&reader, 24) : rule.standard_s + 3600;
    rule.to_summer = change(&reader);
    rule.to_standard = change(&reader);
  }
  if (reader.bad || reader.at != reader.end) return false;
  *out = rule;
  return true;
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

/* The day (since 1970) of a change in a year. */
static int64_t day_of(const struct sld__zone_change *change, int64_t year) {
  if (change->kind != 'M') {
    int64_t first = sld__days_from_civil(year, 1, 1);
    /* J counts as if February 29 were not there: from day 60 (March 1) on it is skipped. */
    if (change->kind == 'J') return first + change->day - 1 + (sld__is_leap_year(year) && change->day >= 60);
    return first + change->day;
  }
  int64_t first = sld__days_from_civil(year, change->month, 1);
  int weekday = sld__weekday_of_days(first) % 7;
  int64_t day = (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
  while (day >= sld__days_in_month(year, change->month)) day -= 7;
  return first + day;
}

struct edge {
  int64_t second;
  int32_t offset_s; /* from then on */
};

/* A change lies at most a week outside its year, so five years' first one is always past and their last one to come. */
enum { YEARS = 5, EDGES = 2 * YEARS };

/* The changes around a year in order; of two at one second the one to summer time comes last and wins (summer all year round). */
static void edges_around(const struct sld__zone_rule *rule, int64_t year, struct edge edges[EDGES]) {
  for (int i = 0; i < EDGES; ++i) {
    bool summer = i % 2 == 1;
    const struct sld__zone_change *change = summer ? &rule->to_summer : &rule->to_standard;
    int64_t local = day_of(change, year + i / 2 - YEARS / 2) * 86400 + change->second;
    struct edge edge = { local - (summer ? rule->standard_s : rule->summer_s), summer ? rule->summer_s : rule->standard_s };
    int k = i;
    for (; k > 0 && (edges[k - 1].second > edge.second || (edges[k - 1].second == edge.second && !summer)); --k) edges[k] = edges[k - 1];
    edges[k] = edge;
  }
}

int32_t sld__zone_rule_at(const struct sld__zone_rule *rule, int64_t second, int64_t *from, int64_t *until) {
  *from = INT64_MIN;
  *until = INT64_MAX;
  if (!rule->has_summer) return rule->standard_s;
  struct sld__civil local;
  sld__civil_from_days(&local, sld__floor_div(second + rule->standard_s, 86400));
  struct edge edges[EDGES];
  edges_around(rule, local.year, edges);
  int now = EDGES - 1;
  while (now > 0 && edges[now].second > second) --now;
  *from = edges[now].second;
  if (now + 1 < EDGES) *until = edges[now + 1].second;
  return edges[now].offset_s;
}
