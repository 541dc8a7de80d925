/* Column expressions: identity, limits, and the same values whole or streamed. */
#include "indicator_graph.h"

#include "base/alloc.h"
#include "failing.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

static sld__columns *fresh(size_t rows) {
  sld_allocator a = sld__alloc_default();
  sld__columns *c;
  assert_int_equal(sld__columns_new(&c, &a, rows, NULL), SLD_OK);
  return c;
}

static int apply(sld__columns *c, const char *name, int a, int b, double option) {
  const int in[SLD__KERNEL_INPUTS] = { a, b, b };
  const double opt[SLD__KERNEL_OPTIONS] = { option, 2, 2 };
  int ids[SLD__KERNEL_OUTPUTS];
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find(name), in, opt, NULL), SLD_OK);
  return ids[0];
}

static int base(sld__columns *c, const double *values) {
  int id;
  assert_int_equal(sld__columns_base(c, &id, values, NULL, NULL), SLD_OK);
  return id;
}

static int constant(sld__columns *c, double value) {
  int id;
  assert_int_equal(sld__columns_constant(c, &id, value, NULL), SLD_OK);
  return id;
}

static void an_equal_expression_gives_the_equal_ids(void **state) {
  (void)state;
  const double close[4] = { 1, 2, 3, 4 }, open[4] = { 0 };
  sld__columns *c = fresh(4);
  int x = base(c, close);
  assert_int_equal(base(c, close), x);
  assert_int_not_equal(base(c, open), x);
  assert_int_equal(constant(c, 2), constant(c, 2));
  assert_int_equal(constant(c, (double)NAN), constant(c, -(double)NAN));
  assert_int_not_equal(constant(c, 0.0), constant(c, -0.0));
  int fast = apply(c, "sma", x, 0, 2);
  assert_int_equal(apply(c, "sma", x, 0, 2), fast);
  assert_int_not_equal(apply(c, "sma", x, 0, 3), fast);
  assert_int_not_equal(apply(c, "ema", x, 0, 2), fast);
  int bands = apply(c, "bollinger", x, 0, 2);
  int count = sld__columns_count(c);
  assert_int_equal(apply(c, "bollinger", x, 0, 2), bands);
  assert_int_equal(sld__columns_count(c), count);
  assert_int_equal(bands, count - 3);
  assert_int_not_equal(apply(c, "sub", fast, x, 0), apply(c, "sub", x, fast, 0));
  sld__columns_free(c);
}

static void a_key_depends_neither_on_ids_nor_on_order(void **state) {
  (void)state;
  const double close[4] = { 0 }, high[4] = { 0 };
  sld__columns *one = fresh(4), *other = fresh(4);
  int a = apply(one, "sub", apply(one, "sma", base(one, close), 0, 2), apply(one, "ema", base(one, high), 0, 3), 0);
  int m = apply(other, "ema", base(other, high), 0, 3);
  constant(other, 5);
  int b = apply(other, "sub", apply(other, "sma", base(other, close), 0, 2), m, 0);
  int reversed = apply(other, "sub", m, apply(other, "sma", base(other, close), 0, 2), 0);
  assert_int_not_equal(a, b);
  sld__cache_key ka = sld__columns_key(one, a), kb = sld__columns_key(other, b), kr = sld__columns_key(other, reversed);
  assert_true(ka.low == kb.low && ka.high == kb.high);
  assert_true(ka.low != kr.low && ka.high != kr.high);
  int bands = apply(one, "bollinger", 0, 0, 2);
  assert_true(sld__columns_key(one, bands).low != sld__columns_key(one, bands + 1).low);
  sld__columns_free(one);
  sld__columns_free(other);
}

