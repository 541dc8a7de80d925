/* sliders: backtests trading strategies over many currency pairs at once.
 *
 * This is the one public header; it includes nothing but the C library, and every room of the core may include it.
 * Reading order: status and errors, hosts, markets, loading, strategies, runs, results, figures, words; stores, checks of data, calls of Lua functions
 * and what a host adds of its own are experimental and stand where they belong.
 *
 * Tiers
 *   - What is marked SLD_EXPERIMENTAL, and the types that only such functions take, may change or go in a minor version. A program that defines
 *     SLD_WARN_EXPERIMENTAL before it includes this header is warned by its compiler of every use.
 *   - All else is stable: within a major version functions keep their meaning, values their numbers, structs their fields. At their end may grow: enumerations,
 *     options structs, and structs that a function hands out one by one (sld_job); not those in arrays, nor those that the caller has the memory of.
 *
 * Conventions
 *   - A function that can fail returns sld_status, takes its outputs first and `sld_error *err` last. `err` may be NULL.
 *     On failure the outputs hold what the function's contract says, by default: nothing is written.
 *   - What comes back through an out-parameter is the caller's and has a `_free` or `_close`, which takes NULL. What comes back as a return value is
 *     borrowed from the object it was asked of and lives, unchanged, as long as that object. "Static" lives for ever.
 *   - What goes in is read during the call and copied where it is needed later, unless the contract says "borrowed".
 *   - Pointers must not be NULL where the contract does not allow it. ENOMEM may come from every function that returns sld_status.
 *   - Options structs start with their own size: `sld_run_options o = SLD_RUN_OPTIONS_INIT;`. New fields come at the end, so that a program
 *     which was compiled with an older header goes on working: fields that it does not know keep their defaults. A size that is
 *     larger than the library's own is EINVAL.
 *   - Times are int64 nanoseconds since 1970-01-01 UTC. A bar's time is its open.
 *   - Money is in account currency unless a name says otherwise (`_quote`, `_pips`, `_frac`).
 *   - NaN means "undefined"; it is never turned into 0.
 *   - The library never prints, never exits, installs no signal handler and keeps no global state.
 *   - A host and everything made from it may be used by one thread at a time, unless a function says more; different hosts know nothing of each other.
 *     Functions that take no object may be called by any thread. After fork only the parent may go on using what it opened.
 */
#ifndef SLIDERS_H
#define SLIDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SLD_API __attribute__((visibility("default")))

#if defined(SLD_WARN_EXPERIMENTAL)
#define SLD_EXPERIMENTAL __attribute__((deprecated("experimental: it may change in a minor version")))
#else
#define SLD_EXPERIMENTAL
#endif

#define SLD_VERSION_MAJOR 0
#define SLD_VERSION_MINOR 1
#define SLD_VERSION_PATCH 0

/* "0.1.0", static. */
SLD_API const char *sld_version(void);

/* ---- Status and errors ------------------------------------------------------------------------------------------ */

/*  name        value  meaning */
#define SLD_STATUS_MAP(X)                                              \
  X(OK,          0, "success")                                         \
  X(EINVAL,     -1, "an argument or option is not acceptable")         \
  X(ENOMEM,     -2, "out of memory")                                   \
  X(EIO,        -3, "a file could not be read or written")             \
  X(EPARSE,     -4, "a file's text is not what its format says")       \
  X(ENAME,      -5, "a name is not known")                             \
  X(ERANGE,     -6, "a value is outside its range")                    \
  X(EVALUE,     -7, "a value is undefined or impossible")              \
  X(ESCRIPT,    -8, "a strategy script failed")                        \
  X(EVM,        -9, "a Lua engine could not be opened")                \
  X(ECANCELED, -10, "the run was cancelled")                           \
  X(EBUSY,     -11, "the object is in use")                            \
  X(ERATE,     -12, "no conversion rate for a currency at that time") \
  X(ELIMIT,    -13, "a job went beyond a limit of the run")          \
  X(ECRASH,    -14, "the process of a job ended before its job did")

typedef enum sld_status {
#define X(name, value, text) SLD_##name = (value),
  SLD_STATUS_MAP(X)
#undef X
} sld_status;

/* Where and why something failed. Filled by the deepest function that knows; nobody above rewrites it. Without meaning where SLD_OK came back. Texts that are
 * too long are cut. */
typedef struct sld_error {
  sld_status status;
  int64_t line;      /* 1-based line of `file`; 0 where it does not apply */
  int64_t column;    /* 1-based byte of the line; 0 where it does not apply */
  char file[512];    /* path or argument path, "" where it does not apply */
  char message[768]; /* one sentence without position, no final newline; of a script its own words, which may be several lines. No other control characters */
  char detail[2560]; /* a script's traceback, or "" */
} sld_error;

/* "EPARSE" and the like; "?" for an unknown value. Static. */
SLD_API const char *sld_status_name(sld_status status);

/* The meaning of a status in a few words. Static. */
SLD_API const char *sld_status_text(sld_status status);

/* Writes "file:line:column: message" to buf[size] (always terminated where size > 0); parts that do not apply are left out.
 * Returns the length of the whole text as snprintf does. */
SLD_API size_t sld_error_format(const sld_error *err, char *buf, size_t size);

/* ---- Hosts ------------------------------------------------------------------------------------------------------ */

/* Every allocation of a host goes through `resize`, Lua states included.
 *   resize(ud, NULL, n)  allocates; resize(ud, p, n) moves; resize(ud, p, 0) frees and returns NULL (p may be NULL)
 * It is called from every worker at once and must be thread-safe. NULL means out of memory; the old block stays valid. `ud` must outlive the host. */
typedef struct sld_allocator {
  void *(*resize)(void *ud, void *ptr, size_t size);
  void *ud;
} sld_allocator;

/* How much a record of the log matters. */
typedef enum sld_log_level {
  SLD_LOG_PRINT = 0, /* a line that a script printed */
  SLD_LOG_INFO,      /* what was found by looking at files, though nobody had told it */
  SLD_LOG_WARNING,   /* a row that was dropped, data that may be wrong */
  SLD_LOG_ERROR      /* a job that failed, a call that failed and whose answer nobody has read */
} sld_log_level;

/* "print", "info", "warning", "error"; "?" for an unknown value. Static. */
SLD_API const char *sld_log_level_name(sld_log_level level);

/* One thing to tell. Everything is borrowed for the call of the sink. */
typedef struct sld_log_record {
  sld_log_level level;
  const char *pair;    /* of the job, "ACCOUNT" where all pairs trade one; "" where it is of no job */
  size_t ordinal;      /* of the job in the parameter grid, else 0 */
  const char *message; /* [size] one line without its end and without a terminator: "file:line:column: words" where it has a place */
  size_t size;
} sld_log_record;

/* What a host would rather be told than ask for. `write` is called by the thread that is inside a function of the library, before that function
 * returns, and by no other: in sld_market_load, sld_market_load_with and sld_import_commit for each note of the report, once it has gone well; in the
 * sld_run_wait that finishes a run for each job, in the order of the result, its lines and then its error; in sld_tasks_free. The records and their order
 * are the same for any number of workers. It must not call the host or anything of it, and must not jump. */
typedef struct sld_log {
  void (*write)(void *ud, const sld_log_record *record); /* NULL: nothing is told */
  void *ud;
} sld_log;

typedef struct sld_host sld_host;

typedef struct sld_host_options {
  size_t size;             /* sizeof(sld_host_options) */
  int workers;             /* 0: as many as the affinity mask and the cgroup quota allow; 1..1024 otherwise. In Lua and at the command: left out */
  sld_allocator allocator; /* {NULL, NULL}: malloc and free */
  const char *engine_dir;  /* where the engines (sliders_engine_*.so) and sliders-worker are; NULL: beside libsliders, in `sliders` there, then $SLIDERS_ENGINE_PATH */
  sld_log log;             /* {NULL, NULL}: none */
} sld_host_options;

#define SLD_HOST_OPTIONS_INIT { sizeof(sld_host_options), 0, { NULL, NULL }, NULL, { NULL, NULL } }

