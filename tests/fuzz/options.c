/* Options structs as a program may fill them: of any size, at the end of readable memory, with numbers of any kind; and settings, axes and pairs of any
 * words. What a run refuses it must explain, and what it takes must end.
 *
 * Input: a byte that says which struct, four of its size, numbers for its fields; "%%"; words by lines. */
#include "fuzz.h"

#include <string.h>

#include "vm/vm.h"

const sld__vm_engine *sliders_engine_v1(void);

static const void *engine(void) {
  return sliders_engine_v1();
}

enum { ROWS = 300, WORDS = 8, WORD = 48, HALF_DAY = 12 };

static const char script[] =
  "local sliders = require 'sliders' local S = sliders.strategy { params = { n = sliders.int(5, 1, 50), x = sliders.number(1, -1e6, 1e6), on = sliders.bool(true), "
  "how = sliders.choice('a', { 'a', 'b' }) } } function S:signal(bars, p) local m = bars.close:sma(p.n) return (bars.close - m) * p.x end return S";

typedef struct desk {
  sld_host *host;
  sld_market *market;
  sld_strategy *strategy;
} desk;

static void add_pair(sld_market *market, const char *pair, double price) {
  static int64_t time[ROWS];
  static double close[ROWS];
  for (int i = 0; i < ROWS; i++) {
    time[i] = i * INT64_C(3600000000000) * HALF_DAY;
    close[i] = price *= i % 7 < 3 ? 1.01 : 0.993;
  }
  sld_bars bars = { .pair = pair, .count = ROWS, .time = time, .close = close, .period_ns = INT64_C(3600000000000) * HALF_DAY };
  FUZZ_HOLDS(sld_market_add(market, &bars, NULL) == SLD_OK);
}

static desk *opened(void) {
  static desk d;
  if (d.host) return &d;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1;
  FUZZ_HOLDS(sld_host_open(&d.host, &options, NULL) == SLD_OK);
  FUZZ_HOLDS(sld_host_add_engine(d.host, engine, NULL) == SLD_OK);
  FUZZ_HOLDS(sld_market_new(&d.market, d.host, NULL) == SLD_OK);
  add_pair(d.market, "EURUSD", 1.1);
  add_pair(d.market, "USDJPY", 90.0);
  FUZZ_HOLDS(sld_strategy_open_text(&d.strategy, d.host, "fuzz.lua", script, sizeof script - 1, "lua54", NULL) == SLD_OK);
  return &d;
}

/* ---- Inputs ---- */

static size_t size_of(fuzz_input *in, size_t whole) {
  size_t size = 0;
  unsigned kind = fuzz_choice(in, 256);
  for (int i = 0; i < 3; i++) size = size << 8 | fuzz_choice(in, 256);
  if (kind < 64) return whole;
  if (kind < 250) return size % (whole + 16);
  return kind == 255 ? SIZE_MAX : kind == 254 ? 0 : size << 40;
}

static int64_t instant(fuzz_input *in) {
  unsigned kind = fuzz_choice(in, 8);
  if (kind == 0) return SLD_TIME_MIN;
  if (kind == 1) return SLD_TIME_MAX;
  return (int64_t)(fuzz_choice(in, 256) * 60) * INT64_C(86400000000000) / 64 * (kind == 2 ? -100 : 1);
}

/* One of n values of an enumeration, or seldom none of them. */
static int one_of(fuzz_input *in, unsigned n) {
  unsigned kind = fuzz_choice(in, 256);
  return kind < 250 ? (int)(kind % n) : kind < 253 ? (int)kind : -(int)kind;
}

typedef struct words {
  char text[WORDS][WORD];
  size_t count;
  size_t next;
} words;

static void read_words(words *w, fuzz_input in) {
  while (in.size > 0 && w->count < WORDS) {
    const uint8_t *end = memchr(in.data, '\n', in.size);
    size_t size = end ? (size_t)(end - in.data) : in.size, taken = end ? size + 1 : size;
    size_t kept = size < WORD - 1 ? size : WORD - 1;
    if (kept) memcpy(w->text[w->count], in.data, kept);
    w->text[w->count++][kept] = '\0';
    in.data += taken;
    in.size -= taken;
  }
}

