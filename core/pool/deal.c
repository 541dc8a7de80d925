/* Longest processing time first, by home groups. */
#include "pool/deal.h"

#include "base/alloc.h"
#include "base/error.h"

/* A run of a lane sorted BY_HOME: what goes to one worker together. */
typedef struct group {
  sld__lane tasks;
  size_t order; /* in which it was made: ties stay in it */
} group;

static bool before(const group *a, const group *b) {
  return a->tasks.load != b->tasks.load ? a->tasks.load > b->tasks.load : a->order < b->order;
}

/* Sifts groups[at] down in a heap whose root is the group to be dealt last. */
static void sift(group *groups, size_t count, size_t at) {
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= count) return;
    if (child + 1 < count && before(&groups[child], &groups[child + 1])) child++;
    if (!before(&groups[at], &groups[child])) return;
    group swapped = groups[at];
    groups[at] = groups[child];
    groups[child] = swapped;
    at = child;
  }
}

/* Heapsort: in place and, the order being total, as good as stable. */
static void sort_groups(group *groups, size_t count) {
  for (size_t at = count / 2; at-- > 0;) sift(groups, count, at);
  for (size_t left = count; left > 1; left--) {
    group last = groups[left - 1];
    groups[left - 1] = groups[0];
    groups[0] = last;
    sift(groups, left - 1, 0);
  }
}

/* The table at which tasks are dealt. */
typedef struct table {
  sld__lane *dealt;
  int64_t *load; /* simulated */
  int workers;
  int turn; /* whom ties are given to first */
} table;

static int least_loaded(const table *t) {
  int best = t->turn;
  for (int i = 1; i < t->workers; i++) {
    int w = (t->turn + i) % t->workers;
    if (t->load[w] < t->load[best]) best = w;
  }
  return best;
}

static void give(table *t, sld__lane *tasks) {
  int w = least_loaded(t);
  t->load[w] = sld__cost_add(t->load[w], tasks->load);
  sld__lane_append(&t->dealt[w], tasks);
  t->turn = (w + 1) % t->workers;
}

/* Cuts tasks, sorted BY_HOME, into groups of at most `share` where more than one task is in them; returns their number. */
static size_t cut(group *groups, sld__lane *tasks, int64_t share) {
  size_t count = 0;
  while (tasks->first) {
    sld__node *node = sld__lane_pop_first(tasks);
    group *last = count > 0 ? &groups[count - 1] : NULL;
    bool together = last && node->home >= 0 && last->tasks.first->home == node->home && sld__cost_add(last->tasks.load, node->cost) <= share;
    if (!together) {
      last = &groups[count];
      *last = (group){ .order = count };
      count++;
    }
    sld__lane_push_last(&last->tasks, node);
  }
  return count;
}

static bool homeless(const sld__lane *tasks) {
  for (const sld__node *node = tasks->first; node; node = node->next)
    if (node->home >= 0) return false;
  return true;
}

sld_status sld__deal(sld__lane *dealt, int64_t *load, int workers, sld__lane *tasks, int turn, const sld_allocator *a, sld_error *err) {
  table t = { dealt, load, workers, turn };
  if (homeless(tasks)) {
    sld__lane_sort(tasks, SLD__LONGEST_FIRST);
    while (tasks->first) {
      sld__lane single = { 0 };
      sld__lane_push_last(&single, sld__lane_pop_first(tasks));
      give(&t, &single);
    }
    return SLD_OK; /* each lane is longest first because the whole was */
  }
  group *groups = sld__alloc(a, (size_t)tasks->count, sizeof *groups);
  if (!groups) return sld__fail_memory(err);
  int64_t share = tasks->load / workers + 1;
  sld__lane_sort(tasks, SLD__BY_HOME);
  size_t count = cut(groups, tasks, share);
  sort_groups(groups, count);
  for (size_t i = 0; i < count; i++) give(&t, &groups[i].tasks);
  sld__free(a, groups);
  for (int w = 0; w < workers; w++) sld__lane_sort(&dealt[w], SLD__LONGEST_FIRST);
  return SLD_OK;
}