/* Opens a host: a pool of parked workers; engines are opened when they are first asked for. `options` may be NULL. EINVAL: workers out of range; ENOMEM,
 * also where the system gives no more threads. */
SLD_API sld_status sld_host_open(sld_host **out, const sld_host_options *options, sld_error *err);

/* Joins the workers and frees the host. EBUSY, and nothing happens, while a market, strategy, run, import or work of it is open. NULL is fine. */
SLD_API sld_status sld_host_close(sld_host *host, sld_error *err);

/* Number of workers, >= 1. */
SLD_API int sld_host_workers(const sld_host *host);

/* Whether engine `vm` ("luajit" or "lua54") can be opened here; it then is. NULL: whether either can. EVM says why not; EINVAL: no such engine. */
SLD_API sld_status sld_host_probe(sld_host *host, const char *vm, sld_error *err);

/* ---- Hosts that bring something of their own (experimental) ------------------------------------------------------- */

/* Uses an engine that the program itself links, in place of the plug-in of that name. `entry` is sliders_engine_v1 of core/vm/lua, compiled
 * against the program's own VM, cast to this type. EINVAL: an engine of another version of sliders, or of no known name; EBUSY: something of the
 * host is open, or the engine of that name is. */
SLD_API SLD_EXPERIMENTAL sld_status sld_host_add_engine(sld_host *host, const void *(*entry)(void), sld_error *err);

/* A function that strategies call as sliders.host.NAME(x1, ..., xn). `call` gets args[args], NaN among them, and answers a number. It is called by
 * several workers at once, must depend on its arguments alone (or equal runs will not be equal), and must neither jump nor block. */
typedef struct sld_function {
  size_t size;         /* sizeof(sld_function) */
  const char *name;    /* letters, digits and _, at most 31; copied */
  int args;            /* 0..16 */
  double (*call)(void *ud, const double *args);
  void *ud;            /* must outlive the host */
  const char *version; /* which one of that name it is: part of a run's key; copied. NULL: "" */
} sld_function;

#define SLD_FUNCTION_INIT { sizeof(sld_function), NULL, 0, NULL, NULL, NULL }

/* An indicator that strategies call as sliders.host.NAME(column, ..., option, ...) in init and signal. `opt` holds the options of the call.
 * `step` computes the next n rows and may be called with any n, by several workers at once; the rows must not depend on how they are split,
 * and a row not on those behind it. NaN in and out means undefined. */
typedef struct sld_indicator {
  size_t size;         /* sizeof(sld_indicator) */
  const char *name;    /* as of functions, which share their names */
  int inputs;          /* 1..3 columns */
  int outputs;         /* 1..3 columns */
  int options;         /* 0..4 numbers, none of them NaN */
  size_t (*lookback)(const double *opt);                 /* leading rows without a value; NULL: none */
  size_t (*state_count)(const double *opt);              /* doubles of state, 16,777,216 at most; NULL: none */
  sld_status (*check)(const double *opt, sld_error *err); /* ERANGE with a message (and nothing else in `err`) where options are no good; NULL: all are */
  /* state[state_count], zeroed before the first row; in[inputs] of [n]; out[outputs] of [n], which overlap nothing */
  void (*step)(double *state, const double *opt, size_t n, const double *const *in, double *const *out);
  const char *version; /* as of functions */
} sld_indicator;

#define SLD_INDICATOR_INIT { sizeof(sld_indicator), NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL }

/* Adds a word for the strategies of this host. EINVAL, with the field ("function.name") in `file`; EBUSY: something of the host is open; ENOMEM. */
SLD_API SLD_EXPERIMENTAL sld_status sld_host_add_function(sld_host *host, const sld_function *function, sld_error *err);
SLD_API SLD_EXPERIMENTAL sld_status sld_host_add_indicator(sld_host *host, const sld_indicator *indicator, sld_error *err);

/* ---- Markets ---------------------------------------------------------------------------------------------------- */

/* At which side of the quote a pair's prices stand. BOTH: open, high, low and close are bids, and asks stand beside them. */
typedef enum sld_side { SLD_BID = 0, SLD_MID = 1, SLD_BOTH = 2 } sld_side;

/* "bid", "mid", "both"; static. */
SLD_API const char *sld_side_name(sld_side side);

/* An instrument. Prices are in `quote` per one unit of `base`. */
typedef struct sld_instrument {
  char pair[16];   /* "EURUSD": this and the next two have at least 2 capital letters, digits, '.', '_' or '-', the last three not first */
  char base[8];    /* "EUR" */
  char quote[8];   /* "USD" */
  int digits;      /* decimals of a quoted price; a point is 10^-digits */
  double pip;      /* price of one pip: 0.0001, or 0.01 for JPY quotes */
  double lot;      /* units of base in one lot */
  double min_size; /* smallest order in units */
  double step;     /* order sizes are multiples of this many units */
  double leverage; /* largest notional over equity; 0: the run's alone */
  double swap_long, swap_short; /* what a lot earns a night, long and short, in points; costs are below 0 */
  bool has_swap;   /* whether they are known */
  int triple_day;  /* weekday whose rollover counts three days, 1 Monday to 5 Friday; 0: Wednesday, or Thursday where spot settles after one day */
} sld_instrument;

/* Bytes of a source's name, the terminator included; longer ones are cut. */
#define SLD_SOURCE_SIZE 48

typedef struct sld_pair_info {
  sld_instrument instrument;
  size_t bars;
  int64_t first_time; /* open of the first bar */
  int64_t last_time;  /* open of the last bar */
  int64_t period_ns;  /* length of a bar; 0: ticks */
  sld_side side;
  bool one_price;     /* open = high = low = close, as in fixings and ticks */
  bool date_only;     /* stamped by date, without a time of day */
  bool ticks;         /* quotes, known at their own time; several may have the same, and then come in their order */
  bool side_assumed;  /* the data do not say their side: bars were taken for bids, columns of rates for mids */
  char source[SLD_SOURCE_SIZE]; /* where the data come from, for people: what a description says, or the dialect; "": not known */
  bool floating;      /* the clock of its times is not known: they are taken as they stand, as if they were UTC */
} sld_pair_info;

/* Columns of one pair in the caller's memory. */
typedef struct sld_bars {
  const char *pair;     /* "EURUSD"; a known instrument, unless `instrument` describes it */
  size_t count;         /* >= 1 */
  const int64_t *time;  /* [count] opens, strictly increasing; of ticks never decreasing */
  const double *open;   /* [count] > 0; NULL: one-price data, all four are `close` */
  const double *high;   /* [count]; NULL exactly where open is */
  const double *low;    /* [count]; NULL exactly where open is */
  const double *close;  /* [count] > 0 */
  const double *volume; /* [count], or NULL: none */
  int64_t period_ns;    /* > 0, or 0: the most frequent distance between opens; 0 for ticks */
  sld_side side;
  const sld_instrument *instrument; /* called `pair`; NULL: the known one of that name */
  const double *ask_open;  /* [count]; these three NULL exactly where open is, or the side is not SLD_BOTH */
  const double *ask_high;
  const double *ask_low;
  const double *ask_close; /* [count] >= close; NULL exactly where the side is not SLD_BOTH */
  bool ticks;              /* quotes instead of bars: open is NULL, period_ns 0 */
  void (*release)(void *ud); /* NULL: the columns are copied. Else they are borrowed; see sld_market_add */
  void *release_ud;
} sld_bars;

/* Where the days of a time frame end: at 17:00 New York, at midnight UTC, or at midnight of the source's own clock, which a zone names. Bars within
 * the day, weeks and months follow: docs/data.md. */
typedef enum sld_day { SLD_DAY_NEW_YORK = 0, SLD_DAY_UTC = 1, SLD_DAY_SOURCE = 2 } sld_day;

typedef struct sld_market sld_market;

/* Makes an empty market. ENOMEM. */
SLD_API sld_status sld_market_new(sld_market **out, sld_host *host, sld_error *err);

