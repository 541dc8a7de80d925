/* Zones agree with the C library, which reads the same files by other code. */
#include "base/zone.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "base/time.h"
#include "failing.h"

static struct sld__zone *load(const char *name) {
  sld_allocator alloc = sld__alloc_default();
  struct sld__zone *zone;
  sld_error err;
  assert_int_equal(sld__zone_load(&zone, name, &alloc, &err), SLD_OK);
  return zone;
}

static int64_t at(int64_t year, int month, int day, int hour, int minute) {
  struct sld__civil civil = { year, month, day, hour, minute, 0, 0 };
  int64_t time;
  assert_true(sld__time_from_civil(&time, &civil));
  return time;
}

static void offsets_are_those_of_the_c_library(void **state) {
  (void)state;
  static const char *const names[] = { "America/New_York", "Europe/London", "Europe/Athens", "Asia/Tokyo", "Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "Africa/Casablanca" };
  struct sld__rng rng;
  sld__rng_init(&rng, 3, 4);
  for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
    struct sld__zone *zone = load(names[n]);
    setenv("TZ", names[n], 1);
    tzset();
    for (int i = 0; i < 2000; i++) {
      time_t second = (time_t)(sld__rng_uniform(&rng) * 4.0e9); /* 1970 to 2096: past the tables' ends */
      struct tm local;
      localtime_r(&second, &local);
      assert_int_equal(sld__zone_offset(zone, (int64_t)second * SLD__NS_PER_SECOND), local.tm_gmtoff);
    }
    sld__zone_free(zone);
  }
  unsetenv("TZ");
  tzset();
}

static void utc_needs_no_file_and_never_changes(void **state) {
  (void)state;
  struct sld__zone *zone = load("UTC");
  struct sld__zone_span span = sld__zone_span_at(zone, at(2024, 2, 1, 0, 0));
  assert_int_equal(span.offset_s, 0);
  assert_true(span.from == INT64_MIN && span.until == INT64_MAX);
  sld__zone_free(zone);
}

static void a_span_ends_where_the_offset_changes(void **state) {
  (void)state;
  struct sld__zone *zone = load("America/New_York");
  struct sld__zone_span winter = sld__zone_span_at(zone, at(2024, 2, 1, 0, 0));
  assert_int_equal(winter.offset_s, -5 * 3600);
  assert_int_equal(winter.from, at(2023, 11, 5, 6, 0));
  assert_int_equal(winter.until, at(2024, 3, 10, 7, 0));
  assert_int_equal(sld__zone_span_at(zone, winter.until).offset_s, -4 * 3600);
  assert_int_equal(sld__zone_span_at(zone, winter.until - 1).offset_s, -5 * 3600);
  sld__zone_free(zone);
}

static void a_clock_put_forward_skips_times_and_one_put_back_shows_them_twice(void **state) {
  (void)state;
  struct sld__zone *zone = load("America/New_York");
  int64_t found[2];
  assert_int_equal(sld__zone_instants(zone, at(2024, 1, 2, 17, 0), found), 1);
  assert_int_equal(found[0], at(2024, 1, 2, 22, 0));
  assert_int_equal(sld__zone_instants(zone, at(2024, 3, 10, 2, 30), found), 0);
  assert_int_equal(found[0], at(2024, 3, 10, 7, 30));
  assert_int_equal(found[1], at(2024, 3, 10, 6, 30));
  assert_int_equal(sld__zone_instants(zone, at(2024, 11, 3, 1, 30), found), 2);
  assert_int_equal(found[0], at(2024, 11, 3, 5, 30));
  assert_int_equal(found[1], at(2024, 11, 3, 6, 30));
  sld__zone_free(zone);
}

static void names_that_are_no_zones_are_refused(void **state) {
  (void)state;
  static const char *const names[] = { "", "America/New_Yorkk", "../../etc/passwd", "/etc/passwd", "America", "tzdata.zi" };
  sld_allocator alloc = sld__alloc_default();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct sld__zone *zone = NULL;
    sld_error err;
    assert_int_not_equal(sld__zone_load(&zone, names[i], &alloc, &err), SLD_OK);
    assert_null(zone);
    assert_true(strlen(err.message) > 0);
  }
}

/* Every cut of a real file, and every byte of its first 512 turned over, is read or refused without a fault. */
static void broken_files_are_refused_or_read_but_never_overrun(void **state) {
  (void)state;
  FILE *file = fopen("/usr/share/zoneinfo/America/New_York", "rb");
  assert_non_null(file);
  unsigned char bytes[8192];
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  sld_allocator alloc = sld__alloc_default();
  size_t refused = 0;
  for (size_t cut = 0; cut < size; cut++) {
    unsigned char *exact = malloc(cut ? cut : 1);
    memcpy(exact, bytes, cut);
    struct sld__zone *zone = NULL;
    sld_error err;
    refused += sld__zone_parse(&zone, "cut", exact, cut, &alloc, &err) == SLD_EPARSE;
    sld__zone_free(zone);
    free(exact);
  }
  assert_int_equal(refused, size);
  for (size_t k = 0; k < 512 && k < size; k++) {
    bytes[k] ^= 0xFF;
    struct sld__zone *zone = NULL;
    sld_error err;
    if (sld__zone_parse(&zone, "turned", bytes, size, &alloc, &err) == SLD_OK) sld__zone_offset(zone, 0);
    sld__zone_free(zone);
    bytes[k] ^= 0xFF;
  }
}

static void every_failing_allocation_is_reported_and_leaks_nothing(void **state) {
  (void)state;
  for (size_t k = 1;; k++) {
    struct failing failing = { .refuse = k };
    sld_allocator alloc = failing_allocator(&failing);
    struct sld__zone *zone = NULL;
    sld_error err;
    sld_status status = sld__zone_load(&zone, "America/New_York", &alloc, &err);
    if (status == SLD_OK) sld__zone_free(zone);
    assert_int_equal(failing.held, 0);
    if (status == SLD_OK) break;
    assert_int_equal(status, SLD_ENOMEM);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(offsets_are_those_of_the_c_library),
    cmocka_unit_test(utc_needs_no_file_and_never_changes),
    cmocka_unit_test(a_span_ends_where_the_offset_changes),
    cmocka_unit_test(a_clock_put_forward_skips_times_and_one_put_back_shows_them_twice),
    cmocka_unit_test(names_that_are_no_zones_are_refused),
    cmocka_unit_test(broken_files_are_refused_or_read_but_never_overrun),
    cmocka_unit_test(every_failing_allocation_is_reported_and_leaks_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
