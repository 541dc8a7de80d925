/* The host's log for sliders/init.lua: the sink puts records in a queue, and host:log() takes them out. Lua is never called from inside the library. */
#include <stdlib.h>
#include <string.h>

#include "handle.h"

typedef struct line {
  struct line *next;
  sld_log_level level;
  size_t ordinal, size;
  char pair[16];
  char text[]; /* [size] */
} line;

struct log_queue {
  line *first, **last;
};

log_queue *log_queue_new(void) {
  log_queue *queue = calloc(1, sizeof *queue);
  if (queue) queue->last = &queue->first;
  return queue;
}

static line *take(log_queue *queue) {
  line *taken = queue->first;
  if (!taken) return NULL;
  queue->first = taken->next;
  if (!queue->first) queue->last = &queue->first;
  return taken;
}

void log_queue_free(log_queue *queue) {
  if (!queue) return;
  for (line *at; (at = take(queue));) free(at);
  free(queue);
}

void log_queue_add(void *ud, const sld_log_record *record) {
  log_queue *queue = ud;
  line *made = malloc(sizeof *made + record->size);
  if (!made) return; /* without memory there is nobody to tell that there is none */
  *made = (line){.level = record->level, .ordinal = record->ordinal, .size = record->size};
  strncpy(made->pair, record->pair, sizeof made->pair - 1);
  memcpy(made->text, record->message, record->size);
  *queue->last = made;
  queue->last = &made->next;
}

/* host:log() -> the next record {level =, pair =, ordinal =, message =}, or nothing */
int host_log(lua_State *L) {
  handle *host = handle_check(L, 1, HOST_TYPE);
  log_queue *queue = host->log;
  const line *next = queue ? queue->first : NULL;
  if (!next) return 0;
  lua_createtable(L, 0, 4);
  field_string(L, "level", sld_log_level_name(next->level));
  if (next->pair[0]) {
    field_string(L, "pair", next->pair);
    field_integer(L, "ordinal", (int64_t)next->ordinal);
  }
  lua_pushlstring(L, next->text, next->size);
  lua_setfield(L, -2, "message");
  free(take(queue)); /* once Lua has it whole */
  return 1;
}
