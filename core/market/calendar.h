/* The FX market's week: open from Sunday 17:00 to Friday 17:00 New York, closed on Christmas Day and New Year's Day.
 *
 * A trading day ends at 17:00 New York and bears the date of its end, Monday to Friday. The two holidays are trading days without trade: no bar is expected
 * from 17:00 of 24 and 31 December to 17:00 of the day after. Brokers differ in how early they close before and how late they open after, and keep
 * further holidays of their own: what a gap at other times means is for its reader to say. */
#ifndef SLD_MARKET_CALENDAR_H
#define SLD_MARKET_CALENDAR_H

#include "base/error.h"
#include "base/time.h"
#include "base/zone.h"

typedef struct sld__calendar {
  struct sld__zone *new_york; /* owned */
} sld__calendar;

/* ENAME, EIO: the system has no time zone files; ENOMEM. On failure *out is fit for fini. */
sld_status sld__calendar_init(sld__calendar *out, const sld_allocator *a, sld_error *err);
void sld__calendar_fini(sld__calendar *calendar);

/* The trading day of an instant, in days since 1970-01-01: the New York date, from 17:00 on the next one. Weekend days are days like others here. */
int64_t sld__calendar_day(const sld__calendar *calendar, int64_t time);

/* The instant at which trading day `day` starts: 17:00 New York of the day before. */
int64_t sld__calendar_day_start(const sld__calendar *calendar, int64_t day);

/* Whether the market trades on a trading day: Monday to Friday, but 25 December and 1 January. */
bool sld__calendar_trades(int64_t day);

/* Whether many banks and brokers keep shut on a trading day or for a part of it: 24 to 26 December, 31 December to 2 January, Good Friday, Easter Monday. */
bool sld__calendar_holiday(int64_t day);

static inline bool sld__calendar_open(const sld__calendar *calendar, int64_t time) {
  return sld__calendar_trades(sld__calendar_day(calendar, time));
}

/* For how many ns of [from, until) the market is open; 0 where until <= from. */
int64_t sld__calendar_open_ns(const sld__calendar *calendar, int64_t from, int64_t until);

#endif