static void first_rows_add_up_along_the_longest_way(void **state) {
  (void)state;
  const double close[4] = { 0 };
  sld__columns *c = fresh(4);
  int x = base(c, close), two = constant(c, 2);
  assert_int_equal(sld__columns_warmup(c), 0);
  int mean = apply(c, "sma", x, 0, 20);
  assert_int_equal(sld__columns_first(c, mean), 19);
  int mean_of_mean = apply(c, "rsi", mean, 0, 14);
  assert_int_equal(sld__columns_first(c, mean_of_mean), 33);
  int joined = apply(c, "add", apply(c, "mul", mean_of_mean, two, 0), apply(c, "shift", x, 0, 5), 0);
  assert_int_equal(sld__columns_first(c, joined), 33);
  assert_int_equal(sld__columns_first(c, apply(c, "crossover", joined, two, 0)), 34);
  assert_int_equal(sld__columns_first(c, two), 0);
  assert_int_equal(sld__columns_warmup(c), 34);
  sld__columns_reset(c, 9);
  assert_int_equal(sld__columns_warmup(c), 0);
  assert_int_equal(sld__columns_count(c), 0);
  assert_int_equal(sld__columns_rows(c), 9);
  sld__columns_free(c);
}

static void a_number_where_a_series_belongs_is_refused(void **state) {
  (void)state;
  const double close[4] = { 0 };
  sld__columns *c = fresh(4);
  int x = base(c, close), thirty = constant(c, 30), ids[3];
  const double opt[] = { 5, 2 };
  sld_error err;
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("sma"), &thirty, opt, &err), SLD_EINVAL);
  assert_string_equal(err.message, "sma wants a series where a number was given");
  const int both[] = { thirty, thirty };
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("crossover"), both, NULL, &err), SLD_EINVAL);
  assert_string_equal(err.message, "crossover wants at least one series");
  const int one[] = { x, thirty };
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("crossover"), one, NULL, &err), SLD_OK);
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("add"), both, NULL, &err), SLD_OK);
  const int wrong[] = { x, 99 }, negative[] = { -1, x };
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("add"), wrong, NULL, &err), SLD_EINVAL);
  assert_string_equal(err.message, "add: input 2 is no column of this job");
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("add"), negative, NULL, &err), SLD_EINVAL);
  const double half = 0.5;
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("sma"), &x, &half, &err), SLD_ERANGE);
  const double *values;
  assert_int_equal(sld__columns_materialise(c, 77, &values, &err), SLD_EINVAL);
  assert_string_equal(err.message, "column 77 is no column of this job");
  assert_int_equal(sld__columns_stream_open(c, -1, &err), SLD_EINVAL);
  sld__columns_free(c);
}

static void there_is_room_for_250_columns(void **state) {
  (void)state;
  const double close[4] = { 0 };
  sld__columns *c = fresh(4);
  int x = base(c, close), id, ids[3];
  for (int i = 1; i < 249; i++) apply(c, "shift", x, 0, i);
  const double opt[] = { 5, 2 };
  sld_error err;
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("bollinger"), &x, opt, &err), SLD_ERANGE);
  assert_string_equal(err.message, "a strategy may make at most 250 columns; constants and every output of an indicator count");
  assert_int_equal(sld__columns_constant(c, &id, 1, NULL), SLD_OK);
  assert_int_equal(sld__columns_count(c), SLD__COLUMNS_MAX);
  assert_int_equal(sld__columns_constant(c, &id, 2, NULL), SLD_ERANGE);
  assert_int_equal(sld__columns_constant(c, &id, 1, NULL), SLD_OK);
  assert_int_equal(sld__columns_base(c, &id, opt, NULL, NULL), SLD_ERANGE);
  assert_int_equal(sld__columns_apply(c, ids, sld__kernel_find("sma"), &x, opt, &err), SLD_ERANGE);
  assert_int_equal(apply(c, "shift", x, 0, 3), 3);
  sld__columns_free(c);
}

