/* core/pool/idle.c: no work is left to sleepers, and the pool stops. An owner is in the middle of a long task and spawns others; HUNTERS
 * workers hunt. Each task ends only when all run at once, so work left lying shows as an invalid end state. */
#include "event.pml"

#define HUNTERS 3
#define TASKS 2
#define LIMIT 2 /* of searchers */

byte queue;    /* published tasks */
byte searchers;
bool stopping;
bool nested;   /* each task spawns the next; otherwise the owner spawns all */
byte started, finished;

inline notify(claimed) {
  do
  :: searchers != 0 -> break
  :: else ->
    if
    :: waiters == 0 -> break
    :: else
    fi;
    if
    :: d_step { searchers == 0 -> searchers = 1 }
    :: else -> break
    fi;
    event_wake_one(claimed);
    if
    :: claimed -> break
    :: else -> searchers--
    fi
#ifdef MUTATION_NOTIFY_ONCE
    ; break
#endif
  od
}

inline look(found) {
  if
  :: d_step { queue > 0 -> queue-- } found = true
  :: else -> found = false
  fi
}

inline notify_if_queued(claimed) {
  if
  :: queue > 0 -> notify(claimed)
  :: else
  fi
}

/* One searcher less; `last`: it was the last. */
inline leave(last) { d_step { last = (searchers == 1); searchers-- } }

inline hunt(me, found) {
  if
  :: d_step { searchers < LIMIT -> searchers++ } searching = true
  :: else -> searching = false
  fi;
  do
  :: true ->
    found = false;
    if
    :: searching -> look(found)
    :: else
    fi;
    if
    :: found ->
      leave(flag);
      if
      :: flag -> notify_if_queued(flag)
      :: else
      fi;
      break
    :: else
    fi;
    prepare(key);
    if
    :: searching -> leave(flag)
    :: else
    fi;
#ifndef MUTATION_NO_RECHECK
    look(found);
#endif
    if
    :: found || stopping ->
      event_cancel(key, flag);
#ifndef MUTATION_FORGET_ROLE
      if
      :: flag -> leave(flag)
      :: else
      fi;
#endif
      notify_if_queued(flag);
      break
    :: else
    fi;
    event_commit(me, key, false, flag);
    searching = true
  od
}

proctype hunter(byte me) {
  bool searching, found, flag;
  byte key;
  do
  :: true ->
    hunt(me, found);
    if
    :: !found -> break
    :: else
    fi;
    started++;
    if
    :: nested && started < TASKS -> queue++; notify(flag)
    :: else
    fi;
    started == TASKS;
    finished++
  od
}

init {
  bool flag;
  if
  :: nested = true
  :: nested = false
  fi;
  atomic { run hunter(0); run hunter(1); run hunter(2) }
  queue++;
  notify(flag);
  if
  :: nested
  :: else -> queue++; notify(flag)
  fi;
  finished == TASKS;
  stopping = true;
#ifndef MUTATION_NO_RELEASE
  do
  :: true ->
    event_wake_one(flag);
    if
    :: flag
    :: else -> break
    fi
  od;
#endif
  _nr_pr == 1;
  assert(queue == 0 && waiters == 0)
}
