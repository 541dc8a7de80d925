/* The column cache: who computes, who reads, what stays within the budget, and that it never changes a bit. */
#include "indicator/columns.h"

#include "base/alloc.h"
#include "failing.h"

#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdint.h>

static sld__cache *fresh(size_t budget) {
  sld_allocator a = sld__alloc_default();
  sld__cache *cache;
  assert_int_equal(sld__cache_new(&cache, &a, budget, NULL), SLD_OK);
  return cache;
}

static sld__cache_key key(int number) {
  return sld__cache_key_of(&number, sizeof number);
}

/* Asks twice, so that the second answer is a claim, and publishes `count` times `value`. The reference is given back. */
static void fill(sld__cache *cache, int number, size_t count, double value) {
  sld__cache_entry *entry;
  assert_int_equal(sld__cache_claim(cache, &entry, key(number), count), SLD__CACHE_EARLY);
  assert_int_equal(sld__cache_claim(cache, &entry, key(number), count), SLD__CACHE_CLAIMED);
  for (size_t i = 0; i < count; i++) sld__cache_values(entry)[i] = value;
  sld__cache_publish(cache, entry);
  sld__cache_release(cache, entry);
}

static bool has(sld__cache *cache, int number) {
  sld__cache_entry *entry = sld__cache_find(cache, key(number));
  if (entry) sld__cache_release(cache, entry);
  return entry != NULL;
}

static void a_column_is_kept_from_its_second_asker_on(void **state) {
  (void)state;
  sld__cache *cache = fresh(1000);
  sld__cache_entry *entry;
  assert_int_equal(sld__cache_claim(cache, &entry, key(1), 3), SLD__CACHE_EARLY);
  assert_null(sld__cache_find(cache, key(1)));
  assert_int_equal(sld__cache_claim(cache, &entry, key(1), 3), SLD__CACHE_CLAIMED);
  assert_null(sld__cache_find(cache, key(1)));
  sld__cache_values(entry)[2] = 7;
  sld__cache_publish(cache, entry);
  sld__cache_release(cache, entry);
  assert_int_equal(sld__cache_claim(cache, &entry, key(1), 3), SLD__CACHE_READY);
  assert_true(sld__cache_values(entry)[2] == 7);
  sld__cache_release(cache, entry);
  sld__cache_figures figures = sld__cache_count(cache);
  assert_int_equal(figures.firsts, 1);
  assert_int_equal(figures.builds, 1);
  assert_int_equal(figures.hits, 1);
  assert_int_equal(figures.bytes, 3 * sizeof(double));
  sld__cache_free(cache);
}

static void an_abandoned_claim_can_be_made_again(void **state) {
  (void)state;
  sld__cache *cache = fresh(1000);
  sld__cache_entry *entry;
  sld__cache_claim(cache, &entry, key(1), 3);
  assert_int_equal(sld__cache_claim(cache, &entry, key(1), 3), SLD__CACHE_CLAIMED);
  sld__cache_abandon(cache, entry);
  assert_int_equal(sld__cache_count(cache).bytes, 0);
  assert_int_equal(sld__cache_claim(cache, &entry, key(1), 3), SLD__CACHE_CLAIMED);
  sld__cache_abandon(cache, entry);
  sld__cache_free(cache);
}

static void the_least_recently_used_makes_room_and_what_is_in_use_stays(void **state) {
  (void)state;
  sld__cache *cache = fresh(8 * sizeof(double));
  for (int i = 1; i <= 4; i++) fill(cache, i, 2, i);
  assert_true(has(cache, 1)); /* now the most recently used */
  fill(cache, 5, 2, 5);
  assert_false(has(cache, 2));
  assert_true(has(cache, 1) && has(cache, 3) && has(cache, 4) && has(cache, 5));
  sld__cache_entry *used[4], *entry;
  const int numbers[4] = { 1, 3, 4, 5 };
  for (int i = 0; i < 4; i++) used[i] = sld__cache_find(cache, key(numbers[i]));
  assert_int_equal(sld__cache_claim(cache, &entry, key(6), 2), SLD__CACHE_EARLY);
  assert_int_equal(sld__cache_claim(cache, &entry, key(6), 2), SLD__CACHE_FULL);
  for (int i = 0; i < 4; i++) {
    assert_true(sld__cache_values(used[i])[1] == numbers[i]);
    sld__cache_release(cache, used[i]);
  }
  assert_int_equal(sld__cache_count(cache).evictions, 1);
  sld__cache_free(cache);
}

