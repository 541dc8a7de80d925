/* The seam between the core and a Lua engine: no Lua types here.
 *
 * An engine is a plug-in (core/vm/lua compiled against one VM). It has no undefined symbol of the core: what it needs of the core
 * comes in a table when a state is opened. One state belongs to one worker and holds one strategy; jobs run in it one after the
 * other, and each job calls the strategy's chunk anew, so that nothing leaks from one job into the next while compiled traces stay.
 *
 * A job goes through  begin -> (the core starts the broker) -> bars, or the core streams the signal -> end.
 *
 * Pairs of one account step together. Either each has an instance and so a job of its own in the same state: begin for each in order, bars for all
 * with the first, end for each. Or one instance trades all pairs: one job, whose rows are the instants of the account and whose pairs are
 * clocks of fewer rows.
 */
#ifndef SLD_VM_VM_H
#define SLD_VM_VM_H

#include <stdatomic.h>

#include <sliders.h>

#include "base/rng.h"
#include "broker/broker.h"
#include "broker/shared.h"
#include "indicator/columns.h"
#include "indicator/kernel.h"
#include "market/series.h"
#include "vm/extension.h"
#include "vm/frames.h"

#define SLD__ENGINE_ABI 1u
#define SLD__ENGINE_SYMBOL "sliders_engine_v1"

/* A module beside the strategy, read when the strategy was opened. */
typedef struct sld__module {
  char *name; /* as required: "lib.rules" */
  char *path;
  char *text;
  size_t size;
} sld__module;

/* What the jobs of a state may use; 0: as much as they like. */
typedef struct sld__vm_limits {
  size_t memory;       /* bytes that Lua holds */
  size_t log;          /* bytes of a job's log */
  size_t instructions; /* of Lua, in one job. While they are counted nothing is compiled */
} sld__vm_limits;

/* How far a state is. Written by the thread that runs in it, but for `halt`; relaxed. Any thread may look while the state is open. */
typedef struct sld__vm_pulse {
  atomic_int_least32_t now;    /* row of the bar that has just closed; -1 before the first */
  atomic_uint_least32_t calls; /* goes up by 1 where Lua is entered and where it is left: odd inside */
  atomic_int_least32_t halt;   /* written by the guard: the job is to end at its next bar */
} sld__vm_pulse;

/* A strategy file and its modules as text: read once, shared by all workers. */
typedef struct sld__script {
  const sld_allocator *alloc;
  char *path;   /* as given; names the chunk in messages */
  char *folder; /* where modules are looked for; NULL: none */
  char *text;
  size_t size;
  sld__module *modules;
  size_t module_count;
  bool sealed;  /* modules can no longer be added */
  bool trusted; /* no sandbox: all that the engine has */
  const sld__extensions *extensions; /* of the host, which the script may call; NULL: none */
  sld__vm_limits limits; /* of its states while no run has others */
} sld__script;

enum { SLD__HOOK_INIT = 1, SLD__HOOK_BAR = 2, SLD__HOOK_SIGNAL = 4, SLD__HOOK_DONE = 8, SLD__HOOK_VALID = 16, SLD__HOOK_ALLOCATE = 32 };

/* How often allocate is called: after the first trading day of each. */
typedef enum sld__rebalance { SLD__EACH_DAY = 0, SLD__EACH_WEEK, SLD__EACH_MONTH } sld__rebalance;

/* A setting of a named portfolio model. */
typedef struct sld__model_option {
  char *name;
  char *text; /* for words; NULL: `number` */
  double number;
} sld__model_option;

/* What a strategy declares. Owned by whoever asked; strings from `alloc`. */
typedef struct sld__declaration {
  const sld_allocator *alloc;
  char *about;
  int hooks;
  int64_t warmup; /* -1: as the columns say */
  sld_param *params;
  size_t param_count;
  char *model;    /* "finmarketpy", or NULL */
  sld__model_option *model_options;
  size_t model_option_count;
  sld_account account;
  char **pairs;   /* [pair_count] that one instance trades together, in order of name; NULL: each pair has its own */
  size_t pair_count;
  sld__rebalance rebalance; /* of allocate */
  size_t window;  /* daily returns in allocate's vol and cov; 0: it wants none */
} sld__declaration;

/* Whether runs of the strategy have one account unless they are told otherwise. */
static inline bool sld__declaration_shares(const sld__declaration *d) {
  return d->account == SLD_SHARED || d->pair_count > 0 || (d->hooks & SLD__HOOK_ALLOCATE);
}

/* A pair that one instance trades with others. */
typedef struct sld__vm_pair {
  const sld__series *series;
  size_t row0, rows;   /* the view, as in sld__vm_job */
  const int32_t *last; /* [rows of the job] the view's last row closed at that instant; -1: none */
  sld__broker *broker; /* joined by the caller between begin and bars */
  int signal;          /* out, by begin: as in sld__vm_job */
} sld__vm_pair;

