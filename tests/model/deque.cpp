/* core/pool/deque.c under relacy: an owner that pushes, takes and lets the ring grow, against two thieves. Every item is handed out exactly
 * once, and whoever gets it sees what its owner wrote before the push. */
#include "pool/deque.c"

void zero(sld__slot *slots, size_t count) {
  for (size_t i = 0; i < count; i++) {
    sld__init(&slots[i].item, (void *)NULL);
    sld__init(&slots[i].tag, (const void *)NULL);
  }
}

enum { ITEMS = 5, FIRST_RING = 1 };

struct item {
  rl::var<int> payload; /* not atomic: relacy reports a reader that the push did not reach */
  int handed_out;       /* the model's own book-keeping */
};

struct deque_test : rl::test_suite<deque_test, 3> {
  sld__deque deque;
  item items[ITEMS];
  int pushed;

  void before() {
    for (int i = 0; i < ITEMS; i++) items[i].handed_out = 0;
    pushed = 0;
    RL_ASSERT(sld__deque_init(&deque, NULL, FIRST_RING));
  }

  const void *tag_of(item *it) { return (it - items) % 2 ? &items[1] : &items[0]; }

  void receive(void *got) {
    item *it = (item *)got;
    RL_ASSERT(it != NULL);
    it->handed_out++;
    RL_ASSERT(it->handed_out == 1);
    RL_ASSERT(VAR(it->payload) == 1000 + (int)(it - items));
  }

  void push_one() {
    item *it = &items[pushed++];
    VAR(it->payload) = 1000 + (int)(it - items);
    RL_ASSERT(sld__deque_push(&deque, it, tag_of(it)));
  }

  void own() {
    push_one();
    push_one();
    take(NULL);
    push_one();
    push_one(); /* the ring may have to grow here */
    take(&items[0]);
    push_one();
    for (int i = 0; i < ITEMS; i++) take(NULL);
  }

  void take(const void *tag) {
    void *got = sld__deque_take(&deque, tag);
    if (!got) return;
    RL_ASSERT(!tag || tag_of((item *)got) == tag);
    receive(got);
  }

  void thieve(const void *tag) {
    for (int i = 0; i < 3; i++) {
      void *got = NULL;
      if (sld__deque_steal(&deque, &got, tag) != SLD__STEAL_WON) continue;
      RL_ASSERT(!tag || tag_of((item *)got) == tag);
      receive(got);
    }
  }

  void thread(unsigned index) {
    if (index == 0) own();
    else thieve(index == 1 ? NULL : &items[1]);
  }

  void after() {
    RL_ASSERT(sld__deque_empty(&deque));
    for (int i = 0; i < ITEMS; i++) RL_ASSERT(items[i].handed_out == 1);
    sld__deque_fini(&deque);
  }
};

int main(int argc, char **argv) { return explore<deque_test>(argc, argv); }
