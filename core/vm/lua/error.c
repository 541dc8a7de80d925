/* Protected calls: a script's error becomes an sld_error with file, line and a traceback of the script's own lines, in the same words
 * in every engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "vm/lua/state.h"

/* ---- Places. Chunks of scripts are named "@path"; preludes "=sliders". ---- */

int sld__vm_load(lua_State *L, const char *path, const char *text, size_t size) {
  if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, size -= 3;
  if (size > 0 && text[0] == '#') {
    const char *end = memchr(text, '\n', size);
    size = end ? size - (size_t)(end - text) : 0; /* the line's end stays, so that lines keep their numbers */
    text = end ? end : "";
  }
  if (size > 0 && text[0] == LUA_SIGNATURE[0]) {
    lua_pushfstring(L, "%s: the file holds compiled code; a strategy is given as text", path);
    return LUA_ERRSYNTAX;
  }
  const char *name = lua_pushfstring(L, "@%s", path);
  int code = luaL_loadbufferx(L, text, size, name, "t");
  lua_remove(L, -2);
  return code;
}

/* Whether a function is one of the script's: `at` has source and current line. */
static bool in_script(const lua_Debug *at) {
  return at->source[0] == '@' && at->currentline > 0;
}

static void add_line(sld_error *err, const lua_Debug *at) {
  size_t used = strlen(err->detail), room = sizeof err->detail - used;
  if (room < 200) return;
  int n = snprintf(err->detail + used, room, "%s\t%s:%d: in ", used ? "\n" : "stack traceback:\n", at->short_src, at->currentline);
  if (n < 0 || (size_t)n >= room) return;
  if (strcmp(at->what, "main") == 0) snprintf(err->detail + used + n, room - (size_t)n, "the file itself");
  else snprintf(err->detail + used + n, room - (size_t)n, "the function of line %d", at->linedefined);
}

void sld__vm_locate(lua_State *L, sld_error *err) {
  enum { LINES = 20, LEVELS = 1000 }; /* reaching level n takes n steps: an overflown stack has hundreds of thousands */
  lua_Debug at;
  int lines = 0;
  err->detail[0] = '\0';
  for (int level = 0; lines < LINES && level < LEVELS && lua_getstack(L, level, &at); level++) {
    lua_getinfo(L, "Sl", &at);
    if (!in_script(&at)) continue;
    if (lines++ == 0) {
      snprintf(err->file, sizeof err->file, "%s", at.source + 1);
      err->line = at.currentline;
    }
    add_line(err, &at);
  }
}

/* ---- Words ---- */

/* Where Lua 5.4 says "attempt to call a nil value (global 'f')", LuaJIT says "attempt to call global 'f' (a nil value)". */
static bool reword(char *out, size_t size, const char *text) {
  static const char start[] = "attempt to ";
  size_t length = strlen(text);
  const char *quote = strstr(text, " '"), *value = quote ? strstr(quote, "' (a ") : NULL, *kind = quote;
  while (kind && kind > text && kind[-1] != ' ') kind--;
  if (strncmp(text, start, sizeof start - 1) != 0 || !value || kind <= text + sizeof start - 1 || text[length - 1] != ')') return false;
  int before = (int)(kind - text), name = (int)(value + 1 - kind), type = (int)(text + length - 1 - (value + 3));
  snprintf(out, size, "%.*s%.*s (%.*s)", before, text, type, value + 3, name, kind);
  return true;
}

/* Writes a message in the words of Lua 5.4. */
static void write_message(char *out, size_t size, const char *text) {
  static const char end[] = "near '<eof>'";
  size_t length = strlen(text), tail = sizeof end - 1;
  if (reword(out, size, text)) return;
  if (length >= tail && strcmp(text + length - tail, end) == 0) snprintf(out, size, "%.*snear <eof>", (int)(length - tail), text);
  else snprintf(out, size, "%s", text);
}

