/* A gate holds threads until the test opens it, without anybody sleeping for a time. */
#ifndef TESTS_GATE_H
#define TESTS_GATE_H

#include <pthread.h>
#include <stdbool.h>

typedef struct gate {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int came; /* under lock, as is `open` */
  bool open;
} gate;

#define GATE_INIT { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false }

static inline void gate_pass(gate *g) {
  pthread_mutex_lock(&g->lock);
  g->came++;
  pthread_cond_broadcast(&g->changed);
  while (!g->open) pthread_cond_wait(&g->changed, &g->lock);
  pthread_mutex_unlock(&g->lock);
}

/* Until `count` have come. */
static inline void gate_await(gate *g, int count) {
  pthread_mutex_lock(&g->lock);
  while (g->came < count) pthread_cond_wait(&g->changed, &g->lock);
  pthread_mutex_unlock(&g->lock);
}

static inline void gate_open(gate *g) {
  pthread_mutex_lock(&g->lock);
  g->open = true;
  pthread_cond_broadcast(&g->changed);
  pthread_mutex_unlock(&g->lock);
}

#endif