/* After every run on it, and every market that was made of it. NULL is fine. */
SLD_API void sld_market_free(sld_market *market);

/* Loads a file or folder: text of any dialect, plain or in .gz or .zip, ticks in .bi5, a column store, or a folder of them (docs/data.md).
 * EINVAL: no path; EIO, EPARSE (file:line:column), ENAME (a column that names no known pair), EVALUE (a pair loaded twice), EBUSY (a run or another market
 * reads this one). On failure nothing of this path is added. */
SLD_API sld_status sld_market_load(sld_market *market, const char *path, sld_error *err);

/* Reads instruments from a JSON file: new ones, and other numbers for built-in ones (docs/data.md). They hold for what is loaded afterwards.
 * EIO; EPARSE, ENAME, ERANGE with file, line and column; EVALUE: a pair is loaded already; EBUSY. On failure nothing changes. */
SLD_API sld_status sld_market_load_instruments(sld_market *market, const char *path, sld_error *err);

/* Reads short rates by currency, in percent a year, for rollovers and for strategies (docs/data.md). EIO; EPARSE, ENAME (no such currency), EVALUE
 * (a currency that is there already, a number that is no rate) with file, line and column; EBUSY. On failure nothing is added. */
SLD_API sld_status sld_market_load_rates(sld_market *market, const char *path, sld_error *err);

/* The short rate of a currency ("USD") that was published by `time`, in percent a year; NaN: none. */
SLD_API double sld_market_rate(const sld_market *market, const char *currency, int64_t time);

/* What a caller knows about files that their text does not say. An option goes before the description beside a file (docs/data.md), and that before
 * what is found by looking at the text. They hold for every file of a path. */
typedef enum sld_day_order { SLD_DAY_UNTOLD = 0, SLD_DAY_FIRST, SLD_MONTH_FIRST } sld_day_order;
typedef enum sld_row_order { SLD_ROWS_UNTOLD = 0, SLD_OLDEST_FIRST, SLD_NEWEST_FIRST } sld_row_order;

typedef struct sld_load_options {
  size_t size;             /* sizeof(sld_load_options) */
  const char *dialect;     /* a name of sld_dialect_at; NULL: found */
  const char *zone;        /* the clock of times that bear no offset: "UTC", "+05:30", "America/New_York", "EET-NY" (Eastern European time, summer
                              time by New York's dates), "floating" (unknown: taken as they stand); NULL: the dialect's */
  const char *side;        /* "bid" or "mid"; NULL: the dialect's */
  const char *pair;        /* which instrument a file of bars or ticks is; NULL: by its text or name */
  const char *ask;         /* another file, which holds the asks for the bids of this one: joined where the times are equal */
  const char *date;        /* "2014-05-08", for times that count from midnight; NULL: in the file's name */
  double scale;            /* written prices are divided by it (100000 for points); 0: found */
  sld_day_order day_order; /* whether 03/01/2012 is a day of January or of March */
  bool lenient;            /* rows that would be refused are dropped, and each is told of in the report */
  sld_row_order row_order; /* of bars and ticks; UNTOLD: the dialect's. Rates may run either way */
} sld_load_options;

#define SLD_LOAD_OPTIONS_INIT { sizeof(sld_load_options), NULL, NULL, NULL, NULL, NULL, NULL, 0.0, SLD_DAY_UNTOLD, false, SLD_ROWS_UNTOLD }

/* A form of data files. Static. */
typedef struct sld_dialect {
  const char *name;  /* "histdata", "mt5_ticks" */
  const char *about; /* one sentence */
  const char *zone;  /* the clock that is assumed where none is told */
} sld_dialect;

/* The dialects in the order in which they are tried; NULL past the end. */
SLD_API const sld_dialect *sld_dialect_at(size_t i);

/* How one file was read, or one member of an archive ("eurusd.zip:eurusd.csv"). */
typedef struct sld_load_source {
  const char *file;
  const char *dialect;
  const char *zone;
  const char *pair;   /* "" where a file has several */
  double scale;       /* 1: prices as written */
  size_t rows;        /* rows that were taken */
  size_t dropped;     /* rows that were not (lenient) */
  int64_t first_time; /* of the rows that were taken, where they are of one pair; else 0 */
  int64_t last_time;  /* likewise */
  int64_t period_ns;  /* of its bars, where they are of one pair; 0: ticks, or too few rows to tell */
  int64_t first_line; /* of the first row of the text, taken or dropped, from 1; the others follow line by line. 0: they do not */
  const char *idle;   /* what was told of the file and had no effect on it: names of options with blanks between them, "zone date"; "": nothing */
  bool asks;          /* the file holds the asks for the bids of another */
} sld_load_source;

typedef enum sld_note_kind {
  SLD_NOTE_DROPPED = 0, /* a row that was left out, and why */
  SLD_NOTE_FOUND,       /* what was found by looking at the text, though nobody had told it */
  SLD_NOTE_WARNING      /* what may be wrong although it can be read */
} sld_note_kind;

/* "dropped", "found", "warning"; static. */
SLD_API const char *sld_note_kind_name(sld_note_kind kind);

typedef struct sld_load_note {
  sld_note_kind kind;
  const char *file;
  int64_t line;    /* 1-based; 0 where it does not apply */
  int64_t column;  /* 1-based byte of the line; 0 where it does not apply */
  const char *message;
} sld_load_note;

/* What a loading has to tell beside its data: sources and notes in the order of files and lines, whatever the number of workers. */
typedef struct sld_load_report sld_load_report;

/* As sld_market_load, with options (NULL: none) and a report (out may be NULL), which is written only on SLD_OK.
 * EINVAL, ENAME with the option's path in `file` ("options.zone"). Files and parts of files are read by the host's workers at once; result, report and
 * errors are the same for any number of them. */
SLD_API sld_status sld_market_load_with(sld_market *market, const char *path, const sld_load_options *options, sld_load_report **out, sld_error *err);

/* The same of paths[count], count >= 1, as if the files of all lay in one folder in this order: those of one pair and period are joined. On failure nothing
 * of any of them is added. EINVAL: there is none. */
SLD_API sld_status sld_market_load_paths(sld_market *market, const char *const *paths, size_t count, const sld_load_options *options, sld_load_report **out, sld_error *err);

/* In the order of files and, in a file, of lines; `at` is NULL past the end. */
SLD_API size_t sld_load_report_source_count(const sld_load_report *report);
SLD_API const sld_load_source *sld_load_report_source_at(const sld_load_report *report, size_t i);
SLD_API size_t sld_load_report_note_count(const sld_load_report *report);
SLD_API const sld_load_note *sld_load_report_note_at(const sld_load_report *report, size_t i);

/* Before its host is closed. NULL is fine. */
SLD_API void sld_load_report_free(sld_load_report *report);

/* Adds one pair of the caller's columns. Errors as sld_market_load, with the argument path in `file` ("bars.close[17]").
 * Without `release` the columns are copied. With it they are read where they are, by all workers: they must neither change nor move until
 * `release` is called, once, when the market is freed, on the thread that frees it. On failure it is not called. Instrument and name are
 * always copied. */
SLD_API sld_status sld_market_add(sld_market *market, const sld_bars *bars, sld_error *err);

/* Writes every pair as a column store below folder `path`: one folder per pair and period, a .npy file per column, a JSON description. What is stored there
 * of other pairs stays. EINVAL: no path; EIO: the store is as it was, or has some of the pairs whole. */
SLD_API sld_status sld_market_save(const sld_market *market, const char *path, sld_error *err);

/* ---- Stores (experimental) -------------------------------------------------------------------------------------- */

/* Files on their way into a column store: what they hold is joined by pair and period, with each other and with what is stored, and then stored at once.
 * Find, read in steps, commit. Importing the same once more changes nothing. */
typedef struct sld_import sld_import;

