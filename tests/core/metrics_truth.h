/* Reading expected values that lie outside the repository: $SLIDERS_SHARED, or the folder `shared` beside it.
 * Where they are absent a test is skipped; under CI=true that is a failure. */
#ifndef TEST_METRICS_TRUTH_H
#define TEST_METRICS_TRUTH_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRUTH_FIELDS = 64 };

/* One line of a CSV without quoted fields, cut in place. */
typedef struct truth_line {
  char text[4096];
  const char *field[TRUTH_FIELDS];
  int count;
} truth_line;

static inline void truth_path(char *out, size_t size, const char *name) {
  const char *shared = getenv("SLIDERS_SHARED"), *source = getenv("SLIDERS_SOURCE_DIR");
  if (shared) snprintf(out, size, "%s/%s", shared, name);
  else snprintf(out, size, "%s/../shared/%s", source ? source : ".", name);
}

static inline void truth_absent(const char *path) {
  const char *ci = getenv("CI");
  if (ci && strcmp(ci, "true") == 0) fail_msg("%s is absent", path);
  print_message("skipped: %s is absent\n", path);
  skip();
}

/* Opens a file below the shared folder; `.gz` through zcat. Close with truth_close. */
static inline FILE *truth_open(const char *name) {
  char path[1024], command[1100];
  truth_path(path, sizeof path, name);
  FILE *file = fopen(path, "r");
  if (!file) truth_absent(path);
  size_t length = strlen(path);
  if (length < 3 || strcmp(path + length - 3, ".gz") != 0) return file;
  fclose(file);
  snprintf(command, sizeof command, "zcat '%s'", path);
  file = popen(command, "r");
  assert_non_null(file);
  return file;
}

static inline void truth_close(FILE *file, const char *name) {
  size_t length = strlen(name);
  if (length > 3 && strcmp(name + length - 3, ".gz") == 0) pclose(file);
  else fclose(file);
}

static inline bool truth_next(truth_line *line, FILE *file) {
  if (!fgets(line->text, sizeof line->text, file)) return false;
  line->text[strcspn(line->text, "\r\n")] = '\0';
  line->count = 0;
  for (char *at = line->text; at;) {
    assert_true(line->count < TRUTH_FIELDS);
    line->field[line->count++] = at;
    at = strchr(at, ',');
    if (at) *at++ = '\0';
  }
  return true;
}

/* An empty field and "nan" are NaN. */
static inline double truth_number(const char *text) {
  if (*text == '\0') return (double)NAN;
  char *end;
  double value = strtod(text, &end);
  assert_true(*end == '\0');
  return value;
}

/* nan matches nan, inf matches inf. */
static inline bool truth_near(double value, double expected, double tolerance) {
  if (isnan(expected)) return isnan(value);
  if (isinf(expected)) return value == expected;
  return fabs(value - expected) <= tolerance;
}

#endif
