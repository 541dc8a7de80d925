/* What the files of the module sliders.core share: handles, errors, small readers of Lua values.
 *
 * A handle ties an object of libsliders to the objects that it was made from. The library asks that a run goes before its
 * market and strategy, and those before their host; a garbage collector promises no order. So every userdata owns one count
 * of a handle, every child owns one count of each parent, and an object is freed when its last owner lets go.
 *
 * A Lua state is one thread, so the counts are plain. The module compiles for Lua 5.4 and for 5.1 and LuaJIT from one source.
 */
#ifndef SLIDERS_LUA_HANDLE_H
#define SLIDERS_LUA_HANDLE_H

#include <lauxlib.h>
#include <lua.h>

#include "sliders.h"

#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#endif

#define HOST_TYPE "sliders.host"
#define MARKET_TYPE "sliders.market"
#define STRATEGY_TYPE "sliders.strategy"
#define IMPORT_TYPE "sliders.import"
#define RUN_TYPE "sliders.run"
#define COLUMN_TYPE "sliders.column"
#define RESULT_TYPE "sliders.result"
#define HELD_TYPE "sliders.held"

enum { HANDLE_PARENTS = 3 };

typedef struct log_queue log_queue;

typedef struct handle {
  void *object;                 /* sld_host * and so on; NULL before it is opened */
  void (*destroy)(void *object);
  size_t owners;                /* the userdata and the children */
  struct handle *parents[HANDLE_PARENTS];
  log_queue *log;               /* of a host that keeps one, else NULL */
} handle;

/* Pushes a userdata of `type` that owns a new handle without an object. Raises out of memory. */
handle *handle_push(lua_State *L, const char *type, void (*destroy)(void *object));

/* Pushes a userdata of `type` that owns a count of an existing handle. */
void handle_share(lua_State *L, const char *type, handle *shared);

/* Gives the child a count of the parent. At most HANDLE_PARENTS times. */
void handle_adopt(handle *child, handle *parent);

/* The handle, or the object, of the argument. Raises where it is of another type or closed. */
handle *handle_check(lua_State *L, int arg, const char *type);
void *handle_object(lua_State *L, int arg, const char *type);

/* For owners that are no userdata: takes a count of the handle, and lets one go. */
void handle_take(handle *h);
void handle_let_go(handle *h);

/* __gc, __close and the closing methods: lets go, once. */
int handle_release(lua_State *L);

/* Makes the metatable of `type` with its methods, __gc and __name. Leaves the stack as it was. */
void type_define(lua_State *L, const char *type, const luaL_Reg *methods);

/* Sets each function as a field of the table on top. */
void functions_set(lua_State *L, const luaL_Reg *functions);

/* Pushes nil and an error table {status, file, line, column, message, detail}; returns 2. `status` stands where err has none. */
int error_push(lua_State *L, sld_status status, const sld_error *err);

/* The same for what the module itself refuses: `file` is an argument path. The format knows %s and %d. */
int error_make(lua_State *L, sld_status status, const char *file, const char *format, ...);

/* Pushes true, or nil and the error. */
int status_push(lua_State *L, sld_status status, const sld_error *err);

/* Defines the error type. */
void error_define(lua_State *L);

/* Sets table[name] on the table on top. */
void field_number(lua_State *L, const char *name, double value);
void field_integer(lua_State *L, const char *name, int64_t value);
void field_string(lua_State *L, const char *name, const char *value);
void field_boolean(lua_State *L, const char *name, bool value);

/* Reads ns since 1970 from an integer, a whole number, or a text that sld_time_parse knows. False: err is filled. */
bool time_read(lua_State *L, int index, int64_t *out, sld_error *err);

/* Fills an error from a format that knows %s and %d; returns false. */
bool refuse(lua_State *L, sld_error *err, sld_status status, const char *file, const char *format, ...);

/* The rooms of the module. */
int pool_open(lua_State *L);          /* host:pool{vm =, path =} */
void pool_define(lua_State *L);
void pool_push_core(lua_State *L);    /* the table that sliders/pool.lua completes */
int column_new(lua_State *L);         /* core.column(list) */
int market_column(lua_State *L);      /* market:column(pair, name) */
void column_define(lua_State *L);
log_queue *log_queue_new(void);       /* NULL: no memory */
void log_queue_free(log_queue *queue); /* NULL is fine */
void log_queue_add(void *queue, const sld_log_record *record); /* sld_log.write */
int host_log(lua_State *L);           /* host:log() */
int answer_interrupts(lua_State *L);  /* core.answer_interrupts() */
int hold_interrupts(lua_State *L);    /* core.hold_interrupts() */
void interrupt_define(lua_State *L);
int dialects(lua_State *L);           /* core.dialects() */
int market_load(lua_State *L);        /* market:load(path, options) */
int market_open(lua_State *L);        /* host:market() */
int strategy_open(lua_State *L);      /* host:strategy(path, vm, trusted, text, isolated, memory, instructions) */
int run_start(lua_State *L);          /* host:run(market, strategy, options) */
void market_define(lua_State *L);
int market_rows(lua_State *L);        /* market:rows(i, first, count) */
int market_row_at(lua_State *L);      /* market:row_at(i, time) */
int market_check(lua_State *L);       /* market:check(i, gap_ns) */
int market_write_csv(lua_State *L);   /* market:write_csv(i, path) */
int market_write_npy(lua_State *L);   /* market:write_npy(i, dir) */
void pair_push(lua_State *L, const sld_pair_info *info); /* a table of an instrument and what is told of its bars */
int import_open(lua_State *L);        /* host:import(store, options) */
int report_push(lua_State *L);        /* a light pointer to an sld_load_report on the stack becomes its table */
void import_define(lua_State *L);
void strategy_define(lua_State *L);
void run_define(lua_State *L);
void result_define(lua_State *L);
void result_share(lua_State *L, handle *run);

/* core.option_names(): the names that options_read knows. */
int option_names(lua_State *L);

/* The word on top of the stack as an end of days. False: err is filled, with `path`. */
bool day_read(lua_State *L, const char *path, sld_day *out, sld_error *err);

/* Reads {dialect =, zone =, side =, ...} at `index`. False: err is filled. */
bool load_options_read(lua_State *L, int index, sld_load_options *out, sld_error *err);

/* The names on top of the stack, in memory that the stack keeps. NULL: err is filled, with "options.pairs". */
const char *const *names_read(lua_State *L, size_t *count, sld_error *err);

/* Reads a table of options into `out`, whose strings and arrays then live in the table and in userdata pushed on the stack. */
bool options_read(lua_State *L, int index, sld_run_options *out, sld_error *err);

#endif
