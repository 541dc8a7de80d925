/* Files of one pair that follow each other or overlap. */
#include "market/join.h"

#include <math.h>

#include "base/rng.h"
#include "market/instrument.h"
#include "market_files.h"

enum { PIECES = 6, ROWS = 400 };

static sld_allocator heap;
static sld__piece pieces[PIECES];
static char names[PIECES][32];

/* Piece k of `count` rows: row i stands at time[i] and its prices are value[i]. */
static void make(int k, bool ticks, size_t count, const int64_t *time, const double *value) {
  sld__piece *p = &pieces[k];
  snprintf(names[k], sizeof names[k], "file%d.csv", k);
  *p = (sld__piece){ .bars = { .allocator = &heap, .one_price = ticks }, .form = { .instrument = sld__instrument_find(NULL, "EURUSD"), .ticks = ticks }, .file = names[k], .first_line = 2 };
  assert_int_equal(sld__bar_columns_reserve(&p->bars, count, NULL), SLD_OK);
  for (size_t i = 0; i < count; i++) {
    p->bars.time[i] = time[i];
    for (int c = 1; c <= 4; c++)
      if (*sld__bar_columns_at(&p->bars, c)) (*sld__bar_columns_at(&p->bars, c))[i] = value[i];
  }
  p->bars.count = count;
}

static void drop(int count) {
  for (int k = 0; k < count; k++) sld__bar_columns_fini(&pieces[k].bars);
}

static sld_status joined(sld__bar_columns *out, int count, sld_error *err) {
  sld__piece *order[PIECES];
  for (int k = 0; k < count; k++) order[k] = &pieces[k];
  *out = (sld__bar_columns){ .allocator = &heap, .one_price = pieces[0].bars.one_price };
  return sld__pieces_join(out, order, (size_t)count, NULL, err);
}

static void holds(const sld__bar_columns *bars, size_t count, const int64_t *time, const double *value) {
  assert_int_equal(bars->count, count);
  assert_memory_equal(bars->time, time, count * sizeof *time);
  assert_memory_equal(bars->close, value, count * sizeof *value);
}

static void equal_rows_are_taken_once_and_missing_ones_filled(void **state) {
  (void)state;
  sld__bar_columns all;
  make(0, false, 4, (const int64_t[]){ 1, 2, 3, 6 }, (const double[]){ 10, 20, 30, 60 });
  make(1, false, 4, (const int64_t[]){ 2, 3, 4, 5 }, (const double[]){ 20, 30, 40, 50 });
  make(2, false, 2, (const int64_t[]){ 9, 10 }, (const double[]){ 90, 100 });
  make(3, false, 2, (const int64_t[]){ 10, 11 }, (const double[]){ 100, 110 });
  assert_int_equal(joined(&all, 4, NULL), SLD_OK);
  holds(&all, 9, (const int64_t[]){ 1, 2, 3, 4, 5, 6, 9, 10, 11 }, (const double[]){ 10, 20, 30, 40, 50, 60, 90, 100, 110 });
  sld__bar_columns_fini(&all);
  drop(4);
}

static void other_values_are_refused_naming_both_files_and_lines(void **state) {
  (void)state;
  sld__bar_columns all;
  sld_error err;
  make(0, false, 3, (const int64_t[]){ 0, 60 * SLD__NS_PER_SECOND, 120 * SLD__NS_PER_SECOND }, (const double[]){ 10, 20, 30 });
  make(1, false, 2, (const int64_t[]){ 60 * SLD__NS_PER_SECOND, 120 * SLD__NS_PER_SECOND }, (const double[]){ 20, 31 });
  assert_int_equal(joined(&all, 2, &err), SLD_EVALUE);
  assert_string_equal(err.file, "file1.csv");
  assert_int_equal(err.line, 3);
  assert_string_equal(err.message, "EURUSD at 1970-01-01T00:02:00Z has other values than in file0.csv:4");
  sld__bar_columns_fini(&all);
  pieces[0].first_line = pieces[1].first_line = 0;
  assert_int_equal(joined(&all, 2, &err), SLD_EVALUE);
  assert_int_equal(err.line, 0);
  assert_string_equal(err.message, "EURUSD at 1970-01-01T00:02:00Z has other values than in file0.csv");
  sld__bar_columns_fini(&all);
  drop(2);
}

static void ticks_of_one_instant_stay_together(void **state) {
  (void)state;
  sld__bar_columns all;
  make(0, true, 4, (const int64_t[]){ 1, 2, 2, 3 }, (const double[]){ 10, 20, 21, 30 });
  make(1, true, 4, (const int64_t[]){ 2, 2, 3, 4 }, (const double[]){ 20, 21, 30, 40 });
  assert_int_equal(joined(&all, 2, NULL), SLD_OK);
  holds(&all, 5, (const int64_t[]){ 1, 2, 2, 3, 4 }, (const double[]){ 10, 20, 21, 30, 40 });
  sld__bar_columns_fini(&all);
  drop(2);
  make(0, true, 3, (const int64_t[]){ 1, 2, 2 }, (const double[]){ 10, 20, 21 }); /* one ends at the instant with which the other begins */
  make(1, true, 2, (const int64_t[]){ 2, 3 }, (const double[]){ 22, 30 });
  assert_int_equal(joined(&all, 2, NULL), SLD_OK);
  holds(&all, 5, (const int64_t[]){ 1, 2, 2, 2, 3 }, (const double[]){ 10, 20, 21, 22, 30 });
  sld__bar_columns_fini(&all);
  drop(2);
}

