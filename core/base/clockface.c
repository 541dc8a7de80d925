/* Reading clocks: civil dates, and hours of business. */
#include "base/clockface.h"

#include "base/time.h"

#include <math.h>
#include <string.h>
#include <strings.h>

const char *sld__hand_name(int hand) {
  static const char *const names[SLD__HAND_COUNT] = { "year", "month", "day", "weekday", "hour", "minute" };
  return names[hand];
}

/* ---- Hands ------------------------------------------------------------------------------------------------------ */

enum { DAY_S = 86400, DAY_MIN = 1440 };

int64_t sld__clockface_local(sld__clockface *face, int64_t second) {
  int64_t time = second * SLD__NS_PER_SECOND;
  if (time < face->span.from || time >= face->span.until) face->span = sld__zone_span_at(face->zone, time);
  return second + face->span.offset_s;
}

/* The whole second, in range; false: no time. */
static bool second_of(int64_t *out, double seconds) {
  if (!(seconds >= -106650.0 * DAY_S && seconds < 106286.0 * DAY_S)) return false;
  *out = (int64_t)floor(seconds);
  return true;
}

double sld__clockface_hand(sld__clockface *face, sld__hand hand, double seconds) {
  int64_t second;
  if (!second_of(&second, seconds)) return (double)NAN;
  int64_t local = sld__clockface_local(face, second), days = sld__floor_div(local, DAY_S), rest = local - days * DAY_S;
  if (hand == SLD__HOUR) return (double)(rest / 3600);
  if (hand == SLD__MINUTE) return (double)(rest / 60 % 60);
  if (hand == SLD__WEEKDAY) return sld__weekday_of_days(days);
  struct sld__civil date;
  sld__civil_from_days(&date, days);
  return hand == SLD__YEAR ? (double)date.year : hand == SLD__MONTH ? date.month : date.day;
}

/* ---- Hours ------------------------------------------------------------------------------------------------------ */

/* Two digits below `end`; -1: not so. */
static int two_digits(const char *text, int end) {
  if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return -1;
  int number = 10 * (text[0] - '0') + text[1] - '0';
  return number < end ? number : -1;
}

/* Reads "0930" or "09:30", and 24:00; moves *text past it. Minutes, or -1. */
static int time_of_day(const char **text) {
  const char *at = *text;
  int hour = two_digits(at, 25);
  if (hour < 0) return -1;
  at += 2 + (at[2] == ':');
  int minute = two_digits(at, 60);
  if (minute < 0 || (hour == 24 && minute > 0)) return -1;
  *text = at + 2;
  return 60 * hour + minute;
}

static bool read_spans(sld__hours *out, const char *text) {
  for (out->count = 0; out->count < SLD__HOURS_MAX;) {
    int from = time_of_day(&text);
    if (from < 0 || from == DAY_MIN || *text++ != '-') return false;
    int until = time_of_day(&text);
    if (until < 0) return false;
    out->spans[out->count].from = from;
    out->spans[out->count++].until = until > from ? until : until + DAY_MIN;
    if (*text == '\0') return true;
    if (*text++ != ',') return false;
  }
  return false;
}

/* Monday 1 to Sunday 7, moving *text past the three letters; 0: no day. */
static int day_name(const char **text) {
  static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  for (int i = 0; i < 7; i++) {
    if (strncasecmp(*text, names[i], 3) != 0) continue;
    *text += 3;
    return i + 1;
  }
  return 0;
}

static bool read_days(sld__hours *out, const char *text) {
  for (;;) {
    int first = day_name(&text), last = first;
    if (*text == '-') {
      ++text;
      last = day_name(&text);
    }
    if (first == 0 || last == 0) return false;
    for (int day = first;; day = day % 7 + 1) {
      out->days |= 1u << day;
      if (day == last) break;
    }
    if (*text == '\0') return true;
    if (*text++ != ',') return false;
  }
}

sld_status sld__hours_parse(sld__hours *out, const char *spans, const char *days, sld_error *err) {
  *out = (sld__hours){ .days = days ? 0 : 0xFEu };
  if (!read_spans(out, spans))
    return sld__fail(err, SLD_EINVAL, "'%.60s' are no hours: write 0930-1600, or up to %d such spans joined by commas", spans, (int)SLD__HOURS_MAX);
  if (days && !read_days(out, days)) return sld__fail(err, SLD_EINVAL, "'%.60s' are no days: write Mon-Fri or Mon,Wed,Fri", days);
  return SLD_OK;
}

double sld__hours_on(const sld__hours *hours, sld__clockface *face, double seconds) {
  int64_t second;
  if (!second_of(&second, seconds)) return (double)NAN;
  int64_t local = sld__clockface_local(face, second), days = sld__floor_div(local, DAY_S);
  int minute = (int)((local - days * DAY_S) / 60), today = sld__weekday_of_days(days), yesterday = today == 1 ? 7 : today - 1;
  for (int i = 0; i < hours->count; i++) {
    int from = hours->spans[i].from, until = hours->spans[i].until;
    if (hours->days >> today & 1 && minute >= from && minute < until) return 1;
    if (hours->days >> yesterday & 1 && minute + DAY_MIN >= from && minute + DAY_MIN < until) return 1;
  }
  return 0;
}
