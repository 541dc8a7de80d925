#include "base/cond.h"

#include <time.h>

typedef struct sld__sleeper sleeper;

struct sld__sleeper {
  pthread_cond_t wake;
  bool up;
  sleeper *next, *before;
};

/* Clocks and condition variables of the default kind can't fail on Linux. */
static void lie_down(sld__cond *cond, sleeper *self) {
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&self->wake, &attr);
  pthread_condattr_destroy(&attr);
  self->up = false;
  self->next = NULL;
  self->before = cond->last;
  if (cond->last) cond->last->next = self;
  else cond->first = self;
  cond->last = self;
}

static void leave(sld__cond *cond, sleeper *self) {
  if (self->before) self->before->next = self->next;
  else cond->first = self->next;
  if (self->next) self->next->before = self->before;
  else cond->last = self->before;
}

void sld__cond_init(sld__cond *cond) {
  *cond = (sld__cond){ NULL, NULL };
}

void sld__cond_wait(sld__cond *cond, pthread_mutex_t *mutex) {
  sleeper self;
  lie_down(cond, &self);
  while (!self.up) pthread_cond_wait(&self.wake, mutex);
  pthread_cond_destroy(&self.wake);
}

bool sld__cond_wait_until(sld__cond *cond, pthread_mutex_t *mutex, int64_t deadline_ns) {
  const struct timespec when = { (time_t)(deadline_ns / 1000000000), (long)(deadline_ns % 1000000000) };
  sleeper self;
  lie_down(cond, &self);
  bool in_time = true;
  while (!self.up && in_time) in_time = pthread_cond_timedwait(&self.wake, mutex, &when) == 0;
  if (!self.up) leave(cond, &self);
  pthread_cond_destroy(&self.wake);
  return self.up;
}

void sld__cond_signal(sld__cond *cond) {
  sleeper *first = cond->first;
  if (!first) return;
  leave(cond, first);
  first->up = true;
  pthread_cond_signal(&first->wake);
}

void sld__cond_broadcast(sld__cond *cond) {
  while (cond->first) sld__cond_signal(cond);
}
