/* A gate holds threads until the test opens it, without anybody sleeping for a time. */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/cond.h"

typedef struct gate {
  pthread_mutex_t lock;
  sld__cond changed;
  int came; /* under lock, as is `open` */
  bool open;
} gate;

#define GATE_INIT { PTHREAD_MUTEX_INITIALIZER, { NULL, NULL }, 0, false }

static inline void gate_pass(gate *g) {
  pthread_mutex_lock(&g->lock);
  g->came++;
  sld__cond_broadcast(&g->changed);
  while (!g->open) sld__cond_wait(&g->changed, &g->lock);
  pthread_mutex_unlock(&g->lock);
}

/* Until `count` have come. */
static inline void gate_await(gate *g, int count) {
  pthread_mutex_lock(&g->lock);
  while (g->came < count) sld__cond_wait(&g->changed, &g->lock);
  pthread_mutex_unlock(&g->lock);
}

static inline void gate_open(gate *g) {
  pthread_mutex_lock(&g->lock);
  g->open = true;
  sld__cond_broadcast(&g->changed);
  pthread_mutex_unlock(&g->lock);
}

#endif
