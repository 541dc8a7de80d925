/* oneTBB behind C functions, for bench/tasks.c. Each runs in an arena of `threads` threads, the caller one of them. */
#ifndef BENCH_TASKS_TBB_H
#define BENCH_TASKS_TBB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An arena; the library keeps its threads until the program ends. */
void *tbb_open(int threads);
void tbb_close(void *arena);

/* `count` tasks that do nothing, put into one task_group one by one, and waited for. */
void tbb_empty_tasks(void *arena, size_t count);

/* Fibonacci's n-th number; each call from 2 on spawns one half into a task_group of its own and computes the other. */
uint64_t tbb_fibonacci(void *arena, int n);

#ifdef __cplusplus
}
#endif

#endif