/* One job as the engine sees it. */
typedef struct sld__vm_job {
  const sld__series *series;
  size_t row0;            /* first row of the series in the view */
  size_t rows;            /* rows of the view */
  size_t from;            /* first row of the view at or after the trading start */
  sld__cache_key view;    /* equal only for equal bars and rows */
  const sld__rates *rates; /* the market's short rates */
  const int64_t *instants; /* [rows] of several pairs: when each row is; else NULL */
  const double *params;   /* [param_count] in order of declaration */
  size_t param_count;
  uint64_t seed[2];       /* of the job's random numbers: from its key */
  sld__columns *columns;  /* reset to `rows` by the caller */
  sld__broker *broker;    /* started by the caller between begin and bars */
  const atomic_int *stop; /* not 0: the job is to end. Written by others, relaxed; polled between bars */
  sld__shared *account;   /* what the broker belongs to, stepped by bars; NULL: itself, and the next five are 0 */
  struct sld__vm_job *crew; /* [crew_count] the account's jobs, in order of pair; this is one of them */
  size_t crew_count;
  size_t place;           /* this one's index in the crew */
  bool allocates;         /* the strategy has that hook */
  sld__vm_pair *pairs;    /* [pair_count] in order of name, for one instance that trades them all; then series is NULL and row0 0 */
  size_t pair_count;
  bool failed;            /* set by the caller before end: the job has failed, been cancelled or stopped, and `done` is not called */
  bool may_reject;        /* a set that `valid` does not accept ends the job before init; else it has been accepted */
  /* out, by begin */
  bool rejected;          /* the other outputs are then of no meaning */
  size_t first;           /* first row on which the hook runs or the signal counts; rows: never */
  int signal;             /* column of targets, or -1 for a bar strategy */
} sld__vm_job;

/* ---- Work: calls of Lua functions, without a strategy ---- */

struct sld__work;
struct sld__tasks;

typedef struct sld__work_setup {
  struct sld__work *work; /* handed back when a call starts tasks of its own */
  const char *path;       /* package.path; NULL: the VM's own. Borrowed for the call */
} sld__work_setup;

/* One call. */
typedef struct sld__work_call {
  uint64_t function;            /* number of the function within the work, > 0: equal numbers have equal code */
  sld_bytes code, args;
  const atomic_bool *cancelled; /* written by cancel, relaxed: for the call to ask */
} sld__work_call;

/* What allocate learns of the pairs that can be traded now, in order of name. Values are by pair; NULL: there are none of that kind. */
typedef struct sld__vm_now {
  int64_t time;
  double equity;
  size_t count;
  const char *const *pairs;
  const double *signal, *close, *weight;
  const double *vol;
  const double *cov;  /* [count * count] */
  const double *rate; /* of the base less that of the quote currency, percent a year; NaN: one of them is missing */
} sld__vm_now;