static void columns_are_the_same_whole_and_streamed_and_alone(void **state) {
  (void)state;
  static const size_t rows[] = { 0, 1, 2, 1023, 1024, 1025, 2048, 5000 };
  sld__columns *c = fresh(0);
  for (uint64_t seed = 1; seed <= 24; seed++) {
    graph g;
    graph_init(&g, rows[seed % 8], seed);
    sld__columns_reset(c, g.rows);
    assert_true(graph_grow(&g, c, 40, seed));
    for (int id = 0; id < g.count; id++)
      if (!graph_streams(&g, c, id)) fail_msg("seed %d: stream of column %d", (int)seed, id);
    uint64_t order = seed;
    for (int k = 0; k < g.count; k++) {
      const double *values, *again;
      int id = graph_pick(&order, g.count), streamed = graph_pick(&order, g.count);
      assert_int_equal(sld__columns_materialise(c, id, &values, NULL), SLD_OK);
      if (!graph_same(&g, id, 0, values, g.rows)) fail_msg("seed %d: column %d as a whole", (int)seed, id);
      assert_int_equal(sld__columns_materialise(c, id, &again, NULL), SLD_OK);
      assert_ptr_equal(again, values);
      if (!graph_streams(&g, c, streamed)) fail_msg("seed %d: stream of column %d beside whole ones", (int)seed, streamed);
    }
    graph_fini(&g);
  }
  sld__columns_free(c);
}

static void a_stream_holds_its_place_while_columns_are_made(void **state) {
  (void)state;
  graph g;
  graph_init(&g, 3000, 7);
  sld__columns *c = fresh(g.rows);
  assert_true(graph_grow(&g, c, 20, 7));
  int id = g.count - 1;
  assert_int_equal(sld__columns_stream_open(c, id, NULL), SLD_OK);
  size_t row = 0, n;
  for (const double *block; (block = sld__columns_stream_next(c, &n)); row += n) {
    assert_true(graph_same(&g, id, row, block, n));
    apply(c, "sma", 0, 0, (double)row + 3);
    const double *values;
    sld_error err;
    assert_int_equal(sld__columns_materialise(c, id, &values, &err), SLD_EBUSY);
    assert_true(graph_same(&g, id, row, block, n));
  }
  assert_int_equal(row, g.rows);
  const double *values;
  assert_int_equal(sld__columns_materialise(c, id, &values, NULL), SLD_OK);
  assert_int_equal(sld__columns_stream_open(c, id, NULL), SLD_OK);
  sld__columns_stream_close(c);
  assert_null(sld__columns_stream_next(c, &n));
  assert_int_equal(n, 0);
  graph_fini(&g);
  sld__columns_free(c);
}

static void assert_streams(sld__columns *c, int id, const double *expected, size_t rows) {
  size_t row = 0, n;
  assert_int_equal(sld__columns_stream_open(c, id, NULL), SLD_OK);
  for (const double *block; (block = sld__columns_stream_next(c, &n)); row += n)
    for (size_t i = 0; i < n; i++) assert_true(memcmp(&block[i], &expected[row + i], sizeof *block) == 0 || (isnan(block[i]) && isnan(expected[row + i])));
  assert_int_equal(row, rows);
}

enum { LENGTH = 3000 };

typedef struct choice {
  int condition, chosen;
} choice;

static choice choose(sld__columns *c, const char *comparison, const double *x, const double *y, const double *then) {
  choice made;
  made.condition = apply(c, comparison, base(c, x), y ? base(c, y) : constant(c, 2), 0);
  const int in[] = { made.condition, base(c, then), constant(c, -1) };
  assert_int_equal(sld__columns_apply(c, &made.chosen, sld__kernel_find("where"), in, NULL, NULL), SLD_OK);
  return made;
}

