/* Instants as text. */
#include <sliders.h>
#include <stdio.h>

#define SECOND_NS INT64_C(1000000000)
#define DAY_NS (86400 * SECOND_NS)

/* Year, month and day of a day counted from 1970-01-01, proleptic Gregorian.
 * Source: H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days. */
static void civil_from_days(int64_t days, int *year, int *month, int *day) {
  days += 719468; /* from 0000-03-01: leap days end their year */
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t of_era = days - era * 146097;
  int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t march_month = (5 * of_year + 2) / 153;
  *day = (int)(of_year - (153 * march_month + 2) / 5 + 1);
  *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
  *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

size_t sld_time_format(int64_t time, char *buf, size_t size) {
  int64_t days = time / DAY_NS, rest = time % DAY_NS;
  if (rest < 0) {
    rest += DAY_NS;
    days--;
  }
  int year, month, day;
  civil_from_days(days, &year, &month, &day);
  int length;
  if (rest == 0) {
    length = snprintf(buf, size, "%04d-%02d-%02d", year, month, day);
  } else {
    int second = (int)(rest / SECOND_NS), digits = 9;
    int64_t fraction = rest % SECOND_NS;
    char tail[16] = "";
    while (fraction != 0 && fraction % 10 == 0) {
      fraction /= 10;
      digits--;
    }
    if (fraction) snprintf(tail, sizeof tail, ".%0*d", digits, (int)fraction);
    length = snprintf(buf, size, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", year, month, day, second / 3600, second / 60 % 60, second % 60, tail);
  }
  return length < 0 ? 0 : (size_t)length;
}
