/* Waiting for a batch (core/pool/batch.c): two threads wait from outside, one of them may give up; two tasks finish. Whoever waits without limit
 * returns, and nobody touches the batch after a waiter has seen it finished, for it may be freed then. */
#include "event.pml"

byte pending = 2;
bool waiting; /* the flag beside the count, in the same word */
bool freed;

proctype finisher() {
  bool wake;
  assert(!freed);
  d_step {
    pending--;
    wake = (pending == 0 && waiting)
  }
#ifdef MUTATION_TOUCH_AFTER
  assert(!freed);
#endif
  if
  :: wake -> event_wake_all()
  :: else
  fi
}

proctype waiter(byte me; bool timed) {
  byte key;
  bool up;
  do
  :: pending == 0 -> break
  :: else ->
#ifndef MUTATION_NO_FLAG
    waiting = true;
#endif
    prepare(key);
    if
#ifndef MUTATION_NO_RECHECK
    :: pending == 0 -> event_cancel(key, up)
    :: else ->
#else
    :: true ->
#endif
      event_commit(me, key, timed, up);
      if
      :: up
      :: else -> break
      fi
    fi
  od
}

init {
  atomic { run finisher(); run finisher(); run waiter(0, false); run waiter(1, true) }
  pending == 0;
  freed = true; /* the earliest moment */
  _nr_pr == 1;
  assert(waiters == 0)
}