/* Whether the condition is asked for by others too or not. */
static void where_over_a_comparison_is_what_it_is_over_its_column(void **state) {
  (void)state;
  static const char *const comparisons[] = { "gt", "ge", "lt", "le", "eq", "ne" };
  static double x[LENGTH], y[LENGTH], then[LENGTH], product[LENGTH];
  uint64_t seed = 5;
  for (size_t i = 0; i < LENGTH; i++) {
    x[i] = twin_random(&seed) < 0.05 ? (double)NAN : floor(4 * twin_random(&seed));
    y[i] = twin_random(&seed) < 0.05 ? (double)NAN : floor(4 * twin_random(&seed));
    then[i] = twin_random(&seed) < 0.05 ? (double)NAN : twin_random(&seed);
  }
  for (size_t k = 0; k < 12; k++) {
    sld__columns *whole = fresh(LENGTH), *streamed = fresh(LENGTH);
    const double *conditions, *chosen;
    choice w = choose(whole, comparisons[k / 2], x, k % 2 ? y : NULL, then), s = choose(streamed, comparisons[k / 2], x, k % 2 ? y : NULL, then);
    assert_int_equal(sld__columns_materialise(whole, w.condition, &conditions, NULL), SLD_OK);
    assert_int_equal(sld__columns_materialise(whole, w.chosen, &chosen, NULL), SLD_OK);
    assert_streams(streamed, s.chosen, chosen, LENGTH);
    for (size_t i = 0; i < LENGTH; i++) product[i] = chosen[i] * conditions[i];
    assert_streams(streamed, apply(streamed, "mul", s.chosen, s.condition, 0), product, LENGTH);
    sld__columns_free(whole);
    sld__columns_free(streamed);
  }
}

static void a_column_known_to_be_finite_gives_the_same_bits(void **state) {
  (void)state;
  static double x[LENGTH];
  uint64_t seed = 6;
  for (size_t i = 0; i < LENGTH; i++) x[i] = 1 + twin_random(&seed);
  for (size_t k = 0; k < sld__kernel_count(); k++) {
    const sld__kernel *kernel = sld__kernel_at(k);
    if (!kernel->run) continue;
    assert_int_equal(kernel->inputs, 1);
    assert_int_equal(kernel->outputs, 1);
    const double opt[SLD__KERNEL_OPTIONS] = { 17, 1 };
    sld__columns *asked = fresh(LENGTH), *told = fresh(LENGTH);
    int in = base(asked, x), out;
    const double *values;
    assert_int_equal(sld__columns_apply(asked, &out, kernel, &in, opt, NULL), SLD_OK);
    assert_int_equal(sld__columns_materialise(asked, out, &values, NULL), SLD_OK);
    sld__columns_finite(told, base(told, x));
    assert_int_equal(sld__columns_apply(told, &out, kernel, &in, opt, NULL), SLD_OK);
    assert_streams(told, out, values, LENGTH);
    sld__columns_free(asked);
    sld__columns_free(told);
  }
}

/* Everything that allocates, over one graph; true where all of it went well. */
static bool go_through(const graph *shape, const sld_allocator *a) {
  graph g = *shape;
  sld__columns *c;
  if (sld__columns_new(&c, a, g.rows, NULL) != SLD_OK) return false;
  assert_true(graph_grow(&g, c, 15, 3));
  bool good = true;
  for (int id = 0; id < g.count; id++) {
    const double *values;
    if (id % 2) {
      sld_status status = sld__columns_stream_open(c, id, NULL);
      good &= status == SLD_OK;
      if (status == SLD_OK) sld__columns_stream_close(c);
      else assert_int_equal(status, SLD_ENOMEM);
    } else {
      sld_status status = sld__columns_materialise(c, id, &values, NULL);
      good &= status == SLD_OK;
      if (status == SLD_OK) assert_true(graph_same(&g, id, 0, values, g.rows));
      else assert_int_equal(status, SLD_ENOMEM);
    }
  }
  sld__columns_free(c);
  for (int id = GRAPH_BASES; id < g.count; id++) free(g.values[id]);
  return good;
}

static void every_refused_request_for_memory_is_clean(void **state) {
  (void)state;
  graph g;
  graph_init(&g, 1500, 2);
  bool good = false;
  for (size_t refuse = 1; !good; refuse++) {
    struct failing failing = { .refuse = refuse };
    sld_allocator a = failing_allocator(&failing);
    good = go_through(&g, &a);
    assert_int_equal(failing.held, 0);
    assert_in_range(refuse, 1, 200);
  }
  graph_fini(&g);
}