/* Functions of the core that an engine calls. */
typedef struct sld__vm_core {
  uint32_t abi;
  sld_allocator alloc;
  const sld__extensions *extensions; /* of the host; NULL: none */
  const sld__kernel *(*kernel_find)(const char *name);
  sld_status (*columns_base)(sld__columns *c, int *id, const double *values, const char *name, sld_error *err);
  void (*columns_finite)(sld__columns *c, int id);
  sld_status (*columns_constant)(sld__columns *c, int *id, double value, sld_error *err);
  sld_status (*columns_apply)(sld__columns *c, int *ids, const sld__kernel *k, const int *in, const double *opt, sld_error *err);
  int (*columns_count)(const sld__columns *c);
  size_t (*columns_warmup)(const sld__columns *c);
  sld_status (*columns_materialise)(sld__columns *c, int id, const double **values, sld_error *err);
  sld_status (*columns_frame)(sld__columns *c, int *at, const int32_t *last, size_t rows, const char *name, sld_error *err);
  sld_status (*columns_frame_base)(sld__columns *c, int *id, int at, const double *values, const char *name, sld_error *err);
  sld_status (*columns_join)(sld__columns *c, int *out, int id, sld_error *err);
  int (*columns_frame_of)(const sld__columns *c, int id);
  const char *(*frame_column)(int column);
  sld_status (*frames_new)(sld__frames **out, const sld_allocator *a, sld_error *err);
  void (*frames_free)(sld__frames *f);
  void (*frames_start)(sld__frames *f, const sld__frames_view *view);
  sld_status (*frames_at)(sld__frames *f, int *at, const sld__frame **periods, const int32_t **last, const sld__frames_bars *bars, const sld__frames_period *period,
                          sld_error *err);
  sld_status (*frames_firsts)(sld__frames *f, int *id, int time, const sld__frames_bars *bars, const sld__frames_period *period, sld_error *err);
  sld_status (*frames_rate)(sld__frames *f, int *id, const char *currency, sld_error *err);
  sld_status (*frames_hand)(sld__frames *f, int *id, int time, sld__hand hand, const char *zone, sld_error *err);
  sld_status (*frames_hours)(sld__frames *f, int *id, int time, const char *spans, const char *days, const char *zone, sld_error *err);
  sld_status (*frames_hand_at)(sld__frames *f, double *out, double seconds, sld__hand hand, const char *zone, sld_error *err);
  int (*broker_advance)(sld__broker *b, int64_t to);
  int (*broker_target)(sld__broker *b, int64_t row, double target);
  int (*broker_request)(sld__broker *b, int64_t row, const sld__request *request);
  int (*shared_step)(sld__shared *s);
  void (*rng_init)(struct sld__rng *rng, uint64_t high, uint64_t low);
  double (*rng_uniform)(struct sld__rng *rng);
  const char *(*suggest)(const char *word, const char *const *words, size_t count);
  double (*exp)(double x);
  double (*log)(double x);
  double (*pow)(double x, double y);
  double (*sin)(double x);
  double (*cos)(double x);
  double (*tan)(double x);
  double (*asin)(double x);
  double (*acos)(double x);
  double (*atan)(double x);
  double (*atan2)(double y, double x);
  /* engine/work.h, for calls that start tasks. */
  sld_status (*tasks_start)(struct sld__tasks **out, struct sld__work *work, const sld_calls *calls, sld_error *err);
  bool (*tasks_wait)(struct sld__tasks *tasks, int timeout_ms);
  void (*tasks_cancel)(struct sld__tasks *tasks);
  const sld_answer *(*tasks_answer)(const struct sld__tasks *tasks, size_t i);
  bool (*tasks_take)(struct sld__tasks *tasks, size_t *i);
  void (*tasks_free)(struct sld__tasks *tasks);
  /* Text of module `name` of the script, borrowed; while the script is not sealed it is read from its folder. NULL with err filled. */
  const sld__module *(*module)(sld__script *script, const char *name, sld_error *err);
} sld__vm_core;

typedef struct sld__vm sld__vm;
struct sld__vm_work;

/* An engine's table. Every function leaves the state usable for the next job, whatever it returns, but for SLD_ENOMEM of open. */
typedef struct sld__vm_engine {
  uint32_t abi;
  const char *name;    /* "luajit", "lua54" */
  const char *version; /* "Lua 5.4" */
  sld_status (*open)(sld__vm **out, const sld__vm_core *core, sld__script *script, sld_error *err);
  void (*close)(sld__vm *vm);
  /* Calls the chunk once and reads what it declares. */
  sld_status (*describe)(sld__vm *vm, sld__declaration *out, sld_error *err);
  /* Whether the strategy's `valid` accepts a parameter set; true where it has none. */
  sld_status (*valid)(sld__vm *vm, const double *params, size_t param_count, bool *out, sld_error *err);
  sld_status (*begin)(sld__vm *vm, sld__vm_job *job, sld_error *err);
  sld_status (*bars)(sld__vm *vm, sld__vm_job *job, sld_error *err);
  sld_status (*end)(sld__vm *vm, sld__vm_job *job, sld_error *err);
  /* Asks the account's hook for weights[now->count]; `job` is the crew's first. A pair that it leaves out gets 0. */
  sld_status (*allocate)(sld__vm *vm, sld__vm_job *job, const sld__vm_now *now, double *weights, sld_error *err);
  /* What the job printed so far; borrowed until the next begin. */
  const char *(*log)(const sld__vm *vm);
  /* Sets what the next job may use. One that needs more fails with ELIMIT; one that counts instructions and finds `stop` set, with ECANCELED. */
  void (*limit)(sld__vm *vm, const sld__vm_limits *limits);
  /* Whether a call has failed since then for want of memory. What earlier jobs left uncollected counts, so another state may hold. */
  bool (*starved)(const sld__vm *vm);
  sld__vm_pulse *(*pulse)(sld__vm *vm);

  /* States for work. A call answers a packet of its results; where it raised, ESCRIPT with a traceback and, where it can be packed, the packet of
   * what was raised. The bytes are from core->alloc and the caller's. */
  sld_status (*open_work)(struct sld__vm_work **out, const sld__vm_core *core, const sld__work_setup *setup, sld_error *err);
  void (*close_work)(struct sld__vm_work *state);
  sld_status (*call)(struct sld__vm_work *state, const sld__work_call *call, sld_bytes *out, sld_error *err);
} sld__vm_engine;

#endif