static void out_of_memory_only_turns_sharing_off(void **state) {
  (void)state;
  for (size_t refuse = 1; refuse < 8; refuse++) {
    struct failing failing = { .refuse = refuse };
    sld_allocator a = failing_allocator(&failing);
    sld__cache *cache;
    if (sld__cache_new(&cache, &a, 1000, NULL) != SLD_OK) {
      assert_int_equal(failing.held, 0);
      continue;
    }
    sld__cache_entry *entry;
    sld__cache_claim(cache, &entry, key(1), 3);
    sld__cache_answer answer = sld__cache_claim(cache, &entry, key(1), 3);
    assert_true(answer == SLD__CACHE_FULL || answer == SLD__CACHE_CLAIMED);
    if (answer == SLD__CACHE_CLAIMED) sld__cache_abandon(cache, entry);
    sld__cache_free(cache);
    assert_int_equal(failing.held, 0);
  }
}

/* ---- The same columns from several threads ---- */

enum { ROWS = 3000, JOBS = 24, THREADS = 4, PERIODS = 3 };

static const char *const names[3] = { "close", "high", "low" };

/* Jobs: bands of means less another base, read whole or streamed. */
typedef struct worker {
  sld__cache *cache;
  double (*walks)[ROWS];
  int number;
  double sums[JOBS];
  bool failed;
} worker;

static double sum_column(sld__columns *c, int id, bool streamed) {
  double sum = 0;
  if (streamed) {
    size_t n;
    if (sld__columns_stream_open(c, id, NULL) != SLD_OK) return -1;
    for (const double *block; (block = sld__columns_stream_next(c, &n)), n > 0;)
      for (size_t i = 0; i < n; i++) sum += block[i] == block[i] ? block[i] : 0;
    return sum;
  }
  const double *values;
  if (sld__columns_materialise(c, id, &values, NULL) != SLD_OK) return -1;
  for (size_t i = 0; i < ROWS; i++) sum += values[i] == values[i] ? values[i] : 0;
  return sum;
}

static double run_job(sld__columns *c, sld__cache *cache, double (*walks)[ROWS], int job) {
  const double opt[SLD__KERNEL_OPTIONS] = { 5.0 + 3 * (job % PERIODS), 2 };
  int base[3], inner[3], outer[3], both[2];
  sld__columns_reset(c, ROWS);
  sld__columns_share(c, cache, key(0));
  for (int i = 0; i < 3; i++) sld__columns_base(c, &base[i], walks[i], names[i], NULL);
  sld__columns_apply(c, inner, sld__kernel_find("sma"), base, opt, NULL);
  sld__columns_apply(c, outer, sld__kernel_find("bollinger"), inner, opt, NULL);
  both[0] = outer[job % 3];
  both[1] = base[1];
  int id;
  sld__columns_apply(c, &id, sld__kernel_find("sub"), both, NULL, NULL);
  return sum_column(c, id, job % 2);
}

static void *work(void *ud) {
  worker *w = ud;
  sld_allocator a = sld__alloc_default();
  sld__columns *c;
  w->failed = sld__columns_new(&c, &a, ROWS, NULL) != SLD_OK;
  for (int i = 0; !w->failed && i < JOBS; i++) {
    int job = (i * 5 + w->number * 7) % JOBS;
    w->sums[job] = run_job(c, w->cache, w->walks, job);
  }
  if (!w->failed) sld__columns_free(c);
  return NULL;
}

