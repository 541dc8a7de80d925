/* core/pool/event.c, step by step as its code goes, under sequential consistency (relacy looks at the weaker orders). Every read and write
 * of a word that threads share is one step. Condition variables wake exactly whom they are signalled to.
 *
 * Macros that leave something out are mutations: the suite demands that spin objects to each.
 */
#define THREADS 5

byte waiters;     /* word's low bits */
byte epoch;       /* word's high bits */
byte grants;
bool locked;
bool asleep[THREADS]; /* in cond_wait, not signalled yet */

inline lock() { atomic { !locked -> locked = true } }
inline unlock() { locked = false }

inline signal() {
  atomic {
    if
    :: asleep[0] -> asleep[0] = false
    :: asleep[1] -> asleep[1] = false
    :: asleep[2] -> asleep[2] = false
    :: asleep[3] -> asleep[3] = false
    :: asleep[4] -> asleep[4] = false
    :: else
    fi
  }
}

inline broadcast() {
  d_step { asleep[0] = false; asleep[1] = false; asleep[2] = false; asleep[3] = false; asleep[4] = false }
}

inline prepare(key) { d_step { waiters++; key = epoch } }

/* Under the lock. */
inline woken(key, up) {
  d_step {
    if
    :: epoch != key -> up = true
    :: else ->
      if
      :: grants > 0 -> grants--; up = true
      :: else -> up = false
      fi
    fi
  }
}

inline event_cancel(key, meant) {
  lock();
  meant = false;
  if
  :: d_step { epoch == key && waiters > 0 -> waiters-- }
  :: else -> woken(key, meant)
  fi;
  unlock()
}

/* `timed` threads may give up at any moment; up is then false. */
inline event_commit(me, key, timed, up) {
  lock();
#ifndef MUTATION_SLEEP_BLINDLY
  woken(key, up);
#else
  up = false;
#endif
  do
  :: up -> break
  :: else ->
    atomic { asleep[me] = true; locked = false }
    if
    :: !asleep[me] -> lock(); woken(key, up)
    :: timed -> lock(); asleep[me] = false; woken(key, up); break
    fi
  od;
  if
  :: up
  :: else -> waiters--
  fi;
  unlock()
}

inline event_wake_one(claimed) {
  claimed = false;
  if
  :: waiters == 0
  :: else ->
    lock();
    if
    :: d_step { waiters > 0 -> waiters-- } grants++; signal(); claimed = true
    :: else
    fi;
    unlock()
  fi
}

inline event_wake_all() {
  if
  :: waiters == 0
  :: else ->
    lock();
    d_step { epoch++; waiters = 0 }
    grants = 0;
    broadcast();
    unlock()
  fi
}