typedef struct sld_import_options {
  size_t size;                  /* sizeof(sld_import_options) */
  const sld_load_options *load; /* of all files; NULL: nothing is told */
  const char *instruments;      /* a file of declarations; NULL: none */
  const char *timeframe;        /* store bars of this frame, made of what the files hold; NULL: as they are */
  sld_day day;                  /* where its days end */
  const char *day_zone;         /* of SLD_DAY_SOURCE; NULL otherwise */
} sld_import_options;

#define SLD_IMPORT_OPTIONS_INIT { sizeof(sld_import_options), NULL, NULL, NULL, SLD_DAY_NEW_YORK, NULL }

/* A pair and period as it is in the store after the commit. */
typedef struct sld_import_series {
  sld_pair_info info;
  size_t added;       /* rows that were not there before */
} sld_import_series;

/* Opens an import into folder `store`. Options are copied. EINVAL, ENAME with the option's path; EIO; ENOMEM. */
SLD_API SLD_EXPERIMENTAL sld_status sld_import_open(sld_import **out, sld_host *host, const char *store, const sld_import_options *options, sld_error *err);

/* Adds the files that a path stands for, as sld_market_load reads them. EIO; EPARSE: there are none. */
SLD_API SLD_EXPERIMENTAL sld_status sld_import_find(sld_import *import, const char *path, sld_error *err);

/* How many files were found, and how many of them are read (`read` may be NULL). */
SLD_API SLD_EXPERIMENTAL size_t sld_import_files(const sld_import *import, size_t *read);

/* Reads at most `count` more files, by the host's workers at once. Errors as sld_market_load; then the import is of no more use. */
SLD_API SLD_EXPERIMENTAL sld_status sld_import_read(sld_import *import, size_t count, sld_error *err);

/* Joins and stores, once, when all files are read. EVALUE: a file has other values for a time than another, or than the store: file and line of the one, and
 * the other in the message; EINVAL: files are not read, or bars that do not fit the time frame; EIO. On failure the store is as it was. */
SLD_API SLD_EXPERIMENTAL sld_status sld_import_commit(sld_import *import, sld_error *err);

/* What there is to tell of the files that were read; borrowed. */
SLD_API SLD_EXPERIMENTAL const sld_load_report *sld_import_report(const sld_import *import);

/* What was stored, after the commit; NULL past the end. */
SLD_API SLD_EXPERIMENTAL const sld_import_series *sld_import_series_at(const sld_import *import, size_t i);

/* Before its host is closed. NULL is fine. */
SLD_API SLD_EXPERIMENTAL void sld_import_free(sld_import *import);

/* ---- Time frames ------------------------------------------------------------------------------------------------ */

/* How bars are put together. */
typedef struct sld_resample_options {
  size_t size;              /* sizeof(sld_resample_options) */
  const char *timeframe;    /* "5m", "4h", "1d", "1w", "1mo" */
  sld_day day;              /* where days end */
  const char *day_zone;     /* of SLD_DAY_SOURCE: "Europe/Athens"; NULL otherwise */
  const char *const *pairs; /* [pair_count]; NULL: all */
  size_t pair_count;
} sld_resample_options;

#define SLD_RESAMPLE_OPTIONS_INIT { sizeof(sld_resample_options), NULL, SLD_DAY_NEW_YORK, NULL, NULL, 0 }

/* Makes a market that holds each pair once, in one time frame: bars of that frame as `market` has them, or made of the pair's longest shorter bars or
 * ticks that fit. `market` must outlive it, and cannot change before it is freed.
 * EINVAL: no time frame; bars that are longer or do not fit, in words that name pair and time. ENAME: no such pair or zone. */
SLD_API sld_status sld_market_resample(sld_market **out, sld_market *market, const sld_resample_options *options, sld_error *err);

/* The longest that a bar of a time frame is, in ns: of "1mo" 31 days. EINVAL: no time frame. */
SLD_API sld_status sld_timeframe_parse(int64_t *period_ns, const char *text, sld_error *err);

/* "1h", "1d", "1w", "1mo", "ticks" for 0: the name of a period, to buf of at least 24 bytes. Returns the length. */
SLD_API size_t sld_timeframe_format(int64_t period_ns, char *buf, size_t size);

/* ---- What a market holds ---------------------------------------------------------------------------------------- */

/* Pairs by name, and of one pair the shorter bars first. `at` is NULL past the end. */
SLD_API size_t sld_market_pair_count(const sld_market *market);
SLD_API const sld_pair_info *sld_market_pair_at(const sld_market *market, size_t i);

/* The columns of pair i as they lie there, borrowed until the market is freed; of one-price data all four prices are one column. False past the end. */
SLD_API bool sld_market_bars(const sld_market *market, size_t i, sld_bars *out);

/* Writes series i as text: `path` with a header, ISO times in UTC and the shortest numbers that read back equal, and beside it NAME.json, which says
 * what the text does not. Both together read back as the same series. Files appear whole or not at all, in a folder that is made where missing. ENAME: no
 * such series; EINVAL: no path, or one that does not end in .csv; EIO. */
SLD_API sld_status sld_market_write_csv(const sld_market *market, size_t i, const char *path, sld_error *err);

/* Writes a NumPy file per column of series i into folder `dir`, made where missing: time.npy (int64, ns UTC), open.npy and so on (float64). ENAME; EIO. */
SLD_API sld_status sld_market_write_npy(const sld_market *market, size_t i, const char *dir, sld_error *err);

/* ---- Checks of data (experimental) ------------------------------------------------------------------------------ */

/* What may be wrong with data although every row is possible: docs/data.md says when. */
typedef enum sld_finding_kind { SLD_FINDING_GAP = 0, SLD_FINDING_CLOSED, SLD_FINDING_SPIKE, SLD_FINDING_PERIOD, SLD_FINDING_CLOCK, SLD_FINDING_ZONE, SLD_FINDING_PAUSE } sld_finding_kind;

/* "gap", "closed", "spike", "period", "clock", "zone", "pause"; static. */
SLD_API SLD_EXPERIMENTAL const char *sld_finding_kind_name(sld_finding_kind kind);

typedef struct sld_finding {
  sld_finding_kind kind;
  size_t row;        /* index of the first row concerned; of a gap or pause the row behind it */
  int64_t time;      /* of that row; of a gap or pause where it begins */
  int64_t until;     /* of a gap or pause where it ends; else the same */
  int64_t open_ns;   /* of a gap or pause: for how long the market was open */
  char message[192]; /* in words, without row and time */
} sld_finding;

typedef struct sld_check_summary {
  int64_t open_ns;     /* for how long the market was open between the first and the last row */
  int64_t missing_ns;  /* how much of that has no row, pauses apart */
  int64_t pause_ns;    /* how much of it has no row and is not expected to: docs/data.md */
  size_t gaps;         /* that are told of one by one */
  size_t small_gaps;   /* holes that are not */
  size_t pauses;       /* holes that are explained by pauses; a finding each */
  size_t closed_rows;  /* rows while the market is closed */
} sld_check_summary;

typedef struct sld_check sld_check;

/* Looks through series i. `gap_ns`: holes of more open time are told of one by one; 0: of more than one bar and an hour. ENAME: no such series, no time
 * zone files; EINVAL: gap_ns below 0. */
SLD_API SLD_EXPERIMENTAL sld_status sld_market_check(sld_check **out, const sld_market *market, size_t i, int64_t gap_ns, sld_error *err);

/* Findings in order of rows; NULL past the end. */
SLD_API SLD_EXPERIMENTAL size_t sld_check_count(const sld_check *check);
SLD_API SLD_EXPERIMENTAL const sld_finding *sld_check_at(const sld_check *check, size_t i);
SLD_API SLD_EXPERIMENTAL const sld_check_summary *sld_check_summary_of(const sld_check *check);

/* Before its host is closed. NULL is fine. */
SLD_API SLD_EXPERIMENTAL void sld_check_free(sld_check *check);

/* ---- Strategies ------------------------------------------------------------------------------------------------- */

typedef enum sld_kind { SLD_INT = 0, SLD_NUMBER = 1, SLD_BOOL = 2, SLD_CHOICE = 3 } sld_kind;

