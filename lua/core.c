/* The Lua module sliders.core: libsliders for a host program in Lua 5.4, Lua 5.1 or LuaJIT.
 *
 * It only marshals: strategies never run in the caller's state, and the module links libsliders but no Lua, whose functions
 * the interpreter brings along. Every function that can fail in the library returns its value, or nil and an error table
 * whose __tostring is "file:line:column: message". Misuse (a wrong argument, a closed object) raises.
 *
 *   core.version()  core.figures()  core.dialects()  core.suggest(word, words)  core.time_parse(text)  core.time_format(ns)
 *   core.timeframe_parse(text)  core.timeframe_format(ns)  core.option_names()
 *   core.host{workers=, engine_dir=, log=} -> host: :workers() :probe(vm) :market() :strategy(path, vm, trusted, text, isolated, memory, instructions)
 *                                             :run(market, strategy, options) :log() :close()
 *   market: :load(path, options) :add(bars) :save(path) :pairs() :resample(how) :free()     market.c
 *           :rows(i, first, count) :row_at(i, time) :write_csv(i, path) :write_npy(i, dir)            rows.c
 *   strategy: :describe() :free()                                                  strategy.c
 *   run: :wait(timeout_ms) :drain() :cancel() :result() :free()                             run.c
 *   core.pool: what sliders/pool.lua completes; host:pool{vm=, path=}               pool.c
 *   core.column(list); market:column(pair, name)                                   column.c
 *   result: :job_count() :job(i) :portfolio() :write_json(path) :write_csv(dir)    result.c
 *
 * Small questions to the system serve the command line: core.files(dir), core.real_path(path), core.terminal_width(fd),
 * core.survive_file_limit(), core.json_check(path), core.csv_check(dir); and Ctrl-C: core.answer_interrupts(), core.hold_interrupts()                            interrupt.c
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "handle.h"

/* ---- Words ------------------------------------------------------------------------------------------------------ */

static int version(lua_State *L) {
  lua_pushstring(L, sld_version());
  return 1;
}

