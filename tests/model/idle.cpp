/* core/pool/{idle,event,deque}.c together under relacy: work that was published is done by somebody, although everybody may be going to
 * sleep, and the pool stops. Three workers; the first is in the middle of a long task that spawns others and ends only when
 * they have run. Work left to sleepers shows as a deadlock. */
#include "pool/deque.c"
#include "pool/event.c"
#include "pool/idle.c"

void zero(sld__slot *slots, size_t count) {
  for (size_t i = 0; i < count; i++) {
    sld__init(&slots[i].item, (void *)NULL);
    sld__init(&slots[i].tag, (const void *)NULL);
  }
}

enum { WORKERS = 3, TASKS = 2 };

struct idle_test;
struct seat {
  idle_test *test;
  unsigned index;
};

struct idle_test : rl::test_suite<idle_test, WORKERS> {
  sld__idle idle;
  sld__deque deques[WORKERS];
  seat seats[WORKERS];
  checked<int> stop;
  rl::mutex lock; /* of what follows */
  rl::condition_variable changed;
  int running, finished;
  bool nested; /* whether the first task spawns the second */

  void before() {
    RL_ASSERT(sld__idle_init(&idle, WORKERS));
    for (unsigned w = 0; w < WORKERS; w++) {
      RL_ASSERT(sld__deque_init(&deques[w], NULL, 2));
      seats[w].test = this;
      seats[w].index = w;
    }
    sld__init(&stop, 0);
    running = finished = 0;
    nested = rl::rand(2) != 0;
  }

  void after() {
    RL_ASSERT(finished == TASKS);
    RL_ASSERT(sld__event_waiters(&idle.event) == 0);
    for (unsigned w = 0; w < WORKERS; w++) {
      RL_ASSERT(sld__deque_empty(&deques[w]));
      sld__deque_fini(&deques[w]);
    }
    sld__idle_fini(&idle);
  }

  void spawn(unsigned w) {
    RL_ASSERT(sld__deque_push(&deques[w], this, NULL));
    sld__idle_notify(&idle);
  }

  /* Both tasks have to run at once, each on a worker of its own. */
  void run(unsigned w) {
    lock.lock(RL_INFO);
    int started = ++running;
    changed.notify_all(RL_INFO);
    lock.unlock(RL_INFO);
    if (nested && started == 1) spawn(w);
    lock.lock(RL_INFO);
    while (running < TASKS) changed.wait(lock, RL_INFO);
    finished++;
    changed.notify_all(RL_INFO);
    lock.unlock(RL_INFO);
  }

  static void *look(void *ud) {
    seat *s = (seat *)ud;
    void *task = sld__deque_take(&s->test->deques[s->index], NULL);
    for (unsigned w = 0; w < WORKERS && !task; w++)
      if (w != s->index)
        while (sld__deque_steal(&s->test->deques[w], &task, NULL) == SLD__STEAL_LOST) {
        }
    return task;
  }

  static bool queued(void *ud) {
    seat *s = (seat *)ud;
    for (unsigned w = 0; w < WORKERS; w++)
      if (!sld__deque_empty(&s->test->deques[w])) return true;
    return false;
  }

  static bool stopping(void *ud) { return sld__load(&((seat *)ud)->test->stop, memory_order_seq_cst) != 0; }

  void work(unsigned w) {
    const sld__hunter hunter = { &seats[w], look, look, queued, stopping };
    while (sld__idle_hunt(&idle, &hunter)) run(w);
  }

  void thread(unsigned index) {
    if (index > 0) {
      work(index);
      return;
    }
    spawn(0);
    if (!nested) spawn(0);
    lock.lock(RL_INFO);
    while (finished < TASKS) changed.wait(lock, RL_INFO);
    lock.unlock(RL_INFO);
    sld__store(&stop, 1, memory_order_seq_cst);
    sld__idle_release(&idle);
  }
};

int main(int argc, char **argv) { return explore<idle_test>(argc, argv); }
