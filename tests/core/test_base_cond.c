/* Wake-ups: each wakes one, who has waited longest is the first, and none is lost. */
#include "base/cond.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <time.h>

enum { SLEEPERS = 4, ROUNDS = 5000 };

typedef struct desk {
  pthread_mutex_t lock;
  sld__cond wake, changed; /* `changed`: somebody lies down, or has got up */
  pthread_t thread[SLEEPERS];
  int asleep, woken[SLEEPERS], woken_count, rounds;
} desk;

typedef struct sleeper {
  desk *desk;
  int index;
} sleeper;

static void *sleep_and_tell(void *ud) {
  const sleeper *self = ud;
  desk *d = self->desk;
  pthread_mutex_lock(&d->lock);
  for (int i = 0; i < d->rounds; i++) {
    d->asleep++;
    sld__cond_signal(&d->changed);
    sld__cond_wait(&d->wake, &d->lock);
    d->woken[d->woken_count++ % SLEEPERS] = self->index;
    sld__cond_signal(&d->changed);
  }
  pthread_mutex_unlock(&d->lock);
  return NULL;
}

static void await(desk *d, const int *number, int wanted) {
  while (*number != wanted) sld__cond_wait(&d->changed, &d->lock);
}

static void start(desk *d, sleeper *sleepers, int rounds) {
  *d = (desk){ .lock = PTHREAD_MUTEX_INITIALIZER, .rounds = rounds };
  sld__cond_init(&d->wake);
  sld__cond_init(&d->changed);
  pthread_mutex_lock(&d->lock);
  for (int i = 0; i < SLEEPERS; i++) { /* one after the other, so that they wait in this order */
    sleepers[i] = (sleeper){ d, i };
    assert_int_equal(pthread_create(&d->thread[i], NULL, sleep_and_tell, &sleepers[i]), 0);
    await(d, &d->asleep, i + 1);
  }
}

/* With the lock held. */
static void finish(desk *d) {
  pthread_mutex_unlock(&d->lock);
  for (int i = 0; i < SLEEPERS; i++) pthread_join(d->thread[i], NULL);
  assert_null(d->wake.first);
  assert_null(d->wake.last);
}

static void a_signal_wakes_who_has_waited_longest(void **state) {
  (void)state;
  desk d;
  sleeper sleepers[SLEEPERS];
  start(&d, sleepers, 1);
  for (int i = 0; i < SLEEPERS; i++) {
    sld__cond_signal(&d.wake);
    await(&d, &d.woken_count, i + 1);
    assert_int_equal(d.woken[i], i);
  }
  sld__cond_signal(&d.wake); /* nobody waits: nothing */
  finish(&d);
}

static void a_broadcast_wakes_all_that_wait(void **state) {
  (void)state;
  desk d;
  sleeper sleepers[SLEEPERS];
  start(&d, sleepers, 1);
  sld__cond_broadcast(&d.wake);
  await(&d, &d.woken_count, SLEEPERS);
  finish(&d);
}

/* Signals that come in ones and in bursts, to sleepers that lie down again meanwhile: as many get up as were woken. */
static void no_signal_is_lost(void **state) {
  (void)state;
  desk d;
  sleeper sleepers[SLEEPERS];
  start(&d, sleepers, ROUNDS);
  for (int signals = 0; signals < SLEEPERS * ROUNDS;) {
    int burst = 1 + signals % SLEEPERS;
    for (; burst > 0 && d.wake.first; burst--, signals++) sld__cond_signal(&d.wake);
    if (d.wake.first) continue;
    await(&d, &d.woken_count, signals);
  }
  await(&d, &d.woken_count, SLEEPERS * ROUNDS);
  finish(&d);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* One that gives up leaves the others in their order. */
static void a_deadline_ends_the_wait(void **state) {
  (void)state;
  desk d;
  sleeper sleepers[SLEEPERS];
  start(&d, sleepers, 1);
  assert_false(sld__cond_wait_until(&d.wake, &d.lock, now_ns() - 1));
  for (int i = 0; i < SLEEPERS; i++) sld__cond_signal(&d.wake);
  await(&d, &d.woken_count, SLEEPERS);
  finish(&d);
}

static void *wake_it(void *ud) {
  desk *d = ud;
  pthread_mutex_lock(&d->lock);
  sld__cond_signal(&d->wake);
  pthread_mutex_unlock(&d->lock);
  return NULL;
}

static void it_is_woken_before_its_deadline(void **state) {
  (void)state;
  desk d = { .lock = PTHREAD_MUTEX_INITIALIZER };
  sld__cond_init(&d.wake);
  pthread_mutex_lock(&d.lock);
  assert_int_equal(pthread_create(&d.thread[0], NULL, wake_it, &d), 0);
  assert_true(sld__cond_wait_until(&d.wake, &d.lock, INT64_MAX));
  pthread_mutex_unlock(&d.lock);
  pthread_join(d.thread[0], NULL);
  assert_null(d.wake.first);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_signal_wakes_who_has_waited_longest),
    cmocka_unit_test(a_broadcast_wakes_all_that_wait),
    cmocka_unit_test(no_signal_is_lost),
    cmocka_unit_test(a_deadline_ends_the_wait),
    cmocka_unit_test(it_is_woken_before_its_deadline),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