/* The next word, or what is given where the input does not want one. */
static const char *word_or(fuzz_input *in, words *w, const char *otherwise) {
  if (fuzz_choice(in, 256) < 128 || w->next == w->count) return otherwise;
  return w->text[w->next++];
}

/* ---- Structs ---- */

/* A copy of the struct's first `size` bytes, behind which nothing can be read. What a caller says beyond the real struct is not there either. */
static const void *lent(void *options, size_t size, size_t whole) {
  memcpy(options, &size, sizeof size);
  size_t there = size < sizeof size ? sizeof size : size < whole ? size : whole;
  return fuzz_guarded_struct(0, options, there);
}

enum { AXES = 2, VALUES = 3 };

typedef struct run_input {
  sld_run_options options;
  const char *pairs[2];
  sld_setting settings[2];
  sld_axis axes[AXES];
  double values[AXES][VALUES];
} run_input;

static void fill_lists(run_input *r, fuzz_input *in, words *w) {
  static const char *const names[] = { "n", "x", "on", "how" };
  r->options.pair_count = fuzz_choice(in, 3);
  for (size_t i = 0; i < r->options.pair_count; i++) r->pairs[i] = word_or(in, w, i ? "USDJPY" : "EURUSD");
  if (r->options.pair_count) r->options.pairs = r->pairs;
  r->options.setting_count = fuzz_choice(in, 3);
  for (size_t i = 0; i < r->options.setting_count; i++) r->settings[i] = (sld_setting){ word_or(in, w, names[fuzz_choice(in, 4)]), word_or(in, w, "2") };
  if (r->options.setting_count) r->options.settings = r->settings;
  r->options.axis_count = fuzz_choice(in, AXES + 1);
  for (size_t i = 0; i < r->options.axis_count; i++) {
    r->axes[i] = (sld_axis){ word_or(in, w, names[fuzz_choice(in, 4)]), r->values[i], fuzz_choice(in, VALUES + 1) };
    for (size_t k = 0; k < r->axes[i].count; k++) r->values[i][k] = fuzz_number(in);
  }
  if (r->options.axis_count) r->options.axes = r->axes;
}

static void fill_run(run_input *r, fuzz_input *in, words *w) {
  sld_run_options *o = &r->options;
  double *numbers[] = { &o->capital, &o->spread_pips, &o->slippage_pips, &o->commission_frac, &o->commission_per_lot, &o->leverage, &o->vol_target, &o->max_leverage,
    &o->periods_per_year, &o->spread_frac, &o->commission_per_order, &o->rollover_markup, &o->margin_call, &o->stop_out };
  fill_lists(r, in, w);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (fuzz_choice(in, 4) == 1) *numbers[i] = fuzz_number(in);
  if (fuzz_choice(in, 2)) o->from = instant(in);
  if (fuzz_choice(in, 2)) o->to = instant(in);
  o->fill = (sld_fill)one_of(in, 4);
  o->weights = (sld_weights)one_of(in, 4);
  o->fill_at = (sld_fill_at)one_of(in, 3);
  o->path = (sld_path)one_of(in, 4);
  o->quotes = (sld_quotes)one_of(in, 3);
  o->spread_on = (sld_spread_on)one_of(in, 3);
  o->sizing = (sld_sizing)one_of(in, 3);
  o->accounting = (sld_accounting)one_of(in, 2);
  o->rollover = (sld_rollover)one_of(in, 3);
  o->day = (sld_day)one_of(in, 3);
  o->account = (sld_account)one_of(in, 3);
  o->side = (sld_side_option)one_of(in, 4);
  o->pyramiding = one_of(in, 5);
  o->keep = one_of(in, 4);
  unsigned flags = fuzz_choice(in, 4);
  o->cold = flags & 1;
  o->close_at_end = flags & 2;
  o->currency = word_or(in, w, "USD");
  o->timeframe = word_or(in, w, NULL);
  o->day_zone = word_or(in, w, NULL);
}