static void ticks_that_one_file_alone_has_within_an_instant_are_refused(void **state) {
  (void)state;
  sld__bar_columns all;
  sld_error err;
  make(0, true, 4, (const int64_t[]){ 1, 2, 2, 3 }, (const double[]){ 10, 20, 21, 30 });
  make(1, true, 3, (const int64_t[]){ 1, 2, 3 }, (const double[]){ 10, 20, 30 });
  assert_int_equal(joined(&all, 2, &err), SLD_EVALUE);
  assert_string_equal(err.message, "EURUSD at 1970-01-01T00:00:00.000000002Z has other values than in file0.csv:4");
  sld__bar_columns_fini(&all);
  drop(2);
}

static void rows_that_differ_are_dropped_and_noted_where_that_is_allowed(void **state) {
  (void)state;
  sld_load_report report;
  sld__piece *order[] = { &pieces[0], &pieces[1], &pieces[2] };
  sld__report_init(&report, &heap);
  make(0, false, 3, (const int64_t[]){ 1, 2, 3 }, (const double[]){ 10, 20, 30 });
  make(1, false, 3, (const int64_t[]){ 2, 3, 4 }, (const double[]){ 21, 30, 40 });
  make(2, false, 3, (const int64_t[]){ 2, 4, 5 }, (const double[]){ 21, 41, 50 }); /* the same as what is dropped is no better */
  sld__bar_columns all = { .allocator = &heap };
  assert_int_equal(sld__pieces_join(&all, order, 3, &report, NULL), SLD_OK);
  holds(&all, 5, (const int64_t[]){ 1, 2, 3, 4, 5 }, (const double[]){ 10, 20, 30, 40, 50 });
  assert_int_equal(report.note_count, 3);
  const struct { const char *file, *message; int64_t line; } expected[] = {
    { "file1.csv", "EURUSD at 1970-01-01T00:00:00.000000002Z has other values than in file0.csv:3", 2 },
    { "file2.csv", "EURUSD at 1970-01-01T00:00:00.000000002Z has other values than in file0.csv:3", 2 },
    { "file2.csv", "EURUSD at 1970-01-01T00:00:00.000000004Z has other values than in file1.csv:4", 3 },
  };
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(report.notes[i].kind, SLD_NOTE_DROPPED);
    assert_string_equal(report.notes[i].file, expected[i].file);
    assert_string_equal(report.notes[i].message, expected[i].message);
    assert_int_equal(report.notes[i].line, expected[i].line);
  }
  sld__report_fini(&report);
  sld__bar_columns_fini(&all);
  drop(3);
}

/* Any cuts of one run of rows, overlapping as they like, join to that run. */
static void cuts_of_a_run_join_to_it(void **state) {
  (void)state;
  struct sld__rng rng;
  sld__rng_init(&rng, 21, 22);
  for (int round = 0; round < 200; round++) {
    int64_t time[ROWS];
    double value[ROWS];
    bool covered[ROWS] = { false };
    for (size_t i = 0; i < ROWS; i++) {
      time[i] = (int64_t)i * 3 + 1;
      value[i] = 1.0 + sld__rng_uniform(&rng);
    }
    size_t first[PIECES], count[PIECES];
    for (int k = 0; k < PIECES; k++) {
      first[k] = (size_t)(sld__rng_uniform(&rng) * (ROWS - 1));
      count[k] = 1 + (size_t)(sld__rng_uniform(&rng) * (double)(ROWS - first[k] - 1));
    }
    for (int k = 0; k < PIECES; k++) /* in order of their first rows */
      for (int m = k + 1; m < PIECES; m++)
        if (first[m] < first[k]) {
          size_t kept = first[k]; first[k] = first[m]; first[m] = kept;
          kept = count[k]; count[k] = count[m]; count[m] = kept;
        }
    for (int k = 0; k < PIECES; k++) {
      make(k, false, count[k], time + first[k], value + first[k]);
      for (size_t i = first[k]; i < first[k] + count[k]; i++) covered[i] = true;
    }
    size_t rows = 0;
    for (size_t i = 0; i < ROWS; i++)
      if (covered[i]) time[rows] = time[i], value[rows++] = value[i];
    sld__bar_columns all;
    assert_int_equal(joined(&all, PIECES, NULL), SLD_OK);
    holds(&all, rows, time, value);
    sld__bar_columns_fini(&all);
    drop(PIECES);
  }
}

static int set_up(void **state) {
  (void)state;
  heap = sld__alloc_default();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equal_rows_are_taken_once_and_missing_ones_filled),
    cmocka_unit_test(other_values_are_refused_naming_both_files_and_lines),
    cmocka_unit_test(ticks_of_one_instant_stay_together),
    cmocka_unit_test(ticks_that_one_file_alone_has_within_an_instant_are_refused),
    cmocka_unit_test(rows_that_differ_are_dropped_and_noted_where_that_is_allowed),
    cmocka_unit_test(cuts_of_a_run_join_to_it),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