/* Passes over "place:12: " where `text` begins with it. */
static const char *skip_place(const char *text, const char *place, size_t place_length, int64_t *line) {
  if (strncmp(text, place, place_length) != 0 || text[place_length] != ':') return NULL;
  char *end;
  long number = strtol(text + place_length + 1, &end, 10);
  if (number <= 0 || end[0] != ':' || end[1] != ' ') return NULL;
  *line = number;
  return end + 2;
}

/* How Lua writes the name of chunk "@path" into messages (lua_Debug.short_src): whole, or its tail. */
static const char *skip_file(const char *text, const char *path, int64_t *line) {
  size_t length = strlen(path);
  if (length < LUA_IDSIZE) return skip_place(text, path, length, line);
  const char *colon = strncmp(text, "...", 3) == 0 ? strchr(text + 3, ':') : NULL;
  size_t tail = colon ? (size_t)(colon - text) - 3 : 0;
  if (tail < LUA_IDSIZE / 2 || tail > length || memcmp(path + length - tail, text + 3, tail) != 0) return NULL;
  return skip_place(text, text, (size_t)(colon - text), line);
}

/* Takes the position off a message. What is not at its head is the script's own text, whatever it looks like. */
static const char *take_position(const sld__vm *vm, const char *text, sld_error *err) {
  int64_t line = 0;
  const char *rest = skip_place(text, "sliders", 7, &line);
  if (rest) return rest; /* raised inside a prelude: the handler knows the script's line */
  const sld__script *script = vm->script;
  const char *file = script->path;
  rest = skip_file(text, file, &line);
  for (size_t i = 0; !rest && i < script->module_count; i++) rest = skip_file(text, file = script->modules[i].path, &line);
  if (!rest) return text;
  snprintf(err->file, sizeof err->file, "%s", file);
  err->line = line;
  return rest;
}

/* ---- The handler ---- */

static int call_tostring(lua_State *L) {
  return luaL_callmeta(L, 1, "__tostring");
}

/* Pushes the text of what was raised, whatever it is. */
static void push_text(lua_State *L) {
  int type = lua_type(L, 1);
  if (type == LUA_TSTRING) {
    lua_pushvalue(L, 1);
  } else if (type == LUA_TNUMBER) {
    char digits[40];
    snprintf(digits, sizeof digits, "%.14g", lua_tonumber(L, 1));
    lua_pushstring(L, digits);
  } else {
    lua_pushcfunction(L, call_tostring);
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) == 0 && lua_type(L, -1) == LUA_TSTRING) return;
    if (type == LUA_TNIL || type == LUA_TBOOLEAN) lua_pushfstring(L, "an error without words (%s)", type == LUA_TNIL ? "nil" : lua_toboolean(L, 1) ? "true" : "false");
    else lua_pushfstring(L, "an error without words (a %s)", luaL_typename(L, 1));
  }
}

static int handler(lua_State *L) {
  sld_error at;
  memset(&at, 0, sizeof at);
  lua_settop(L, 1);
  sld__vm_locate(L, &at);
  lua_createtable(L, 4, 0);
  push_text(L);
  lua_rawseti(L, 2, 1);
  lua_settop(L, 2);
  lua_pushstring(L, at.file);
  lua_rawseti(L, 2, 2);
  lua_pushinteger(L, (lua_Integer)at.line);
  lua_rawseti(L, 2, 3);
  lua_pushstring(L, at.detail);
  lua_rawseti(L, 2, 4);
  return 1;
}

void sld__vm_push_handler(lua_State *L) {
  lua_pushcfunction(L, handler);
}

/* ---- Failures ---- */

/* String `at` of the handler's table on top of the stack, left on the stack; "" where it is none. Never converts, so it can't raise. */
static const char *part(lua_State *L, int at) {
  lua_rawgeti(L, -at, at);
  return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
}

