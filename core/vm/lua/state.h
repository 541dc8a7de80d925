/* A worker's Lua state: shared by the files of the engine, compiled once per VM. */
#ifndef SLD_VM_LUA_STATE_H
#define SLD_VM_LUA_STATE_H

#include <math.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "vm/lua/memory.h"
#include "vm/vm.h"

/* Column ids are below SLD__COLUMNS_MAX; the rest is room. The FFI declaration in prelude_luajit.lua repeats the number. */
enum { SLD__VIEW_COLUMNS = 256 };

#if defined(LUAJIT_ENGINE)
#include <luajit.h>
#endif

/* What the LuaJIT prelude sees of a job (its cdef repeats this struct). */
typedef struct sld__view {
  sld__vm_pulse pulse;
  int32_t count;      /* rows of the job */
  int32_t first;      /* first row of the hook */
  int32_t due;        /* LuaJIT's bar loop: the row at whose end the account catches up */
  double last_target; /* as last asked of broker:target; NaN before the first */
  double position, equity, cash;
  const double *base[SLD__VIEW_COLUMNS]; /* whole columns by id, NULL where not made */
  const int32_t *last[SLD__FRAMES_MAX];  /* of each frame but 0: by row of the job, the last row of the frame known then */
} sld__view;

/* What a state keeps of one of several instances on one account while another runs. */
typedef struct sld__seat {
  sld__frames *frames;
  struct sld__rng random;
  int columns;         /* in use, of the next two */
  const double *base[SLD__VIEW_COLUMNS];
  uint8_t frame[SLD__VIEW_COLUMNS];
  const int32_t *last[SLD__FRAMES_MAX];
} sld__seat;

struct sld__vm {
  sld__view view; /* first: its address is the view's */
  lua_State *L;
  const sld__vm_core *core;
  sld__script *script;
  sld__vm_job *job;        /* NULL between jobs */
  const double *params;    /* [param_count] of the job or of the set being validated */
  size_t param_count;
  double warmup;           /* as the strategy declares; -1: as its columns say */
  sld__declaration *declaring; /* NULL but inside describe */
  sld_status failure;      /* of a core function called by the script, with `error` filled; OK otherwise */
  sld_error error;
  sld__frames *frames;     /* made when a script first asks for a clock */
  const sld__frame *bars[SLD__FRAMES_MAX]; /* of each frame that is a time frame: its periods, */
  const sld__series *made_of[SLD__FRAMES_MAX]; /* and the bars that they are made of */
  uint8_t frame[SLD__VIEW_COLUMNS];        /* of each column, once its values are there */
  double *time;            /* [time_capacity] opens in seconds, made when a script asks for bars.time */
  size_t time_capacity;
  sld__seat *seats;        /* [seat_count] of the account's jobs, by place; NULL before the first such job */
  size_t seat_count;
  size_t seated;           /* whose values stand in the view */
  size_t turn;             /* the next place to be looked at in this instant */
  const sld__vm_now *told; /* of the account, while allocate runs */
  double *weights;         /* its answer */
  char *log;
  size_t log_size, log_capacity, log_limit;
  bool log_full;           /* a line did not fit: no more are kept */
  struct sld__rng random;
  struct sld__rng random_before; /* before `valid` was asked, as is the next */
  size_t log_before;
  int hot[SLD__VIEW_COLUMNS]; /* Lua 5.4: ids of columns whose x[0] has been read, so the bar loop sets it; in order of the first read */
  int hot_count;
  int bound;               /* registry reference: column tables by id, for Lua 5.4's bar loop */
  sld__memory memory;
  size_t budget, budget_left; /* instructions of the job; 0: not counted */
  bool starved;            /* a call has failed for the limit of memory since it was set */
  int handler;             /* registry references: the handler of errors, */
  int chunk;               /* the strategy's file, loaded, */
  int adopt, declare, valid, begin, run, finish, allocate; /* and the functions that jobs.lua returns */
};

static inline int32_t sld__vm_now_row(const sld__vm *vm) {
  return atomic_load_explicit(&vm->view.pulse.now, memory_order_relaxed);
}

static inline void sld__vm_go_to(sld__vm *vm, int32_t row) {
  atomic_store_explicit(&vm->view.pulse.now, row, memory_order_relaxed);
}

/* The one writer's step. */
static inline void sld__vm_beat(sld__vm *vm, uint32_t calls) {
  uint_least32_t before = atomic_load_explicit(&vm->view.pulse.calls, memory_order_relaxed);
  atomic_store_explicit(&vm->view.pulse.calls, before + calls, memory_order_relaxed); /* partner: the guard's load */
}

/* Whether the job is to end. */
static inline bool sld__vm_stopped(const sld__vm *vm) {
  return atomic_load_explicit(vm->job->stop, memory_order_relaxed) != 0; /* partner: the core's guard and sld_run_cancel */
}

/* budget.c: counts instructions from here on, up to `count`; 0: no more. */
void sld__vm_count(sld__vm *vm, size_t count);

/* prims.c: pushes the table `core` that the preludes get: its own functions and those of words.c and declare.c. May raise. */
void sld__vm_push_core(sld__vm *vm);
extern const luaL_Reg sld__vm_words[], sld__vm_declare[], sld__vm_orders[], sld__vm_host[], sld__vm_clocks[], sld__vm_several[], sld__vm_allocating[], sld__vm_counting[];

