#include "vm/lua/memory.h"

#include <string.h>

#if defined(LUAJIT_ENGINE)
enum { RESERVE = 96 * 1024 };
#else
enum { RESERVE = 0 };
#endif

static bool in_reserve(const sld__memory *m, const void *ptr) {
  uintptr_t at = (uintptr_t)ptr, start = (uintptr_t)m->reserve;
  return start && at >= start && at < start + RESERVE;
}

static void *host(const sld__memory *m, void *ptr, size_t size) {
  return m->alloc->resize(m->alloc->ud, ptr, size);
}

static size_t class_of(size_t size) {
  return (size + 15) / 16;
}

static void *take(sld__memory *m, size_t size) {
  size_t class = class_of(size);
  if (class > SLD__SPARE_CLASSES) return host(m, NULL, size);
  void *block = m->spare[class];
  if (!block) return host(m, NULL, class * 16);
  memcpy(&m->spare[class], block, sizeof block);
  return block;
}

static void give(sld__memory *m, void *block, size_t size) {
  size_t class = class_of(size);
  if (class > SLD__SPARE_CLASSES || class == 0) {
    host(m, block, 0);
    return;
  }
  memcpy(block, &m->spare[class], sizeof block);
  m->spare[class] = block;
}

static void *resize(sld__memory *m, void *ptr, size_t old, size_t size) {
  size_t before = class_of(old), after = class_of(size);
  if (before > SLD__SPARE_CLASSES && after > SLD__SPARE_CLASSES) return host(m, ptr, size);
  if (before == after) return ptr;
  void *moved = take(m, size);
  if (!moved) return size < old ? ptr : NULL; /* shrinking may not fail, and a block too large does no harm */
  memcpy(moved, ptr, old < size ? old : size);
  give(m, ptr, old);
  return moved;
}

static void *new_block(sld__memory *m, size_t size) {
  size_t room = m->opening ? RESERVE - m->reserve_used : 0, need = (size + 15) & ~(size_t)15;
  if (need > room) return take(m, size);
  m->reserve_used += need;
  return m->reserve + m->reserve_used - need;
}

/* Blocks of the reserve are never given back one by one, and move when they grow. */
static void *grown(sld__memory *m, void *ptr, size_t old, size_t size) {
  if (!ptr) return new_block(m, size);
  if (!in_reserve(m, ptr)) return resize(m, ptr, old, size);
  if (size <= old) return ptr;
  void *moved = new_block(m, size);
  if (moved) memcpy(moved, ptr, old);
  return moved;
}

static void freed(sld__memory *m, void *ptr, size_t old) {
  if (ptr && !in_reserve(m, ptr)) give(m, ptr, old);
}

/* lua_Alloc. Without a block `old` is a type, not a size. */
static void *allocate(void *ud, void *ptr, size_t old, size_t size) {
  sld__memory *m = ud;
  if (!ptr) old = 0;
  if (size == 0) {
    freed(m, ptr, old);
    m->used -= old;
    return NULL;
  }
  if (size > old && m->limit && m->used + (size - old) > m->limit) {
    m->refused = true;
    return NULL;
  }
  void *block = grown(m, ptr, old, size);
  if (block) m->used = m->used - old + size;
  return block;
}

lua_State *sld__memory_state(sld__memory *memory) {
  memory->opening = true;
  if (RESERVE) memory->reserve = host(memory, NULL, RESERVE);
  return !RESERVE || memory->reserve ? lua_newstate(allocate, memory) : NULL;
}

void sld__memory_opened(sld__memory *memory) {
  memory->opening = false;
}

void sld__memory_close(sld__memory *memory, lua_State *L) {
  memory->limit = 0;
  if (L) lua_close(L);
  for (size_t class = 0; class <= SLD__SPARE_CLASSES; class++)
    for (void *block = memory->spare[class], *next; block; block = next) {
      memcpy(&next, block, sizeof next);
      host(memory, block, 0);
    }
  host(memory, memory->reserve, 0);
}
