#include "tasks_tbb.h"

#include <tbb/task_arena.h>
#include <tbb/task_group.h>

void *tbb_open(int threads) {
  auto *arena = new tbb::task_arena(threads);
  arena->initialize();
  return arena;
}

void tbb_close(void *arena) {
  delete static_cast<tbb::task_arena *>(arena);
}

void tbb_empty_tasks(void *arena, size_t count) {
  static_cast<tbb::task_arena *>(arena)->execute([count] {
    tbb::task_group group;
    for (size_t i = 0; i < count; i++) group.run([] {});
    group.wait();
  });
}

static uint64_t fibonacci(int n) {
  if (n < 2) return static_cast<uint64_t>(n);
  uint64_t left, right;
  tbb::task_group group;
  group.run([n, &right] { right = fibonacci(n - 2); });
  left = fibonacci(n - 1);
  group.wait();
  return left + right;
}

uint64_t tbb_fibonacci(void *arena, int n) {
  uint64_t value = 0;
  static_cast<tbb::task_arena *>(arena)->execute([n, &value] { value = fibonacci(n); });
  return value;
}