/* A declared parameter, in order of declaration. Numbers of kind BOOL are 0 and 1; of CHOICE the index into `choices`. */
typedef struct sld_param {
  const char *name;
  sld_kind kind;
  double initial; /* the default */
  double min;     /* INT and NUMBER: inclusive range */
  double max;
  double step;    /* 0: none given */
  const char *const *choices; /* [choice_count] for CHOICE, else NULL */
  size_t choice_count;
  const char *label; /* "" where none was given */
} sld_param;

/* Whether each pair trades a sleeve of its own, or all pairs of a job one account; docs/portfolio.md. */
typedef enum sld_account { SLD_ACCOUNT_STRATEGY = 0, SLD_SPLIT, SLD_SHARED } sld_account;

typedef struct sld_strategy sld_strategy;

/* Reads a strategy file (and the modules beside it that it requires) and describes it.
 *   vm  "luajit", "lua54", or NULL: LuaJIT where it can be opened
 * EIO; ESCRIPT with file, line and traceback; EVM; EINVAL with the did-you-mean of a misspelt field; ELIMIT: the file itself needs too much, as the
 * defaults of sld_strategy_options say. */
SLD_API sld_status sld_strategy_open(sld_strategy **out, sld_host *host, const char *path, const char *vm, sld_error *err);

/* The same from text; `name` stands for the file in messages. Modules are then not available. */
SLD_API sld_status sld_strategy_open_text(sld_strategy **out, sld_host *host, const char *name, const char *text, size_t size, const char *vm, sld_error *err);

/* Where jobs run: on the threads of the host, or each worker's in a process of its own, where a crash or a kill costs the running job alone;
 * docs/safety.md. The host's workers start those processes and wait for them, and for no others. */
typedef enum sld_isolation { SLD_ISOLATION_THREAD = 0, SLD_ISOLATION_PROCESS } sld_isolation;

typedef struct sld_strategy_options {
  size_t size;      /* sizeof(sld_strategy_options) */
  const char *vm;   /* as sld_strategy_open */
  const char *text; /* [text_size] the strategy, for which `path` then stands in messages, and which has no modules; NULL: it is read from `path` */
  size_t text_size;
  bool trusted;     /* no sandbox: files, processes, C through `ffi`, all that the engine has. Such a script can end the program that it runs in, and
                       equal runs may differ; its key is another one (docs/safety.md) */
  sld_isolation isolation; /* where its text runs to say what it declares; runs have an option of their own */
  size_t limit_memory;       /* of the file itself, outside its hooks; 0: no limit. Bytes of its Lua state; default 1 GiB */
  size_t limit_instructions; /* likewise, and of `valid` on the caller's thread, where a run has no limit of its own; counted in thousands; default 1,000,000,000 */
} sld_strategy_options;

#define SLD_STRATEGY_OPTIONS_INIT { sizeof(sld_strategy_options), NULL, NULL, 0, false, SLD_ISOLATION_THREAD, (size_t)1 << 30, 1000000000 }

/* The same with options (NULL: none). Errors as sld_strategy_open; EINVAL with the option's path in `file`. With SLD_ISOLATION_PROCESS also ECRASH, and ELIMIT
 * where it takes longer than a call of a hook may by default; EINVAL and EVM as sld_run_start. */
SLD_API sld_status sld_strategy_open_with(sld_strategy **out, sld_host *host, const char *path, const sld_strategy_options *options, sld_error *err);

/* After every run of it. NULL is fine. */
SLD_API void sld_strategy_free(sld_strategy *strategy);

SLD_API const char *sld_strategy_name(const sld_strategy *strategy);        /* file name without folder and ".lua" */
SLD_API const char *sld_strategy_about(const sld_strategy *strategy);       /* its `about` field: one sentence, or "" */
SLD_API const char *sld_strategy_vm(const sld_strategy *strategy);          /* "luajit" or "lua54" */
SLD_API const char *sld_strategy_source(const sld_strategy *strategy);      /* the text as read */
SLD_API bool sld_strategy_trusted(const sld_strategy *strategy);            /* opened without a sandbox */
SLD_API bool sld_strategy_has(const sld_strategy *strategy, const char *hook); /* "init", "bar", "signal", "done", "valid", "allocate"; false for others */
/* The account of its runs unless the options say otherwise: SLD_SHARED where it declares that, names pairs or allocates, else SLD_SPLIT. */
SLD_API sld_account sld_strategy_account(const sld_strategy *strategy);
/* Pairs that one instance trades together, by name; none: any, each on its own. `at` is NULL past the end. */
SLD_API size_t sld_strategy_pair_count(const sld_strategy *strategy);
SLD_API const char *sld_strategy_pair_at(const sld_strategy *strategy, size_t i);
SLD_API size_t sld_strategy_param_count(const sld_strategy *strategy);
SLD_API const sld_param *sld_strategy_param_at(const sld_strategy *strategy, size_t i);

/* ---- Runs ------------------------------------------------------------------------------------------------------- */

/* A parameter's value as text, as from a command line: "20", "0.5", "true", or one of the choices. */
typedef struct sld_setting {
  const char *name;
  const char *value;
} sld_setting;

/* One axis of a parameter grid. Ordinals count the last axis fastest. */
typedef struct sld_axis {
  const char *name;
  const double *values; /* [count], as sld_param.initial counts them */
  size_t count;         /* >= 1 */
} sld_axis;

/* Fill modes: presets over the axes below; docs/fills.md. */
typedef enum sld_fill { SLD_FILL_NEXT_OPEN = 0, SLD_FILL_CLOSE = 1, SLD_FILL_TRADINGVIEW = 2, SLD_FILL_BACKTESTING_PY = 3 } sld_fill;

/* Axes of a fill mode. 0: as the preset says. */
typedef enum sld_fill_at { SLD_AT_PRESET = 0, SLD_AT_NEXT_OPEN, SLD_AT_CLOSE } sld_fill_at;
typedef enum sld_path { SLD_PATH_PRESET = 0, SLD_PATH_PESSIMISTIC, SLD_PATH_TRADINGVIEW, SLD_PATH_BACKTESTING_PY } sld_path;
typedef enum sld_quotes { SLD_QUOTES_PRESET = 0, SLD_QUOTES_SIDE, SLD_QUOTES_MID } sld_quotes;
typedef enum sld_spread_on { SLD_SPREAD_PRESET = 0, SLD_SPREAD_BOTH, SLD_SPREAD_ENTRY } sld_spread_on;
typedef enum sld_sizing { SLD_SIZING_PRESET = 0, SLD_SIZING_CALL, SLD_SIZING_FILL } sld_sizing;

/* Whether an order closes lots of the other side (first in, first out), or every buy and sell opens a lot. */
typedef enum sld_accounting { SLD_NET = 0, SLD_HEDGE = 1 } sld_accounting;

/* What a position earns or pays over night: nothing, the instrument's swaps in points, or the short rates of its currencies; docs/fills.md. */
typedef enum sld_rollover { SLD_ROLLOVER_NONE = 0, SLD_ROLLOVER_POINTS = 1, SLD_ROLLOVER_RATES = 2 } sld_rollover;

/* "none", "points", "rates"; static. */
SLD_API const char *sld_rollover_name(sld_rollover rollover);

/* How sleeves become a portfolio; docs/portfolio.md. */
typedef enum sld_weights { SLD_SUM = 0, SLD_EQUAL = 1, SLD_INVERSE_VOL = 2, SLD_VOL_TARGET = 3 } sld_weights;

/* "sum", "equal", "inverse_vol", "vol_target"; static. */
SLD_API const char *sld_weights_name(sld_weights weights);

/* As which side a run takes prices. BID and MID: data that do not say their side; BID also the bids of data of both. BOTH insists on bid and ask. */
typedef enum sld_side_option { SLD_SIDE_OF_DATA = 0, SLD_SIDE_BID, SLD_SIDE_MID, SLD_SIDE_BOTH } sld_side_option;

