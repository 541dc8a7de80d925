/* Which rows' equity is a daily sample: what figures formed from returns are computed on. */
#ifndef SLD_METRICS_DAILY_H
#define SLD_METRICS_DAILY_H

#include "base/time.h"
#include "base/zone.h"

/* The end of the trading day in which `time` lies, `time` itself included: the next 17:00 of a weekday in New York. */
int64_t sld__day_end(int64_t time, const struct sld__zone *new_york);

/* The last row known by the end of each trading day, ascending, to rows[count]; returns how many.
 *   clock       when each row is known; of at least `count` rows
 *   new_york    the zone whose 17:00, Monday to Friday, ends a trading day (the FX market's convention);
 *               NULL: the rows are dates, and each is a sample */
size_t sld__daily_rows_of(const struct sld__clock *clock, size_t count, const struct sld__zone *new_york, size_t *rows);

/* The same for rows whose closes lie in close_time[count], ns UTC, ascending. */
size_t sld__daily_rows(const int64_t *close_time, size_t count, const struct sld__zone *new_york, size_t *rows);

#endif