static void the_next_job_asks_for_no_memory(void **state) {
  (void)state;
  struct failing failing = { 0 };
  sld_allocator a = failing_allocator(&failing);
  sld__columns *c;
  assert_int_equal(sld__columns_new(&c, &a, 2500, NULL), SLD_OK);
  size_t after_first = 0;
  for (int job = 0; job < 3; job++) {
    graph g;
    graph_init(&g, 2500, 5);
    sld__columns_reset(c, g.rows);
    assert_true(graph_grow(&g, c, 30, 5));
    const double *values;
    for (int id = 0; id < g.count; id += 3) assert_int_equal(sld__columns_materialise(c, id, &values, NULL), SLD_OK);
    assert_true(graph_streams(&g, c, g.count - 1));
    graph_fini(&g);
    if (job == 0) after_first = failing.requests;
    assert_int_equal(failing.requests, after_first);
  }
  sld__columns_free(c);
  assert_int_equal(failing.held, 0);
}

/* ---- Frames: clocks of fewer rows ---- */

enum { SET_ROWS = 3000, SPAN = 7 };

/* Every SPAN rows make one of a frame, which is known at the last of them; rows before that know none. */
typedef struct clocks {
  double base[SET_ROWS], of_frame[SET_ROWS];
  int32_t last[SET_ROWS];
  size_t rows; /* of the frame */
} clocks;

static void clocks_init(clocks *k, uint64_t seed) {
  k->rows = SET_ROWS / SPAN;
  for (size_t i = 0; i < SET_ROWS; i++) {
    k->base[i] = 100 + twin_random(&seed);
    k->last[i] = (int32_t)((i + 1) / SPAN) - 1;
  }
  for (size_t i = 0; i < k->rows; i++) k->of_frame[i] = 50 + twin_random(&seed);
}

static int frame_base(sld__columns *c, const clocks *k) {
  int at, id;
  assert_int_equal(sld__columns_frame(c, &at, k->last, k->rows, "7 rows", NULL), SLD_OK);
  assert_int_equal(at, 1);
  assert_int_equal(sld__columns_frame_base(c, &id, at, k->of_frame, "close", NULL), SLD_OK);
  return id;
}

static const double *values_of(sld__columns *c, int id) {
  const double *values;
  assert_int_equal(sld__columns_materialise(c, id, &values, NULL), SLD_OK);
  return values;
}

static double held(const clocks *k, const double *values, size_t row) {
  return k->last[row] < 0 ? (double)NAN : values[k->last[row]];
}

static void same_number(double got, double want) {
  if (isnan(want)) assert_true(isnan(got));
  else assert_true(got == want);
}

static void a_column_of_a_frame_is_computed_on_the_frames_own_rows(void **state) {
  (void)state;
  static clocks k;
  clocks_init(&k, 5);
  sld__columns *c = fresh(SET_ROWS);
  int close = frame_base(c, &k), mean = apply(c, "sma", close, 0, 5), twice = apply(c, "mul", mean, constant(c, 2), 0);
  assert_int_equal(sld__columns_frame_of(c, close), 1);
  assert_int_equal(sld__columns_frame_of(c, twice), 1);
  assert_int_equal(sld__columns_rows_of(c, twice), k.rows);
  assert_int_equal(sld__columns_first(c, twice), 4);
  assert_int_equal(sld__columns_warmup(c), 5 * SPAN - 1); /* the fifth row is known at the last of its rows */
  const double *means = values_of(c, mean), *doubled = values_of(c, twice);
  sld__columns *alone = fresh(k.rows);
  const double *want = values_of(alone, apply(alone, "sma", base(alone, k.of_frame), 0, 5));
  for (size_t i = 0; i < k.rows; i++) {
    same_number(means[i], want[i]);
    same_number(doubled[i], 2 * want[i]);
  }
  sld__columns_free(alone);
  sld__columns_free(c);
}