static void try_run(desk *d, fuzz_input *in, words *w) {
  run_input r = { .options = SLD_RUN_OPTIONS_INIT };
  sld_run *run;
  sld_error err = { .status = SLD_OK };
  sld_progress progress;
  size_t size = size_of(in, sizeof r.options);
  fill_run(&r, in, w);
  sld_status status = sld_run_start(&run, d->host, d->market, d->strategy, lent(&r.options, size, sizeof r.options), &err);
  if (status != SLD_OK) {
    fuzz_check_error(status, &err);
    return;
  }
  status = sld_run_wait(run, -1, &progress, &err);
  if (status != SLD_OK) fuzz_check_error(status, &err);
  FUZZ_HOLDS(progress.finished && progress.done == progress.jobs);
  sld_run_free(run);
}

static void try_resample(desk *d, fuzz_input *in, words *w) {
  sld_resample_options o = SLD_RESAMPLE_OPTIONS_INIT;
  const char *pairs[2];
  sld_market *made;
  sld_error err = { .status = SLD_OK };
  size_t size = size_of(in, sizeof o);
  o.timeframe = word_or(in, w, "1d");
  o.day = (sld_day)one_of(in, 3);
  o.day_zone = word_or(in, w, NULL);
  o.pair_count = fuzz_choice(in, 3);
  for (size_t i = 0; i < o.pair_count; i++) pairs[i] = word_or(in, w, "EURUSD");
  if (o.pair_count) o.pairs = pairs;
  sld_status status = sld_market_resample(&made, d->market, lent(&o, size, sizeof o), &err);
  if (status == SLD_OK) sld_market_free(made);
  else fuzz_check_error(status, &err);
}

static void try_load(desk *d, fuzz_input *in, words *w) {
  sld_load_options o = SLD_LOAD_OPTIONS_INIT;
  sld_market *market;
  sld_error err = { .status = SLD_OK };
  size_t size = size_of(in, sizeof o);
  o.dialect = word_or(in, w, NULL);
  o.zone = word_or(in, w, NULL);
  o.side = word_or(in, w, NULL);
  o.pair = word_or(in, w, NULL);
  o.ask = word_or(in, w, NULL);
  o.date = word_or(in, w, NULL);
  o.day_order = (sld_day_order)one_of(in, 3);
  o.row_order = (sld_row_order)one_of(in, 3);
  o.scale = fuzz_choice(in, 2) ? fuzz_number(in) : 0.0;
  static const char text[] = "time,open,high,low,close\n2020-01-01 00:00,1.1,1.2,1.0,1.1\n2020-01-01 01:00,1.1,1.2,1.0,1.1\n";
  fuzz_file("unused", "", 0); /* whose memory holds the options */
  fuzz_file("EURUSD.csv", text, sizeof text - 1);
  FUZZ_HOLDS(sld_market_new(&market, d->host, NULL) == SLD_OK);
  sld_status status = sld_market_load_with(market, "EURUSD.csv", lent(&o, size, sizeof o), NULL, &err);
  if (status != SLD_OK) fuzz_check_error(status, &err);
  sld_market_free(market);
  fuzz_files_forget();
}

static void try_host(fuzz_input *in) {
  sld_host_options o = SLD_HOST_OPTIONS_INIT;
  sld_host *host;
  sld_error err = { .status = SLD_OK };
  size_t size = size_of(in, sizeof o);
  o.workers = one_of(in, 3);
  sld_status status = sld_host_open(&host, lent(&o, size, sizeof o), &err);
  if (status == SLD_OK) FUZZ_HOLDS(sld_host_close(host, NULL) == SLD_OK);
  else fuzz_check_error(status, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  words w = { .count = 0 };
  desk *d = opened();
  fuzz_input fields = fuzz_part(&in);
  read_words(&w, in);
  switch (fuzz_choice(&fields, 8)) {
    case 0: try_resample(d, &fields, &w); break;
    case 1: try_load(d, &fields, &w); break;
    case 2: try_host(&fields); break;
    default: try_run(d, &fields, &w); break;
  }
  return 0;
}