static void sharing_between_threads_changes_no_bit(void **state) {
  (void)state;
  static double walks[3][ROWS];
  uint64_t seed = 7;
  for (size_t i = 1; i < ROWS; i++)
    for (int k = 0; k < 3; k++) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      walks[k][i] = i % 700 == 0 ? (double)NAN : (double)(i % 90) + (double)(seed >> 40) * 0x1p-24;
    }
  for (size_t budget = 0; budget <= 1 << 20; budget = budget ? budget * 8 : 2 * ROWS * sizeof(double)) {
    sld__cache *cache = fresh(budget);
    worker workers[THREADS], alone = { NULL, walks, 0, { 0 }, false };
    pthread_t threads[THREADS];
    work(&alone);
    for (int i = 0; i < THREADS; i++) {
      workers[i] = (worker){ cache, walks, i, { 0 }, false };
      assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++) {
      assert_false(workers[i].failed);
      assert_memory_equal(workers[i].sums, alone.sums, sizeof alone.sums);
    }
    if (budget > 100000) assert_true(sld__cache_count(cache).hits > 0);
    sld__cache_free(cache);
  }
}

/* ---- Published between two looks ---- */

/* An allocator that, at the first request for a whole column, has another set publish the column that is being asked for. */
typedef struct meddler {
  sld__cache *cache;
  const double *walk;
  bool done;
} meddler;

/* The mean of the walk as a whole; NULL where it fails. */
static const double *mean_of(sld__columns *c, sld__cache *cache, const double *walk) {
  const double opt[SLD__KERNEL_OPTIONS] = { 9 };
  const double *values = NULL;
  int base, id;
  sld__columns_reset(c, ROWS);
  if (cache) sld__columns_share(c, cache, key(0));
  sld__columns_base(c, &base, walk, "close", NULL);
  sld__columns_apply(c, &id, sld__kernel_find("sma"), &base, opt, NULL);
  return sld__columns_materialise(c, id, &values, NULL) == SLD_OK ? values : NULL;
}

static void *meddle(void *ud, void *ptr, size_t size) {
  meddler *m = ud;
  if (size >= ROWS * sizeof(double) && size < 2 * ROWS * sizeof(double) && !m->done) {
    sld_allocator a = sld__alloc_default();
    sld__columns *other;
    m->done = true;
    assert_int_equal(sld__columns_new(&other, &a, ROWS, NULL), SLD_OK);
    assert_non_null(mean_of(other, m->cache, m->walk));
    sld__columns_free(other);
    assert_int_equal(sld__cache_count(m->cache).entries, 1);
  }
  if (size > 0) return realloc(ptr, size);
  free(ptr);
  return NULL;
}

/* Found missing at first and there when it is to be computed: nothing is then computed, and the values are the cache's. */
static void a_column_that_another_publishes_meanwhile_is_taken_from_it(void **state) {
  (void)state;
  static double walk[ROWS];
  for (size_t i = 0; i < ROWS; i++) walk[i] = (double)(i * 37 % 101);
  meddler m = { fresh(1 << 20), walk, false };
  sld_allocator a = { meddle, &m }, plain = sld__alloc_default();
  sld__columns *c, *alone;
  assert_int_equal(sld__columns_new(&c, &a, ROWS, NULL), SLD_OK);
  assert_int_equal(sld__columns_new(&alone, &plain, ROWS, NULL), SLD_OK);
  const double *values = mean_of(c, m.cache, walk), *want = mean_of(alone, NULL, walk);
  assert_true(m.done);
  assert_non_null(values);
  assert_memory_equal(values, want, ROWS * sizeof(double));
  sld__columns_free(c);
  sld__columns_free(alone);
  sld__cache_free(m.cache);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_column_is_kept_from_its_second_asker_on),
    cmocka_unit_test(an_abandoned_claim_can_be_made_again),
    cmocka_unit_test(the_least_recently_used_makes_room_and_what_is_in_use_stays),
    cmocka_unit_test(out_of_memory_only_turns_sharing_off),
    cmocka_unit_test(sharing_between_threads_changes_no_bit),
    cmocka_unit_test(a_column_that_another_publishes_meanwhile_is_taken_from_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