static void columns_of_two_clocks_meet_on_the_sets_own_rows(void **state) {
  (void)state;
  static clocks k;
  clocks_init(&k, 6);
  for (int way = 0; way < 2; way++) { /* streamed first, or as a whole first */
    sld__columns *c = fresh(SET_ROWS);
    int close = frame_base(c, &k), own = base(c, k.base), mean = apply(c, "ema", close, 0, 3);
    int over = apply(c, "sub", own, mean, 0), later = apply(c, "shift", over, 0, 10), smooth = apply(c, "sma", later, 0, 20), joined;
    assert_int_equal(sld__columns_frame_of(c, over), 0);
    assert_int_equal(sld__columns_first(c, over), 3 * SPAN - 1);
    assert_int_equal(sld__columns_join(c, &joined, mean, NULL), SLD_OK);
    assert_int_equal(sld__columns_first(c, joined), 3 * SPAN - 1);
    size_t n, row = 0;
    double *streamed = calloc(SET_ROWS, sizeof *streamed);
    if (way == 0) {
      assert_int_equal(sld__columns_stream_open(c, smooth, NULL), SLD_OK);
      for (const double *block; (block = sld__columns_stream_next(c, &n)); row += n) memcpy(streamed + row, block, n * sizeof *block);
      assert_int_equal(row, SET_ROWS);
    }
    const double *means = values_of(c, mean), *differences = values_of(c, over), *smoothed = values_of(c, smooth), *seen = values_of(c, joined);
    for (size_t i = 0; i < SET_ROWS; i++) {
      same_number(seen[i], held(&k, means, i));
      same_number(differences[i], k.base[i] - held(&k, means, i));
      if (way == 0) same_number(streamed[i], smoothed[i]);
    }
    free(streamed);
    sld__columns_free(c);
  }
}

static void a_join_is_made_once_and_the_sets_own_columns_need_none(void **state) {
  (void)state;
  static clocks k;
  clocks_init(&k, 7);
  sld__columns *c = fresh(SET_ROWS);
  int close = frame_base(c, &k), own = base(c, k.base), one, other, same;
  assert_int_equal(sld__columns_join(c, &one, close, NULL), SLD_OK);
  assert_int_equal(sld__columns_join(c, &other, close, NULL), SLD_OK);
  assert_int_equal(sld__columns_join(c, &same, own, NULL), SLD_OK);
  assert_int_equal(one, other);
  assert_int_equal(same, own);
  int count = sld__columns_count(c);
  apply(c, "add", own, close, 0);
  assert_int_equal(sld__columns_count(c), count + 1);
  sld_error err;
  assert_int_equal(sld__columns_join(c, &one, 99, &err), SLD_EINVAL);
  int at;
  for (int i = 2; i < SLD__FRAMES_MAX; i++) assert_int_equal(sld__columns_frame(c, &at, k.last + i, 1, "x", &err), SLD_OK);
  assert_int_equal(sld__columns_frame(c, &at, k.last + 99, 1, "x", &err), SLD_ERANGE);
  assert_string_equal(err.message, "a strategy may use at most 63 time frames");
  sld__columns_free(c);
}

static void a_frame_may_have_more_rows_than_the_set(void **state) {
  (void)state;
  static const int32_t last[3] = { 1, 1, 4 };
  static const double own[3] = { 1, 2, 3 }, ticks[5] = { 10, 20, 30, 40, 50 };
  sld__columns *c = fresh(3);
  int at, close;
  assert_int_equal(sld__columns_frame(c, &at, last, 5, "ticks", NULL), SLD_OK);
  assert_int_equal(sld__columns_frame_base(c, &close, at, ticks, "close", NULL), SLD_OK);
  int mean = apply(c, "sma", close, 0, 2), sum = apply(c, "add", base(c, own), mean, 0);
  const double *means = values_of(c, mean), *sums = values_of(c, sum);
  for (int i = 1; i < 5; i++) assert_true(means[i] == ticks[i] - 5);
  assert_true(sums[0] == 16 && sums[1] == 17 && sums[2] == 48);
  sld__columns_free(c);
}

