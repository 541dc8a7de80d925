/* Lists of queued tasks. */
#include "pool/lane.h"

int64_t sld__cost_add(int64_t a, int64_t b) {
  return a > INT64_MAX - b ? INT64_MAX : a + b;
}

void sld__lane_push_first(sld__lane *lane, sld__node *node) {
  node->prev = NULL;
  node->next = lane->first;
  if (lane->first) lane->first->prev = node;
  else lane->last = node;
  lane->first = node;
  lane->count++;
  lane->load = sld__cost_add(lane->load, node->cost);
}

void sld__lane_push_last(sld__lane *lane, sld__node *node) {
  node->next = NULL;
  node->prev = lane->last;
  if (lane->last) lane->last->next = node;
  else lane->first = node;
  lane->last = node;
  lane->count++;
  lane->load = sld__cost_add(lane->load, node->cost);
}

void sld__lane_remove(sld__lane *lane, sld__node *node) {
  if (node->prev) node->prev->next = node->next;
  else lane->first = node->next;
  if (node->next) node->next->prev = node->prev;
  else lane->last = node->prev;
  node->next = node->prev = NULL;
  lane->count--;
  /* A sum that had saturated is not exact on the way down; an empty lane is 0 again. */
  lane->load = lane->count == 0 || lane->load < node->cost ? 0 : lane->load - node->cost;
}

sld__node *sld__lane_pop_first(sld__lane *lane) {
  sld__node *node = lane->first;
  if (node) sld__lane_remove(lane, node);
  return node;
}

void sld__lane_append(sld__lane *lane, sld__lane *from) {
  if (!from->first) return;
  from->first->prev = lane->last;
  if (lane->last) lane->last->next = from->first;
  else lane->first = from->first;
  lane->last = from->last;
  lane->count += from->count;
  lane->load = sld__cost_add(lane->load, from->load);
  *from = (sld__lane){ 0 };
}

/* Whether b must stand before a, where a stood before b. */
static bool out_of_order(const sld__node *a, const sld__node *b, sld__lane_order order) {
  if (order == SLD__SHORTEST_FIRST) return b->cost < a->cost;
  unsigned home_a = (unsigned)a->home; /* -1 becomes the largest */
  unsigned home_b = (unsigned)b->home;
  if (order == SLD__BY_HOME) return home_a != home_b ? home_b < home_a : b->cost > a->cost;
  return a->cost != b->cost ? b->cost > a->cost : home_b < home_a;
}

static bool sorted(const sld__lane *lane, sld__lane_order order) {
  for (const sld__node *node = lane->first; node && node->next; node = node->next)
    if (out_of_order(node, node->next, order)) return false;
  return true;
}

/* Merges chains a and b, ended by NULL and linked by `next` alone; equals of a come first. */
static sld__node *merge(sld__node *a, sld__node *b, sld__lane_order order) {
  sld__node *merged = NULL;
  sld__node **tail = &merged;
  while (a && b) {
    sld__node **from = out_of_order(a, b, order) ? &b : &a;
    *tail = *from;
    tail = &(*from)->next;
    *from = *tail;
  }
  *tail = a ? a : b;
  return merged;
}

void sld__lane_sort(sld__lane *lane, sld__lane_order order) {
  if (sorted(lane, order)) return;
  /* pile[i] holds a sorted chain of 2^i nodes or nothing, as the digits of a binary counter do; higher piles stood earlier. */
  sld__node *pile[64] = { NULL };
  for (sld__node *node = lane->first, *next; node; node = next) {
    next = node->next;
    node->next = NULL;
    size_t i = 0;
    for (; pile[i]; i++) {
      node = merge(pile[i], node, order);
      pile[i] = NULL;
    }
    pile[i] = node;
  }
  sld__node *chain = NULL;
  for (size_t i = 0; i < 64; i++)
    if (pile[i]) chain = chain ? merge(pile[i], chain, order) : pile[i];
  sld__node *prev = NULL;
  lane->first = chain;
  for (sld__node *node = chain; node; node = node->next) {
    node->prev = prev;
    prev = node;
  }
  lane->last = prev;
}
