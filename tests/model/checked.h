/* The words of core/pool/atomic.h for relacy, a checker of C11 memory orders: core/pool/{deque,event,idle}.c are compiled as C++ with
 * this header in place of <stdatomic.h> and <pthread.h>, and every interleaving and every stale value that relacy thinks of must pass.
 *
 * relacy explores at random, from seeds 0, 1, 2, ...: the same build finds the same things.
 */
#ifndef TESTS_MODEL_CHECKED_H
#define TESTS_MODEL_CHECKED_H

/* relacy.hpp brings the C++ library's headers, which must not see its words. */
#include <relacy/relacy.hpp>
#include <sliders.h>

/* relacy's history cannot print pointers to const, so these are kept without. */
template <typename T> struct plain { typedef T type; };
template <typename T> struct plain<const T *> { typedef T *type; };

template <typename T> struct checked {
  typedef typename plain<T>::type kept;
  rl::atomic<kept> cell;
  static kept in(T value) { return const_cast<kept>(value); }
};
template <> inline int checked<int>::in(int value) { return value; }
template <> inline int64_t checked<int64_t>::in(int64_t value) { return value; }
template <> inline uint64_t checked<uint64_t>::in(uint64_t value) { return value; }

template <typename T> void checked_store(checked<T> *to, T value, rl::memory_order order, rl::debug_info_param at) {
  to->cell.store(checked<T>::in(value), order, at);
}
template <typename T> T checked_load(checked<T> *from, rl::memory_order order, rl::debug_info_param at) {
  return from->cell.load(order, at);
}
template <typename T> bool checked_swap_if(checked<T> *in, T *expected, T value, rl::memory_order order, rl::memory_order failed, rl::debug_info_param at) {
  typename checked<T>::kept seen = checked<T>::in(*expected);
  bool swapped = in->cell.compare_exchange_strong(seen, checked<T>::in(value), order, at, failed, at);
  *expected = seen;
  return swapped;
}

#define SLD__ATOMIC(type) checked<type>
#define memory_order_relaxed rl::mo_relaxed
#define memory_order_acquire rl::mo_acquire
#define memory_order_release rl::mo_release
#define memory_order_acq_rel rl::mo_acq_rel
#define memory_order_seq_cst rl::mo_seq_cst
#define sld__init(object, value) checked_store(object, {value}, rl::mo_relaxed, RL_INFO)
#define sld__load(object, order) checked_load(object, order, RL_INFO)
#define sld__store(object, value, order) checked_store(object, {value}, order, RL_INFO)
#define sld__fetch_add(object, value, order) (object)->cell.fetch_add(value, order, RL_INFO)
#define sld__fetch_sub(object, value, order) (object)->cell.fetch_sub(value, order, RL_INFO)
#define sld__swap_if(object, expected, value, order, failed) checked_swap_if(object, expected, {value}, order, failed, RL_INFO)

/* Zeroed, as the real ones are; relacy reports leaks and accesses after the free. */
template <typename T> void zero(T *, size_t) {}
struct sld__slot;
void zero(sld__slot *slots, size_t count);
template <typename T> T *checked_new(size_t count) {
  T *made = rl::new_arr_impl<T>(count, RL_INFO);
  zero(made, count);
  return made;
}
#define sld__shared_new(a, type, count) ((void)(a), checked_new<type>((size_t)(count)))
#define sld__shared_free(a, ptr) ((void)(a), rl::delete_arr_impl(ptr, RL_INFO))

typedef rl::mutex sld__mutex;
#define sld__mutex_init(mutex) ((void)(mutex), true)
#define sld__mutex_fini(mutex) ((void)(mutex))
#define sld__mutex_lock(mutex) (mutex)->lock(RL_INFO)
#define sld__mutex_unlock(mutex) (mutex)->unlock(RL_INFO)

/* Wakes for no reason, too. With a deadline it may give up at any moment. */
typedef rl::condition_variable sld__cond;
#define sld__cond_init(cond) ((void)(cond))
#define sld__cond_wait(cond, mutex) (cond)->wait(*(mutex), RL_INFO)
#define sld__cond_wait_until(cond, mutex, deadline_ns) (cond)->wait_for(*(mutex), deadline_ns, RL_INFO)
#define sld__cond_signal(cond) (cond)->notify_one(RL_INFO)
#define sld__cond_broadcast(cond) (cond)->notify_all(RL_INFO)

/* Runs `iterations` executions of a test, the number given as the program's first argument. Returns the exit status. */
template <typename test> int explore(int argc, char **argv) {
  rl::test_params params;
  std::ostringstream quiet;
  params.iteration_count = argc > 1 ? (rl::iteration_t)atoll(argv[1]) : 10000;
  params.execution_depth_limit = 4000;
  params.progress_stream = &quiet;
  return rl::simulate<test>(params) ? 0 : 1;
}

#endif