/* The table of figures: {name, unit, formula, source} in the order of the library. */
static int figures(lua_State *L) {
  lua_createtable(L, (int)sld_figure_count(), 0);
  for (size_t i = 0; i < sld_figure_count(); i++) {
    const sld_figure *figure = sld_figure_at(i);
    lua_createtable(L, 0, 4);
    field_string(L, "name", figure->name);
    field_string(L, "unit", figure->unit);
    field_string(L, "formula", figure->formula);
    field_string(L, "source", figure->source);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

static int suggest(lua_State *L) {
  const char *word = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t count = lua_rawlen(L, 2);
  const char **words = lua_newuserdata(L, (count + 1) * sizeof *words);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    words[i] = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    luaL_argcheck(L, words[i], 2, "an array of strings expected");
    lua_pop(L, 1); /* the array keeps the string */
  }
  const char *nearest = sld_suggest(word, words, count);
  if (nearest) lua_pushstring(L, nearest);
  else lua_pushnil(L);
  return 1;
}

static int time_parse(lua_State *L) {
  sld_error err = {0};
  int64_t time;
  sld_status status = sld_time_parse(&time, luaL_checkstring(L, 1), &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  lua_pushinteger(L, (lua_Integer)time);
  return 1;
}

/* A double holds a time of ticks within 256 ns: the microsecond that was meant. */
static int64_t whole_time(int64_t time) {
  const int64_t exact = (int64_t)1 << 53, us = 1000, off = time % us;
  if ((time < exact && time > -exact) || off == 0) return time;
  if (off > us / 2) return time - off + us;
  return off < -us / 2 ? time - off - us : time - off;
}

static int time_format(lua_State *L) {
  sld_error err = {0};
  int64_t time;
  luaL_checktype(L, 1, LUA_TNUMBER);
  if (!time_read(L, 1, &time, &err)) return luaL_argerror(L, 1, err.message);
#if LUA_VERSION_NUM >= 503
  if (!lua_isinteger(L, 1)) time = whole_time(time);
#else
  time = whole_time(time);
#endif
  char text[64];
  lua_pushlstring(L, text, sld_time_format(time, text, sizeof text));
  return 1;
}

/* The longest that a bar of a time frame is, ns. */
static int timeframe_parse(lua_State *L) {
  sld_error err = {0};
  int64_t period_ns;
  sld_status status = sld_timeframe_parse(&period_ns, luaL_checkstring(L, 1), &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  lua_pushinteger(L, (lua_Integer)period_ns);
  return 1;
}

/* The name of a period in ns. */
static int timeframe_format(lua_State *L) {
  char text[32];
  lua_Number period_ns = luaL_checknumber(L, 1);
  luaL_argcheck(L, period_ns >= 0 && period_ns <= 9e18, 1, "a period of at least 0 expected");
  lua_pushlstring(L, text, sld_timeframe_format((int64_t)period_ns, text, sizeof text));
  return 1;
}

/* ---- The system ------------------------------------------------------------------------------------------------- */

/* The names in a folder, in the order that readdir gives them (the caller sorts), without those that begin with a dot. */
static int files(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  lua_newtable(L);
  DIR *dir = opendir(path);
  if (!dir) return error_make(L, SLD_EIO, path, "%s", strerror(errno));
  int count = 0;
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (entry->d_name[0] == '.') continue;
    lua_pushstring(L, entry->d_name); /* out of memory here leaks the DIR; the host is ending anyhow */
    lua_rawseti(L, -2, ++count);
  }
  closedir(dir);
  return 1;
}

/* The path without links and dots; nil and an error where there is no such file. */
static int real_path(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char *real = realpath(path, NULL);
  if (!real) return error_make(L, SLD_EIO, path, "%s", strerror(errno));
  lua_pushstring(L, real); /* out of memory here leaks the path; the host is ending anyhow */
  free(real);
  return 1;
}

/* Columns of the terminal; 0 of one that does not say, nil where fd is no terminal. */
static int terminal_width(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  struct winsize size = {0};
  if (!isatty(fd)) return 0;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) size.ws_col = 0;
  lua_pushinteger(L, size.ws_col);
  return 1;
}

/* Beyond the limit on a file's size, writing then fails as on a full disk, and the signal that would end the process is ignored.
 * For the command only: a library leaves its host's signals alone. */
static int survive_file_limit(lua_State *L) {
  (void)L;
  signal(SIGXFSZ, SIG_IGN);
  return 0;
}

/* true, or nil and why the result could not be written there. */
static int check_path(lua_State *L, sld_status (*check)(const char *, sld_error *)) {
  sld_error err;
  sld_status status = check(luaL_checkstring(L, 1), &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  lua_pushboolean(L, 1);
  return 1;
}

static int json_check(lua_State *L) {
  return check_path(L, sld_json_check);
}

static int csv_check(lua_State *L) {
  return check_path(L, sld_csv_check);
}

/* ---- Hosts ------------------------------------------------------------------------------------------------------ */

static void host_destroy(void *object) {
  sld_host_close(object, NULL); /* can't be busy: every child of the module holds a count */
}

static int host_open(lua_State *L) {
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  sld_error err = {0};
  if (!lua_isnoneornil(L, 1)) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "workers");
    options.workers = (int)luaL_optinteger(L, -1, 0);
    lua_getfield(L, 1, "engine_dir");
    options.engine_dir = luaL_optstring(L, -1, NULL);
    lua_getfield(L, 1, "log");
  } else {
    lua_pushnil(L);
  }
  bool logs = lua_toboolean(L, -1);
  handle *h = handle_push(L, HOST_TYPE, host_destroy);
  if (logs) {
    h->log = log_queue_new();
    if (!h->log) return luaL_error(L, "not enough memory");
    options.log = (sld_log){log_queue_add, h->log};
  }
  sld_host *host = NULL;
  sld_status status = sld_host_open(&host, &options, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  h->object = host;
  return 1;
}

static int host_workers(lua_State *L) {
  lua_pushinteger(L, sld_host_workers(handle_object(L, 1, HOST_TYPE)));
  return 1;
}

static int host_probe(lua_State *L) {
  sld_error err = {0};
  return status_push(L, sld_host_probe(handle_object(L, 1, HOST_TYPE), luaL_checkstring(L, 2), &err), &err);
}

/* Refused with EBUSY while something made from the host is open; then the host stays as it is. */
static int host_close(lua_State *L) {
  handle *h = handle_check(L, 1, HOST_TYPE);
  sld_error err = {0};
  sld_status status = sld_host_close(h->object, &err);
  if (status == SLD_OK) {
    h->object = NULL;
    handle_release(L);
  }
  return status_push(L, status, &err);
}

static const luaL_Reg host_methods[] = {
    {"workers", host_workers},   {"probe", host_probe},
    {"market", market_open},     {"import", import_open}, {"strategy", strategy_open},
    {"run", run_start},
    {"pool", pool_open},         {"release", handle_release},
    {"log", host_log},           {"close", host_close},       {NULL, NULL},
};

static const luaL_Reg module_functions[] = {
    {"version", version},         {"figures", figures}, {"dialects", dialects}, {"suggest", suggest},
    {"time_parse", time_parse},   {"time_format", time_format},
    {"timeframe_parse", timeframe_parse}, {"timeframe_format", timeframe_format},
    {"files", files},             {"real_path", real_path},
    {"terminal_width", terminal_width}, {"survive_file_limit", survive_file_limit}, {"json_check", json_check}, {"csv_check", csv_check},
    {"answer_interrupts", answer_interrupts}, {"hold_interrupts", hold_interrupts},
    {"option_names", option_names}, {"column", column_new}, {"host", host_open},
    {NULL, NULL},
};

SLD_API int luaopen_sliders_core(lua_State *L);

SLD_API int luaopen_sliders_core(lua_State *L) {
  error_define(L);
  type_define(L, HOST_TYPE, host_methods);
  market_define(L);
  import_define(L);
  strategy_define(L);
  run_define(L);
  result_define(L);
  column_define(L);
  interrupt_define(L);
  lua_newtable(L);
  functions_set(L, module_functions);
  pool_push_core(L);
  lua_setfield(L, -2, "pool");
  return 1;
}
