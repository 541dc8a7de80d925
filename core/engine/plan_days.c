/* When allocate is called: at the first instant at which the first trading day of a month (week, day) is known to be over.
 *
 * A day ends at 17:00 in New York, or with its date where all bars are of dates. It is over at an instant that is its end, or else at the first
 * instant behind that. The first day of the data starts nothing: whether it is a month's first nobody can tell. */
#include "base/alloc.h"
#include "base/error.h"
#include "engine/plan.h"
#include "metrics/daily.h"

/* Days since 1970 of the date of a trading day that ends then. */
static int64_t date_of(const sld__plan *plan, int64_t end, bool dates) {
  int64_t local = dates ? end - 1 : end + sld__zone_offset(plan->new_york, end) * SLD__NS_PER_SECOND;
  return sld__floor_div(local, SLD__NS_PER_DAY);
}

/* Counts the months, weeks or days that lie between dates: equal within one. */
static int64_t period_of(const sld__plan *plan, int64_t date) {
  struct sld__civil civil;
  switch (plan->declaration->rebalance) {
  case SLD__EACH_MONTH:
    sld__civil_from_days(&civil, date);
    return civil.year * 12 + civil.month;
  case SLD__EACH_WEEK: return date - sld__weekday_of_days(date);
  default: return date;
  }
}

typedef struct count {
  size_t days, calls;
  int64_t period; /* of the day that was over last */
} count;

/* The day that ends at `end` and whose last instant is `last` is over at instant `at`. */
static void day_is_over(sld__plan *plan, count *n, size_t last, size_t at, int64_t end, bool dates) {
  int64_t period = period_of(plan, date_of(plan, end, dates));
  plan->days[n->days++] = last;
  bool begins = plan->declaration->rebalance == SLD__EACH_DAY || (n->days > 1 && period != n->period);
  bool called = n->calls > 0 && plan->calls[n->calls - 1].instant == at; /* two days are over at once */
  n->period = period;
  if (begins && !called) plan->calls[n->calls++].instant = at;
  if (begins || called) plan->calls[n->calls - 1].days = n->days;
}

sld_status sld__plan_calls(sld__plan *plan, sld_error *err) {
  bool dates = true;
  for (size_t i = 0; i < plan->sleeve_count; i++) dates &= plan->sleeves[i].series->info.date_only;
  plan->days = sld__alloc(plan->alloc, plan->instants, sizeof *plan->days);
  plan->calls = sld__alloc(plan->alloc, plan->instants, sizeof *plan->calls);
  if (!plan->days || !plan->calls) return sld__fail_memory(err);
  count n = { 0, 0, 0 };
  int64_t end = INT64_MIN;
  bool open = false; /* the day of the instant before is not over yet */
  for (size_t k = 0; k < plan->instants; k++) {
    int64_t time = plan->clock[k];
    if (time > end) {
      if (open) day_is_over(plan, &n, k - 1, k, end, dates);
      end = dates ? time : sld__day_end(time, plan->new_york);
    }
    open = time != end;
    if (!open) day_is_over(plan, &n, k, k, end, dates);
  }
  plan->call_count = n.calls;
  return SLD_OK;
}
