#include "portfolio/leverage.h"

#include <math.h>

#include "base/time.h"

enum { FRIDAY = 5 };

/* Standard deviation with divisor n - 1; NaN where a value is. */
static double deviation(const double *x, size_t n) {
  double sum = 0.0, squares = 0.0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  double mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
  return sqrt(squares / (double)(n - 1));
}

static int64_t last_weekday(const struct sld__civil *date) {
  int64_t day = sld__days_from_civil(date->year, date->month, sld__days_in_month(date->year, date->month));
  while (sld__weekday_of_days(day) > FRIDAY) day--;
  return day;
}

void sld__month_means(double *values, const int64_t *days, size_t rows) {
  double held = (double)NAN, sum = 0.0;
  size_t count = 0;
  int64_t month = 0, stamp = 0;
  for (size_t row = 0; row < rows; row++) {
    struct sld__civil date;
    sld__civil_from_days(&date, days[row]);
    if (row == 0 || month != date.year * 12 + date.month) {
      if (count > 0) held = sum / (double)count; /* its last weekday may have been a holiday */
      month = date.year * 12 + date.month;
      stamp = last_weekday(&date);
      sum = 0.0;
      count = 0;
    }
    if (days[row] <= stamp && !isnan(values[row])) {
      sum += values[row];
      count++;
    }
    if (days[row] >= stamp && count > 0) held = sum / (double)count;
    values[row] = held;
  }
}

static void keep_last(double *values, size_t rows) {
  for (size_t row = 1; row < rows; row++)
    if (isnan(values[row])) values[row] = values[row - 1];
}

void sld__leverage(double *out, const double *returns, const int64_t *days, size_t rows, const sld__leverage_rule *rule) {
  size_t n = rule->periods, lost = n < rows ? n : rows;
  double annual = sqrt(rule->obs_in_year);
  for (size_t row = 0; row < rows; row++) {
    out[row] = (double)NAN;
    if (row < rule->shift || row - rule->shift + 1 < n) continue;
    double leverage = rule->target / (deviation(returns + (row - rule->shift + 1 - n), n) * annual);
    out[row] = leverage > rule->max_leverage ? rule->max_leverage : leverage;
  }
  if (rule->monthly) sld__month_means(out, days, rows);
  else keep_last(out, rows);
  for (size_t row = 0; row < lost; row++) out[row] = (double)NAN;
}