static void fill_memory(sld__vm *vm, sld_error *err) {
  memset(err, 0, sizeof *err);
  bool limited = vm->memory.refused;
  vm->starved |= limited;
  err->status = limited ? SLD_ELIMIT : SLD_ENOMEM;
  if (limited) snprintf(err->message, sizeof err->message, "the script needs more than %zu bytes of memory (limits.memory)", vm->memory.limit);
  else snprintf(err->message, sizeof err->message, "the script ran out of memory");
}

static void fill(sld__vm *vm, int code, sld_error *err) {
  lua_State *L = vm->L;
  const char *text = "an error while handling an error";
  memset(err, 0, sizeof *err);
  err->status = SLD_ESCRIPT;
  if (lua_type(L, -1) == LUA_TTABLE && code == LUA_ERRRUN) {
    text = part(L, 1);
    snprintf(err->file, sizeof err->file, "%s", part(L, 2));
    lua_rawgeti(L, -3, 3);
    err->line = (int64_t)lua_tointeger(L, -1);
    snprintf(err->detail, sizeof err->detail, "%s", part(L, 4));
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    text = lua_tostring(L, -1);
  }
  /* Lua's own words for it, passed on by a loader, a coroutine or a pcall of the script's. Where the handler found no memory either, there are none. */
  if (code == LUA_ERRMEM || (code == LUA_ERRERR && vm->memory.refused) || strcmp(text, "not enough memory") == 0) {
    fill_memory(vm, err);
    return;
  }
  write_message(err->message, sizeof err->message, take_position(vm, text, err));
  if (!err->file[0]) snprintf(err->file, sizeof err->file, "%s", vm->script->path);
  sld__error_plain(err);
  if (!err->message[0]) snprintf(err->message, sizeof err->message, "an error without words (an empty string)");
}

sld_status sld__vm_fail(sld__vm *vm, int code, sld_error *err) {
  sld_error scratch;
  int top = lua_gettop(vm->L) - 1;
  if (!err) err = &scratch;
  fill(vm, code, err);
  vm->memory.refused = false;
  lua_settop(vm->L, top);
  return err->status;
}

/* Of several instances the one that failed is known by its pair. */
static void name_pair(const sld__vm *vm, sld_error *err) {
  const sld__vm_job *job = vm->job;
  if (!err || !job || job->crew_count < 2 || vm->told || err->status == SLD_ENOMEM || err->status == SLD_ELIMIT) return;
  const char *pair = job->series->info.instrument.pair;
  if (strncmp(err->message, pair, strlen(pair)) == 0) return; /* the broker names it too */
  char message[sizeof err->message];
  memcpy(message, err->message, sizeof message);
  snprintf(err->message, sizeof err->message, "%s: %.*s", pair, (int)(sizeof message - sizeof job->series->info.instrument.pair - 3), message);
}

sld_status sld__vm_call(sld__vm *vm, int args, int results, sld_error *err) {
  lua_State *L = vm->L;
  int base = lua_gettop(L) - args;
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm->handler);
  lua_insert(L, base);
  vm->failure = SLD_OK;
  vm->memory.refused = vm->memory.spent = false;
  sld__vm_beat(vm, 1);
  int code = lua_pcall(L, args, results, base);
  sld__vm_beat(vm, 1);
  if (vm->memory.lent && (code != 0 || !sld__memory_sound(&vm->memory))) {
    sld_error scratch;
    if (!err) err = &scratch;
    fill_memory(vm, err);
    lua_settop(L, base - 1);
    return err->status;
  }
  if (code == 0 && vm->failure == SLD_OK) {
    lua_remove(L, base);
    return SLD_OK;
  }
  if (vm->failure != SLD_OK) {
    if (err) *err = vm->error; /* the core's own words, even where the script caught them */
    name_pair(vm, err);
    lua_settop(L, base - 1);
    return vm->failure;
  }
  sld_status status = sld__vm_fail(vm, code, err);
  name_pair(vm, err);
  lua_settop(L, base - 1);
  return status;
}