/* What a run keeps of each job beside its figures. Several may be joined by |. */
enum { SLD_KEEP_EQUITY = 1, SLD_KEEP_LEDGER = 2, SLD_KEEP_ALL = 3 };

#define SLD_TIME_MIN INT64_MIN
#define SLD_TIME_MAX INT64_MAX

typedef struct sld_run_options {
  size_t size;                   /* sizeof(sld_run_options) */
  const char *const *pairs;      /* [pair_count]; NULL: every pair of the market */
  size_t pair_count;
  const sld_setting *settings;   /* [setting_count] parameters that differ from their defaults */
  size_t setting_count;
  const sld_axis *axes;          /* [axis_count]; a grid has prod(count) parameter sets. 0 axes: one set */
  size_t axis_count;
  int64_t from;                  /* trading and figures start at the first bar that opens at or after; earlier bars warm up */
  int64_t to;                    /* bars that open after are not seen */
  bool cold;                     /* hide the bars before `from` */
  double capital;                /* > 0, total over all pairs; default 100,000 */
  const char *currency;          /* account currency, default "USD" */
  double spread_pips;            /* >= 0, full bid-ask spread */
  double slippage_pips;          /* >= 0, per market and stop fill */
  double commission_frac;        /* >= 0, of notional, per side */
  double commission_per_lot;     /* >= 0, account currency, per side */
  double leverage;               /* > 0, default 30 */
  sld_fill fill;
  sld_weights weights;
  double vol_target;             /* annual, for SLD_VOL_TARGET; default 0.10 */
  double max_leverage;           /* cap of SLD_VOL_TARGET's gross exposure; default 5 */
  double periods_per_year;       /* annualisation; 0, the default: 260, where all bars are longer than a day as many as a year has of the shortest
                                    (52 weeks, 12 months) */
  int keep;                      /* SLD_KEEP_*; default SLD_KEEP_ALL */
  bool close_at_end;             /* close open trades on the last bar with costs; default: mark them */
  sld_fill_at fill_at;           /* these five: an axis that differs from the preset `fill` */
  sld_path path;
  sld_quotes quotes;
  sld_spread_on spread_on;
  sld_sizing sizing;
  sld_accounting accounting;
  int pyramiding;                /* most lots on one side; 0: no limit (path tradingview: 1) */
  double spread_frac;            /* >= 0, full spread as a fraction of the price; above 0 only with spread_on entry */
  double commission_per_order;   /* >= 0, account currency, per fill */
  sld_rollover rollover;
  double rollover_markup;        /* percent a year, >= 0, taken from the rate that a position earns; with SLD_ROLLOVER_RATES */
  const char *timeframe;         /* bars of this frame, as the market has them or made of shorter ones (sld_market_resample); "ticks": those; NULL: as
                                    loaded, and then no traded pair may be there in several periods */
  sld_day day;                   /* where its days end */
  const char *day_zone;          /* of SLD_DAY_SOURCE; NULL otherwise */
  sld_account account;           /* 0: as the strategy declares, else split. Shared: one job a parameter set, over all pairs */
  sld_side_option side;          /* of the traded pairs */
  double margin_call;            /* > 0: an order that opens must leave equity of at least so many times the margin; default 1 */
  double stop_out;               /* below so many times the margin positions are closed, the largest loss first; 0: never. At most margin_call.
                                    Below 0 (default): 0.5, but never with paths tradingview and backtesting_py */
  size_t limit_memory;           /* these: what one job may use, 0: no limit; docs/safety.md. Bytes of its Lua state, with what the engine has not
                                    collected yet; default 1 GiB */
  size_t limit_records;          /* orders, closed trades and rollovers; default 10,000,000 */
  size_t limit_log;              /* bytes of what it prints: later lines are left out, and the job goes on; default 1 MiB */
  double limit_bar_s;            /* seconds of one call of a hook; looked at between bars; default 10 */
  double limit_job_s;            /* seconds of the job, likewise; default 0 */
  size_t limit_instructions;     /* of Lua, counted in thousands; while there is such a limit, the times are looked at within a bar too, nothing is
                                    compiled, and Lua 5.4 takes nearly twice as long; default 0 */
  sld_isolation isolation;       /* changes no byte of a result. PROCESS: EINVAL where the host has an engine or words of the program's own, EVM where
                                    sliders-worker is not beside the engines, EIO */
} sld_run_options;

#define SLD_RUN_OPTIONS_INIT                                                                                            \
  { sizeof(sld_run_options), NULL, 0, NULL, 0, NULL, 0, SLD_TIME_MIN, SLD_TIME_MAX, false, 100000.0, "USD", 0.0, 0.0,   \
    0.0, 0.0, 30.0, SLD_FILL_NEXT_OPEN, SLD_SUM, 0.10, 5.0, 0.0, SLD_KEEP_ALL, false, SLD_AT_PRESET, SLD_PATH_PRESET,   \
    SLD_QUOTES_PRESET, SLD_SPREAD_PRESET, SLD_SIZING_PRESET, SLD_NET, 0, 0.0, 0.0, SLD_ROLLOVER_NONE, 0.0, NULL,             \
    SLD_DAY_NEW_YORK, NULL, SLD_ACCOUNT_STRATEGY, SLD_SIDE_OF_DATA, 1.0, -1.0, (size_t)1 << 30, 10000000, (size_t)1 << 20, \
    10.0, 0.0, 0, SLD_ISOLATION_THREAD }

/* How far a run is. */
typedef struct sld_progress {
  size_t jobs;   /* all */
  size_t done;   /* finished, failed ones included */
  size_t failed;
  bool finished; /* the result is there */
} sld_progress;

typedef struct sld_run sld_run;
typedef struct sld_result sld_result;

/* Checks the options (NULL: the defaults), plans the jobs and starts them. Returns at once; market and strategy must outlive the run. Several runs of a host
 * may be under way.
 * ENAME: unknown pair or parameter, with a suggestion; ERANGE: a parameter outside its range; EINVAL: an option, or a set that the
 * strategy's `valid` rejects where there is no grid (in a grid such sets are skipped); ERATE: no conversion series; EVALUE: no swaps or short rates
 * for the rollovers of a pair. */
SLD_API sld_status sld_run_start(sld_run **out, sld_host *host, sld_market *market, const sld_strategy *strategy, const sld_run_options *options, sld_error *err);

/* Waits until the run is finished or `timeout_ms` has passed (negative: without limit; 0: only looks), then reports progress to *out, which may be NULL.
 * A failed job is not an error here. ENOMEM of the merge is, and asking once more tries again. */
SLD_API sld_status sld_run_wait(sld_run *run, int timeout_ms, sld_progress *out, sld_error *err);

/* How a job ended, and its name as JSON spells it. */
typedef enum sld_job_state { SLD_JOB_DONE = 0, SLD_JOB_FAILED, SLD_JOB_CANCELLED, SLD_JOB_SKIPPED, SLD_JOB_RUINED } sld_job_state;
SLD_API const char *sld_job_state_name(sld_job_state state);

/* A job that has ended. */
typedef struct sld_event {
  size_t job;          /* index, as sld_result_job_at counts */
  const char *pair;
  size_t ordinal;      /* in the parameter grid */
  sld_job_state state;
} sld_event;

/* Takes the report of a job that has ended, each once, in the order in which they ended, which differs from run to run. False: none at the
 * moment. Once every job has been reported, sld_run_wait finishes at once. One thread may take reports while another waits. */
SLD_API bool sld_run_event(sld_run *run, sld_event *out);

/* A descriptor for poll, libuv, asyncio: readable while there are reports to take. Borrowed: poll it, but never read, write or close it.
 * -1: the system has none to give. Asked for by the thread that takes the reports. */
SLD_API int sld_run_descriptor(sld_run *run);

/* Starts no further job: those that run end by themselves, the others become SLD_JOB_CANCELLED. Does not wait. May be called from any thread. */
SLD_API void sld_run_drain(sld_run *run);

/* The same, and the jobs that run are told to stop between two bars; they become SLD_JOB_CANCELLED too. May be called from any thread. */
SLD_API void sld_run_cancel(sld_run *run);