/* For functions of the table: the state; an error in the core's own words (vm->error), and out of memory. The latter two do not return. */
sld__vm *sld__vm_of(lua_State *L);
int sld__vm_raise(lua_State *L, sld__vm *vm);
int sld__vm_no_memory(lua_State *L, sld__vm *vm);

/* The row of column `id` that is known at `row` of the job; -1: none yet. */
static inline int32_t sld__vm_last(const sld__vm *vm, int id, int32_t row) {
  int at = vm->frame[id];
  return at == 0 || row < 0 ? row : vm->view.last[at][row];
}

/* The column's value as of `row` >= 0 of the job; NaN where its frame knows none yet. */
static inline double sld__vm_value(const sld__vm *vm, int id, int32_t row) {
  int32_t last = sld__vm_last(vm, id, row);
  return last < 0 ? (double)NAN : vm->view.base[id][last];
}

/* prims.c: the column that a name of the bars stands for: the ask is that of the close, and so is the bid, where the data have it. */
const char *sld__vm_column_name(const sld__series *series, const char *name);

/* prims.c: pushes the id of a column made, or where making failed the core's words for the caller's line. Out of memory does not return. */
int sld__vm_push_made(lua_State *L, sld__vm *vm, sld_status status, int id);

/* Empties the log and seeds the random numbers alike, whatever ran in the state before: for calls outside a job. */
void sld__vm_restart(sld__vm *vm);

/* error.c: calls the function and its `args` below the top under the handler; on failure fills err and pops everything.
 * The stack is back to where it was before the function was pushed, plus `results`. */
sld_status sld__vm_call(sld__vm *vm, int args, int results, sld_error *err);

/* Pushes the handler, which turns what was raised into {text, file, line, traceback}. May raise. */
void sld__vm_push_handler(lua_State *L);

/* Turns the error object on top of the stack, and lua_pcall's code, into err (may be NULL) and pops it. */
sld_status sld__vm_fail(sld__vm *vm, int code, sld_error *err);

/* Names the script's line that is being executed, and how it was reached, in err->file, line and detail; nothing where no script runs. */
void sld__vm_locate(lua_State *L, sld_error *err);

/* Loads text[size] of file `path`: a byte order mark and a first line that begins with # are passed over. As luaL_loadbuffer. */
int sld__vm_load(lua_State *L, const char *path, const char *text, size_t size);

/* LuaJIT's FFI and Lua 5.4's closures call these; 0: go on. */
int sld__vm_advance(sld__view *view, int row);
int sld__vm_target(sld__view *view, double x);
int sld__vm_request(sld__view *view, const sld__request *request);

/* Hands the job to the state's clocks, which are there. */
void sld__vm_start_frames(sld__vm *vm);

/* several.c: the account goes on to the next hook that is due, steps included, and makes its job the state's. Returns its place from 1; 0: the
 * account has ended. */
int sld__vm_next(sld__view *view);

/* One instance for several pairs: makes the book of pair `place`, from 1, the one that is read and asked. Whether that pair has a bar at this
 * instant. */
void sld__vm_select(sld__view *view, int place);
int sld__vm_fresh(sld__view *view, int place);

/* allocate.c */
sld_status sld__vm_allocate(sld__vm *vm, sld__vm_job *job, const sld__vm_now *now, double *weights, sld_error *err);

/* Room for the crew's seats, and the clocks of seat `place` into the state or back. ENOMEM. */
sld_status sld__vm_seats(sld__vm *vm, const sld__vm_job *job, sld_error *err);
void sld__vm_seats_fini(sld__vm *vm);
void sld__vm_swap_frames(sld__vm *vm, size_t place);

/* Keeps the view of the job that has begun; makes a job's view the state's. */
void sld__vm_leave_seat(sld__vm *vm, const sld__vm_job *job);
void sld__vm_take_seat(sld__vm *vm, sld__vm_job *job);

/* Makes the pairs of a job clocks of its columns. ERANGE, ENOMEM. */
sld_status sld__vm_join_pairs(sld__vm *vm, sld_error *err);

/* prims.c: column `name` of rows row0.. of a series; NULL: none, or where it is "time", no memory. */
const double *sld__vm_series_column(sld__vm *vm, const sld__series *series, size_t row0, size_t rows, const char *name);

/* Where the job's opens in seconds stand in vm->time: `rows` of them behind those of earlier jobs or pairs. NULL: no memory. */
double *sld__vm_time(sld__vm *vm, const sld__series *series);

/* job.c */
void sld__vm_publish(sld__vm *vm);

/* The row of the broker at which the hook decides. */
static inline int64_t sld__vm_row(const sld__vm *vm) {
  return vm->job->account ? vm->job->broker->now : sld__vm_now_row(vm);
}

sld_status sld__vm_begin(sld__vm *vm, sld__vm_job *job, sld_error *err);
sld_status sld__vm_bars(sld__vm *vm, sld__vm_job *job, sld_error *err);
sld_status sld__vm_end(sld__vm *vm, sld__vm_job *job, sld_error *err);
/* work.c: states for calls of any function; see sld__vm_engine. */
sld_status sld__vm_open_work(struct sld__vm_work **out, const sld__vm_core *core, const sld__work_setup *setup, sld_error *err);
void sld__vm_close_work(struct sld__vm_work *state);
sld_status sld__vm_work_call(struct sld__vm_work *state, const sld__work_call *call, sld_bytes *out, sld_error *err);

#if !defined(LUAJIT_ENGINE)
int sld__vm_drive(lua_State *L); /* core.drive(hook, self, broker, p) */
#endif

#endif
