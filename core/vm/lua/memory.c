#include "vm/lua/memory.h"

#include <string.h>

/* Of the reserve the first part is for opening, and the margin for what is asked for between a refusal and the end of the call. */
#if defined(LUAJIT_ENGINE)
enum { OPENING = 152 * 1024, MARGIN = 64 * 1024, LENDS = 1 };
#else
enum { OPENING = 0, MARGIN = 0, LENDS = 0 };
#endif
enum { RESERVE = OPENING + MARGIN };

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

/* A block of the reserve's first `end` bytes, NULL where they do not have it. */
static void *reserved(sld__memory *m, size_t end, size_t size) {
  size_t need = (size + 15) & ~(size_t)15;
  if (!m->reserve || m->reserve_used >= end || need > end - m->reserve_used) return NULL;
  m->reserve_used += need;
  return m->reserve + m->reserve_used - need;
}

static void *new_block(sld__memory *m, size_t size) {
  void *block = m->opening ? reserved(m, OPENING, size) : NULL;
  return block ? block : take(m, size);
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

/* ---- Bounds ---- */

static bool over_limit(const sld__memory *m, size_t more, size_t times) {
  return m->limit && m->used + more > m->limit && (times == 1 || m->used + more - m->limit > m->limit * (times - 1));
}

/* A state that is nearly full would be collected for ever. */
bool sld__memory_is_spent(sld__memory *m, lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT, 0);
  return m->limit && m->used > m->limit - m->limit / 8;
}

bool sld__memory_sound(sld__memory *m) {
  if (!m->lent) return true;
  bool spent = sld__memory_is_spent(m, m->L);
  if (spent || m->margin_used) return false; /* blocks of the reserve don't come back */
  m->lent = m->refused = false;
  lua_sethook(m->L, m->hook, m->hook_mask, m->hook_count);
  return true;
}

/* Ends what runs, and what catches it, instruction by instruction. */
static void end_call(lua_State *L, lua_Debug *at) {
  void *ud;
  lua_getallocf(L, &ud);
  sld__memory *m = ud;
  if (sld__memory_sound(m)) {
    if (m->hook) m->hook(L, at); /* its count began anew */
    return;
  }
  lua_pushliteral(L, "not enough memory");
  lua_error(L);
}

static void lend(sld__memory *m) {
  if (m->lent || !m->L) return;
  m->lent = true;
  m->hook = lua_gethook(m->L);
  m->hook_mask = lua_gethookmask(m->L);
  m->hook_count = lua_gethookcount(m->L);
  lua_sethook(m->L, end_call, LUA_MASKCOUNT, 1);
}

/* A block that the host refused, of the margin. */
static void *of_margin(sld__memory *m, void *ptr, size_t old, size_t size) {
  if (!LENDS || m->opening) return NULL;
  void *block = reserved(m, RESERVE, size);
  if (!block) return NULL;
  lend(m);
  m->margin_used = true;
  if (ptr) memcpy(block, ptr, old < size ? old : size);
  freed(m, ptr, old);
  return block;
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
  if (size > old && over_limit(m, size - old, 1)) {
    m->refused = true;
    if (LENDS) lend(m);
    if (!LENDS || over_limit(m, size - old, SLD__LENT)) return NULL;
  }
  void *block = grown(m, ptr, old, size);
  if (!block) block = of_margin(m, ptr, old, size);
  if (block) m->used = m->used - old + size;
  return block;
}

lua_State *sld__memory_state(sld__memory *memory) {
  memory->opening = true;
  if (RESERVE) memory->reserve = host(memory, NULL, RESERVE);
  memory->L = !RESERVE || memory->reserve ? lua_newstate(allocate, memory) : NULL;
  return memory->L;
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