/* The result, or NULL before sld_run_wait has said that the run is finished. It lives as long as the run. */
SLD_API const sld_result *sld_run_result(const sld_run *run);

/* Cancels what still runs, waits for it, frees the run and its result. NULL is fine. */
SLD_API void sld_run_free(sld_run *run);

/* ---- Results ---------------------------------------------------------------------------------------------------- */

typedef enum sld_order_state { SLD_ORDER_PENDING = 0, SLD_ORDER_FILLED, SLD_ORDER_REJECTED, SLD_ORDER_EXPIRED, SLD_ORDER_CANCELLED } sld_order_state;
typedef enum sld_reason {
  SLD_REASON_NONE = 0, SLD_REASON_MIN_SIZE, SLD_REASON_LEVERAGE, SLD_REASON_END_OF_DATA, SLD_REASON_RUINED, SLD_REASON_STOP_SIDE, SLD_REASON_REPLACED,
  SLD_REASON_PYRAMIDING, SLD_REASON_UNKNOWN_ID, SLD_REASON_NO_POSITION, SLD_REASON_OCA, SLD_REASON_TIME_LIMIT, SLD_REASON_REQUEST
} sld_reason;
typedef enum sld_exit { SLD_EXIT_OPEN = 0, SLD_EXIT_ORDER, SLD_EXIT_STOP_LOSS, SLD_EXIT_TAKE_PROFIT, SLD_EXIT_END_OF_DATA, SLD_EXIT_TRAILING_STOP, SLD_EXIT_STOP_OUT } sld_exit;
typedef enum sld_order_kind {
  SLD_ORDER_TARGET = 0, SLD_ORDER_MARKET, SLD_ORDER_STOP_LOSS, SLD_ORDER_TAKE_PROFIT, SLD_ORDER_END_OF_DATA,
  SLD_ORDER_LIMIT, SLD_ORDER_STOP, SLD_ORDER_STOP_LIMIT, SLD_ORDER_EXIT, SLD_ORDER_CLOSE, SLD_ORDER_TRAILING_STOP, SLD_ORDER_MODIFY, SLD_ORDER_STOP_OUT
} sld_order_kind;

/* What a group does when one of its orders is dealt: cancel the others, or make them smaller by as much. */
typedef enum sld_oca { SLD_OCA_NONE = 0, SLD_OCA_CANCEL, SLD_OCA_REDUCE } sld_oca;

/* In what a size was asked for. */
typedef enum sld_quantity { SLD_UNITS = 0, SLD_LOTS, SLD_FRACTION, SLD_RISK } sld_quantity;

/* Bytes of an order's name or tag, the terminator included. */
#define SLD_NAME_SIZE 32

/* "filled", "min_size", "stop_loss" and so on, as JSON and CSV spell them; static. */
SLD_API const char *sld_order_state_name(sld_order_state state);
SLD_API const char *sld_reason_name(sld_reason reason);
SLD_API const char *sld_exit_name(sld_exit exit);
SLD_API const char *sld_order_kind_name(sld_order_kind kind);
SLD_API const char *sld_oca_name(sld_oca oca);
SLD_API const char *sld_quantity_name(sld_quantity quantity);

/* What most orders do not have: NaN, "" and -1 where it was not given. */
typedef struct sld_order_terms {
  char name[SLD_NAME_SIZE]; /* the script's id */
  char tag[SLD_NAME_SIZE];  /* the script's remark */
  double limit;        /* price */
  double stop;         /* price */
  double trail;        /* price distances */
  double trail_after;
  double trail_step;
  int64_t expires;     /* last bar in which it may be dealt */
  sld_oca oca;         /* of the order's group */
} sld_order_terms;

/* An order, fixed at the call that made it. */
typedef struct sld_order {
  int64_t id;          /* 1, 2, ... in the order of the calls */
  int64_t time;        /* close of the bar that decided */
  int64_t bar;         /* index of that bar in the pair's data */
  int64_t fill_time;   /* open or close of the bar that filled; 0 where not filled */
  int64_t fill_bar;    /* -1 where not filled */
  sld_order_kind kind;
  sld_order_state state;
  sld_reason reason;
  sld_quantity quantity;
  bool reduce_only;
  int64_t parent;      /* id of the order whose trades this one closes (stops, exits, closes of one entry); 0: none */
  int64_t group;       /* id of the first order of its OCA group; 0: none */
  const sld_order_terms *terms; /* NULL: none of them */
  double size;         /* as asked, in `quantity`; NaN for orders that the broker made and exits of all that is left */
  double target;       /* fraction asked of broker:target; NaN for other kinds */
  double units;        /* signed, fixed at the call: what will be bought (+) or sold (-); 0 while it is not known */
  double filled;       /* signed, what was dealt; 0 where not filled */
  double stop_loss;    /* price; NaN: none. With stop_loss_dist: fixed at the fill */
  double take_profit;
  double stop_loss_dist;   /* price distance from the fill; NaN: none */
  double take_profit_dist;
  double price;        /* dealt price with spread and slippage, quote currency; NaN where not filled */
  double reference;    /* price at the data's own side; NaN where not filled */
  double spread_cost;  /* account currency, >= 0 */
  double slippage_cost;
  double commission;
} sld_order;

/* A trade: one lot of position from entry to exit. A partly closed trade leaves one record per part. */
typedef struct sld_trade {
  int64_t entry_order;
  int64_t exit_order;   /* 0 while open */
  int64_t entry_time;
  int64_t exit_time;    /* of the last mark while open */
  int64_t entry_bar;
  int64_t exit_bar;
  sld_exit exit;
  double units;         /* signed */
  double entry_price;   /* dealt */
  double exit_price;    /* dealt; the mark while open */
  double gross;         /* account currency, between reference prices */
  double costs;         /* spread, slippage and commission of this trade's share of both fills, >= 0 */
  double net;           /* gross - costs */
} sld_trade;

/* What a position earned or paid at one 17:00 New York. A hedged one has a record for each side. */
typedef struct sld_rollover_record {
  int64_t time;
  int64_t bar;          /* index of the bar in which it was charged */
  int days;             /* 1, or 3 on the triple day */
  double units;         /* signed, what was held */
  double amount;        /* account currency; costs are below 0 */
} sld_rollover_record;

/* One pair's part of a job that trades several pairs on one account. */
typedef struct sld_book {
  const char *pair;
  const sld_pair_info *data;  /* the bars */
  double costs_spread, costs_slippage, costs_commission, rollover; /* as in sld_job */
  double realised, unrealised;
  size_t order_count, rejected_count, trade_count, open_count;
  const sld_order *orders;    /* [order_count], NULL unless kept. Ids count by pair */
  const sld_trade *trades;    /* [trade_count + open_count] by exit, open ones last; NULL unless kept */
  size_t stop_out_count;      /* trades closed for want of margin */
  size_t rollover_count;
  const sld_rollover_record *rollovers; /* [rollover_count] by time; NULL unless kept */
  size_t bar_count;           /* bars from the first tradable one; 0: the pair was not traded */
} sld_book;

/* What one job left. Pointers are borrowed from the result. */
typedef struct sld_job {
  const char *pair;           /* "ACCOUNT" where all pairs trade one account: then see `books` */
  const sld_pair_info *data;  /* the bars that it ran on; NULL for "ACCOUNT" */
  size_t ordinal;             /* index in the parameter grid */
  sld_job_state state;
  const sld_error *error;     /* NULL unless FAILED or CANCELLED */
  const char *log;            /* what the script printed */
  double capital;             /* of this sleeve */
  double final_equity;
  double costs_spread, costs_slippage, costs_commission, rollover; /* account currency; costs >= 0, rollover signed */
  double realised, unrealised;
  size_t order_count, rejected_count, trade_count, open_count; /* trade_count: closed ones */
  const sld_order *orders;    /* [order_count], NULL unless kept */
  const sld_trade *trades;    /* [trade_count + open_count] by exit, open ones last; NULL unless kept */
  size_t stop_out_count;      /* trades closed for want of margin */
  size_t rollover_count;
  const sld_rollover_record *rollovers; /* [rollover_count] by time; NULL unless kept */
  size_t bar_count;           /* bars from the first tradable one */
  const int64_t *close_time;  /* [bar_count] close of each bar; NULL unless equity is kept */
  const double *equity;       /* [bar_count] at those closes; NULL unless kept */
  const double *figures;      /* [sld_figure_count()] */
  double buy_and_hold;        /* total return of one long position of the sleeve's capital (of equal parts of it in each pair); NaN unless DONE */
  const sld_book *books;      /* [book_count] in order of pair; NULL for a job of one pair. Orders and trades of the job are those of the
                                 books one after the other, and its bars are instants: closes of any pair */
  size_t book_count;
} sld_job;