static void a_frame_without_a_finished_row_never_has_a_value(void **state) {
  (void)state;
  static const int32_t last[5] = { -1, -1, -1, -1, -1 };
  static const double own[5] = { 1, 2, 3, 4, 5 }, none[1] = { 0 };
  sld__columns *c = fresh(5);
  int at, close;
  assert_int_equal(sld__columns_frame(c, &at, last, 0, "1d", NULL), SLD_OK);
  assert_int_equal(sld__columns_frame_base(c, &close, at, none, "close", NULL), SLD_OK);
  int mean = apply(c, "sma", close, 0, 3), over = apply(c, "gt", base(c, own), mean, 0);
  assert_int_equal(sld__columns_warmup(c), 5);
  assert_non_null(values_of(c, mean));
  const double *values = values_of(c, over);
  for (int i = 0; i < 5; i++) assert_true(isnan(values[i]));
  sld__columns_free(c);
}

/* The same words on another clock are another column, for this job and for those that share. */
static void keys_tell_clocks_apart(void **state) {
  (void)state;
  static clocks k;
  clocks_init(&k, 8);
  sld__columns *c = fresh(SET_ROWS);
  int close = frame_base(c, &k), own, derived, again;
  assert_int_equal(sld__columns_base(c, &own, k.base, "close", NULL), SLD_OK);
  static double hours[SET_ROWS];
  assert_int_equal(sld__columns_derived(c, &derived, own, hours, "hour UTC", NULL), SLD_OK);
  assert_int_equal(sld__columns_derived(c, &again, own, hours, "hour UTC", NULL), SLD_OK);
  assert_int_equal(derived, again);
  assert_true(sld__columns_key(c, close).low != sld__columns_key(c, own).low);
  assert_true(sld__columns_key(c, derived).low != sld__columns_key(c, own).low);
  int one = apply(c, "sma", close, 0, 3), other = apply(c, "sma", own, 0, 3), joined;
  assert_true(sld__columns_key(c, one).low != sld__columns_key(c, other).low);
  assert_int_equal(sld__columns_join(c, &joined, one, NULL), SLD_OK);
  assert_true(sld__columns_key(c, joined).low != sld__columns_key(c, one).low);
  sld__columns_free(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_equal_expression_gives_the_equal_ids),
    cmocka_unit_test(a_key_depends_neither_on_ids_nor_on_order),
    cmocka_unit_test(first_rows_add_up_along_the_longest_way),
    cmocka_unit_test(where_over_a_comparison_is_what_it_is_over_its_column),
    cmocka_unit_test(a_column_known_to_be_finite_gives_the_same_bits),
    cmocka_unit_test(a_number_where_a_series_belongs_is_refused),
    cmocka_unit_test(there_is_room_for_250_columns),
    cmocka_unit_test(columns_are_the_same_whole_and_streamed_and_alone),
    cmocka_unit_test(a_stream_holds_its_place_while_columns_are_made),
    cmocka_unit_test(every_refused_request_for_memory_is_clean),
    cmocka_unit_test(the_next_job_asks_for_no_memory),
    cmocka_unit_test(a_column_of_a_frame_is_computed_on_the_frames_own_rows),
    cmocka_unit_test(columns_of_two_clocks_meet_on_the_sets_own_rows),
    cmocka_unit_test(a_join_is_made_once_and_the_sets_own_columns_need_none),
    cmocka_unit_test(a_frame_may_have_more_rows_than_the_set),
    cmocka_unit_test(a_frame_without_a_finished_row_never_has_a_value),
    cmocka_unit_test(keys_tell_clocks_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
