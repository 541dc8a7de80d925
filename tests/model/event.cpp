/* core/pool/event.c under relacy: no wake-up is lost, and nothing is left behind. Two waiters against a waker, in the two uses that event.h
 * allows. A lost wake-up shows as a deadlock. */
#include "pool/event.c"

struct event_test : rl::test_suite<event_test, 3> {
  sld__event event;

  void before() { RL_ASSERT(sld__event_init(&event)); }

  void after() {
    RL_ASSERT(sld__event_waiters(&event) == 0);
    RL_ASSERT(event.grants == 0);
    sld__event_fini(&event);
  }
};

/* Each waits for a flag of its own, one of them with a deadline that may pass at any moment, and whose flag may stay down. */
struct each_its_own : event_test {
  checked<int> flag[3];

  void before() {
    event_test::before();
    for (int i = 0; i < 3; i++) sld__init(&flag[i], 0);
  }

  bool raised(unsigned i) { return sld__load(&flag[i], memory_order_seq_cst) != 0; }

  void thread(unsigned index) {
    if (index == 0) {
      for (int i = 1 + (int)rl::rand(2); i < 3; i++) {
        sld__store(&flag[i], 1, memory_order_seq_cst);
        sld__event_wake_all(&event);
      }
      return;
    }
    int64_t deadline = index == 1 ? 1 : SLD__NEVER;
    for (bool in_time = true; in_time && !raised(index);) {
      uint64_t key = sld__event_prepare(&event);
      if (raised(index)) sld__event_cancel(&event, key);
      else in_time = sld__event_commit(&event, key, deadline);
      RL_ASSERT(in_time || deadline != SLD__NEVER);
    }
  }
};

/* Each wants one of two tokens, and whoever is woken although it found one by itself passes the wake-up on. */
struct one_of_many : event_test {
  checked<int> tokens;

  void before() {
    event_test::before();
    sld__init(&tokens, 0);
  }

  bool take() {
    int seen = sld__load(&tokens, memory_order_seq_cst);
    while (seen > 0)
      if (sld__swap_if(&tokens, &seen, seen - 1, memory_order_seq_cst, memory_order_seq_cst)) return true;
    return false;
  }

  void thread(unsigned index) {
    if (index == 0) {
      for (int i = 0; i < 2; i++) {
        sld__fetch_add(&tokens, 1, memory_order_seq_cst);
        sld__event_wake_one(&event);
      }
      return;
    }
    for (;;) {
      uint64_t key = sld__event_prepare(&event);
      if (take()) {
        if (sld__event_cancel(&event, key)) sld__event_wake_one(&event);
        return;
      }
      RL_ASSERT(sld__event_commit(&event, key, SLD__NEVER));
    }
  }

  void after() {
    RL_ASSERT(sld__load(&tokens, memory_order_relaxed) == 0);
    event_test::after();
  }
};

int main(int argc, char **argv) { return explore<each_its_own>(argc, argv) | explore<one_of_many>(argc, argv); }