/* The plate put together. */
typedef struct sld_portfolio {
  bool complete;             /* false: some job failed and is left out */
  const char *rule;          /* "sum", "equal", "inverse_vol", "vol_target", "finmarketpy" or "shared" */
  const char *label;         /* "" or a caveat such as "overlay: no lots, no margin" */
  size_t count;
  const int64_t *time;       /* [count] union clock of closes */
  const double *equity;      /* [count] account currency */
  const double *weights;     /* [count * job_count] row by row for overlays and finmarketpy, NaN: not defined; NULL for sum */
  double capital;
  double costs;              /* all kinds together; overlays: turnover cost */
  const double *figures;     /* [sld_figure_count()] */
  double buy_and_hold;
} sld_portfolio;

/* Jobs in key order: by pair, then ordinal; by ordinal where all pairs trade one account. `at` is NULL past the end. */
SLD_API size_t sld_result_job_count(const sld_result *result);
SLD_API const sld_job *sld_result_job_at(const sld_result *result, size_t i);

/* NULL for a grid of more than one parameter set. */
SLD_API const sld_portfolio *sld_result_portfolio(const sld_result *result);

/* Writes results: one JSON file with sorted keys, or equity.csv, trades.csv, orders.csv and, where the
 * portfolio has weights, weights.csv, and where positions are rolled over, rollover.csv in folder `dir` (made where missing).
 * Times are dates where all pairs are stamped by date, else all with a time of day; short rates are known by date.
 * Equal runs give equal bytes. Files appear whole or not at all. Where jobs failed or were cancelled the JSON's `unfinished` counts them and
 * unfinished.csv lists them; where none did, an unfinished.csv that an earlier run left in `dir` is removed. EINVAL: no path; EIO with path and cause. */
SLD_API sld_status sld_result_write_json(const sld_result *result, const char *path, sld_error *err);
SLD_API sld_status sld_result_write_csv(const sld_result *result, const char *dir, sld_error *err);

/* Whether sld_result_write_json could write `path` now, and sld_result_write_csv in `dir`: before a long run. What is there stays as it is, and nothing is
 * left behind. EIO as there; a disk may still fill up meanwhile. */
SLD_API sld_status sld_json_check(const char *path, sld_error *err);
SLD_API sld_status sld_csv_check(const char *dir, sld_error *err);

/* ---- Work (experimental: may change in a minor version) --------------------------------------------------------------
 *
 * Calls of Lua functions on the host's workers. Functions, arguments and results travel as packets, whose bytes the Lua module makes and reads
 * (docs/parallel.md); a C program that has no packets has no use for this. Each worker runs calls in Lua states of its own. */

typedef struct sld_bytes {
  const void *data;
  size_t size;
} sld_bytes;

typedef struct sld_work sld_work;
typedef struct sld_tasks sld_tasks;

typedef struct sld_work_options {
  size_t size;      /* sizeof(sld_work_options) */
  const char *vm;   /* "luajit", "lua54", or NULL: LuaJIT where it can be opened */
  const char *path; /* package.path of the workers' states; NULL: the VM's own. Copied */
} sld_work_options;

#define SLD_WORK_OPTIONS_INIT { sizeof(sld_work_options), NULL, NULL }

/* `options` may be NULL. EINVAL, EVM: as sld_strategy_open; ENOMEM. */
SLD_API SLD_EXPERIMENTAL sld_status sld_work_open(sld_work **out, sld_host *host, const sld_work_options *options, sld_error *err);

/* EBUSY, and nothing happens, while tasks of it are there. NULL is fine. */
SLD_API SLD_EXPERIMENTAL sld_status sld_work_close(sld_work *work, sld_error *err);

/* "luajit" or "lua54". */
SLD_API SLD_EXPERIMENTAL const char *sld_work_vm(const sld_work *work);

/* One function, called once for each list of arguments. */
typedef struct sld_calls {
  sld_bytes function;    /* a packet of one value */
  const sld_bytes *args; /* [count] packets */
  size_t count;
} sld_calls;

typedef enum sld_call_state { SLD_CALL_DONE = 0, SLD_CALL_FAILED, SLD_CALL_CANCELLED } sld_call_state;

typedef struct sld_answer {
  sld_call_state state;
  sld_bytes bytes;        /* DONE: the packet of results. FAILED: of what was raised, or {NULL, 0} */
  const sld_error *error; /* NULL where DONE; `detail` has the worker's traceback */
} sld_answer;

/* Copies the packets and starts the calls; returns at once. Columns within packets are borrowed until the tasks are freed. ENOMEM; ERANGE: too many. */
SLD_API SLD_EXPERIMENTAL sld_status sld_tasks_start(sld_tasks **out, sld_work *work, const sld_calls *calls, sld_error *err);

/* Waits until all calls have ended or `timeout_ms` has passed (negative: without limit; 0: only looks). Whether they have. */
SLD_API SLD_EXPERIMENTAL bool sld_tasks_wait(sld_tasks *tasks, int timeout_ms);

/* Calls that have not started will not run. Running ones may ask and go on. May be called from any thread. */
SLD_API SLD_EXPERIMENTAL void sld_tasks_cancel(sld_tasks *tasks);

/* Borrowed; NULL where call i < count has not ended. */
SLD_API SLD_EXPERIMENTAL const sld_answer *sld_tasks_answer(const sld_tasks *tasks, size_t i);

/* As sld_run_event and sld_run_descriptor: the index of a call that has ended. */
SLD_API SLD_EXPERIMENTAL bool sld_tasks_event(sld_tasks *tasks, size_t *i);
SLD_API SLD_EXPERIMENTAL int sld_tasks_descriptor(sld_tasks *tasks);

/* Cancels, waits for what runs, frees. NULL is fine. */
SLD_API SLD_EXPERIMENTAL void sld_tasks_free(sld_tasks *tasks);

/* ---- Figures ---------------------------------------------------------------------------------------------------- */

/* One of the numbers that sum a job or a portfolio up; docs/metrics.md. All texts are static. */
typedef struct sld_figure {
  const char *name;    /* "sharpe" */
  const char *unit;    /* "1", "fraction", "account currency", "bars", ... */
  const char *formula; /* plain text */
  const char *source;
} sld_figure;

/* How many there are: figures of jobs and portfolios stand in this order. */
SLD_API size_t sld_figure_count(void);
/* Static; NULL past the end. */
SLD_API const sld_figure *sld_figure_at(size_t i);
/* Index by name ("sharpe"), or -1. */
SLD_API int sld_figure_find(const char *name);

/* ---- Words ------------------------------------------------------------------------------------------------------ */

/* The candidate nearest to `word` (at most a third of its letters away), or NULL: for did-you-mean. `words` holds `count` names, one of which comes back. */
SLD_API const char *sld_suggest(const char *word, const char *const *words, size_t count);

/* "2012-01-03" or "2012-01-03 17:00[:00[.123]][Z]" to ns UTC. EPARSE with the column. */
SLD_API sld_status sld_time_parse(int64_t *out, const char *text, sld_error *err);

/* ns UTC to "2012-01-03" (midnight) or "2012-01-03T17:00:00Z", shortest fraction; buf of at least 40 bytes. Returns the length. */
SLD_API size_t sld_time_format(int64_t time, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
