/* The runs: 30 daily bars of two pairs, by an engine of the program's own. */
#include "runs.h"

#include <stdlib.h>
#include <string.h>

#include "api/host.h"
#include "engine/inquiry.h"
#include "engine/outcome.h"

const sld__vm_engine *sliders_engine_v1(void);

static const void *engine(void) {
  return sliders_engine_v1();
}

enum { BARS = 30 };

#define HEAD "local sliders = require 'sliders' local S = sliders.strategy "

static const char orders[] =
  HEAD "{ params = { n = sliders.int(3, 2, 60) } } function S:bar(broker) local close = self.bars.close[0] print(close) "
  "if self.bars.pair == 'GBPUSD' and close > 1.31 then error('it is high') end "
  "if broker.position == 0 then broker:buy{ units = 1000, id = 'in', tag = 'up', limit = close * 0.999, sl = close * 0.99, tp = close * 1.01 } end if close < 1.09 then broker:close() end end return S";
static const char targets[] = HEAD "{ params = { n = sliders.int(3, 2, 60) } } function S:bar(broker, p) broker:target(self.bars.close[0] > self.bars.open[0] and 1 or -1) end return S";
static const char signals[] = HEAD "{ params = { n = sliders.int(3, 2, 60) } } function S:signal(bars, p) return sliders.sign(sliders.roc(bars.close, 4 * p.n)) end return S";
static const char weights[] = HEAD "{ rebalance = 'week', window = 5 } function S:allocate(now) return { [now.pairs[1]] = now.vol[now.pairs[1]] > 0.1 and 0.5 or -0.2 } end return S";
static const char model[] = HEAD "{ model = sliders.finmarketpy { signal_delay = 1, spot_tc_bp = 2 } } function S:signal(bars) return sliders.sign(sliders.roc(bars.close, 3)) end return S";
static const char every_kind[] =
  HEAD "{ about = 'Of every kind.', warmup = 3, valid = function(p) return p.a > 1 end, pairs = { 'GBPUSD', 'EURUSD' }, account = 'shared', params = { a = sliders.int(2), "
  "b = sliders.number(0.5, 0, 1, { label = 'share', step = 0.1 }), c = sliders.bool(true), d = sliders.choice('up', { 'up', 'down' }) } } function S:bar() end return S";

static const double lengths[] = { 2, 5 };
static const sld_axis axis = { "n", lengths, 2 };

static struct {
  sld_host *host;
  sld_market *market;
  sld_run *runs[FUZZ_RUNS];
} desk;

/* ---- The market ---- */

static void add_pair(sld_market *market, const char *pair, double price) {
  const int64_t day = INT64_C(86400000000000);
  int64_t time[BARS];
  double columns[4][BARS];
  for (int i = 0; i < BARS; i++) {
    double next = price * (i % 7 < 3 ? 1.004 : 0.998);
    time[i] = (i + i / 5 * 2 + 4) * day; /* weeks of five days from a Monday on */
    columns[0][i] = price;
    columns[1][i] = (price > next ? price : next) * 1.001;
    columns[2][i] = (price < next ? price : next) * 0.999;
    columns[3][i] = price = next;
  }
  sld_instrument instrument = { .digits = 5, .pip = 0.0001, .lot = 100000, .min_size = 1, .step = 1, .swap_long = -1.5, .swap_short = 0.5, .has_swap = true };
  memcpy(instrument.pair, pair, 7);
  memcpy(instrument.base, pair, 3);
  memcpy(instrument.quote, pair + 3, 4);
  const sld_bars bars = { .pair = pair, .count = BARS, .time = time, .open = columns[0], .high = columns[1], .low = columns[2], .close = columns[3], .period_ns = day, .instrument = &instrument };
  FUZZ_HOLDS(sld_market_add(market, &bars, NULL) == SLD_OK);
}

sld_market *fuzz_market(void) {
  if (desk.market) return desk.market;
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  options.workers = 1;
  FUZZ_HOLDS(sld_host_open(&desk.host, &options, NULL) == SLD_OK);
  FUZZ_HOLDS(sld_host_add_engine(desk.host, engine, NULL) == SLD_OK);
  FUZZ_HOLDS(sld_market_new(&desk.market, desk.host, NULL) == SLD_OK);
  add_pair(desk.market, "EURUSD", 1.1);
  add_pair(desk.market, "GBPUSD", 1.3);
  return desk.market;
}

/* ---- Runs ---- */

static sld_strategy *strategy_of(const char *text) {
  sld_strategy *strategy;
  fuzz_market();
  FUZZ_HOLDS(sld_strategy_open_text(&strategy, desk.host, "fuzz.lua", text, strlen(text), "lua54", NULL) == SLD_OK);
  return strategy;
}

static void start(sld_run **run, unsigned i) {
  const struct {
    const char *text;
    sld_account account;
    sld_weights weights;
    sld_rollover rollover;
    size_t axes;
  } all[FUZZ_RUNS] = {
    { orders, SLD_SPLIT, SLD_SUM, SLD_ROLLOVER_POINTS, 0 },
    { targets, SLD_SPLIT, SLD_VOL_TARGET, SLD_ROLLOVER_NONE, 0 },
    { targets, SLD_SPLIT, SLD_EQUAL, SLD_ROLLOVER_NONE, 0 },
    { signals, SLD_SHARED, SLD_SUM, SLD_ROLLOVER_POINTS, 0 },
    { weights, SLD_SHARED, SLD_SUM, SLD_ROLLOVER_NONE, 0 },
    { model, SLD_SPLIT, SLD_SUM, SLD_ROLLOVER_NONE, 0 },
    { signals, SLD_SPLIT, SLD_SUM, SLD_ROLLOVER_NONE, 1 },
  };
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  options.account = all[i].account;
  options.weights = all[i].weights;
  options.rollover = all[i].rollover;
  options.axes = all[i].axes ? &axis : NULL;
  options.axis_count = all[i].axes;
  options.spread_pips = 1.0;
  sld_strategy *strategy = strategy_of(all[i].text);
  FUZZ_HOLDS(sld_run_start(run, desk.host, desk.market, strategy, &options, NULL) == SLD_OK);
  FUZZ_HOLDS(sld_run_wait(*run, -1, NULL, NULL) == SLD_OK);
}

const struct sld_result *fuzz_run(unsigned i) {
  fuzz_market();
  if (!desk.runs[i]) start(&desk.runs[i], i);
  return sld_run_result(desk.runs[i]);
}

struct sld__buffer fuzz_outcome_bytes(const struct sld_result *result, size_t at) {
  struct sld__buffer bytes;
  sld__buffer_init(&bytes, result->alloc);
  sld__outcome_write(&bytes, result->plan, at / result->plan->sets, &result->outcomes[at]);
  FUZZ_HOLDS(!bytes.failed);
  return bytes;
}

/* ---- Answers ---- */

struct sld__buffer fuzz_answer_bytes(unsigned i) {
  static const char *const texts[FUZZ_ANSWERS - 1] = { orders, weights, model, every_kind };
  sld__inquired inquired = { .accepted = true };
  sld__module module = { (char *)(uintptr_t) "rules", (char *)(uintptr_t) "./rules.lua", (char *)(uintptr_t) "return {}", 9 };
  sld__script script = { .modules = &module, .module_count = i % 2 };
  struct sld__buffer bytes;
  sld_strategy *strategy = strategy_of(texts[i % (FUZZ_ANSWERS - 1)]);
  inquired.declaration = strategy->declaration;
  inquired.failed = i == FUZZ_ANSWERS - 1;
  inquired.error = (sld_error){ .status = SLD_ESCRIPT, .line = 3, .file = "fuzz.lua", .message = "no", .detail = "stack traceback:\n\tfuzz.lua:3: in the file itself" };
  sld__buffer_init(&bytes, &desk.host->alloc);
  sld__inquiry_write(&bytes, &inquired, &script, 0);
  FUZZ_HOLDS(!bytes.failed);
  sld_strategy_free(strategy);
  return bytes;
}

static bool plain(const char *text) {
  for (; *text; text++)
    if (((unsigned char)*text < ' ' && *text != '\n' && *text != '\t') || *text == 0x7F) return false;
  return true;
}

void fuzz_check_words(const sld_error *err) {
  FUZZ_HOLDS(err->status < SLD_OK && err->message[0] != '\0');
  FUZZ_HOLDS(plain(err->message) && plain(err->file) && plain(err->detail));
}

/* ---- Memory ---- */

static void *resize(void *ud, void *ptr, size_t size) {
  size_t *taken = ud;
  *taken += size;
  if (size > 0) return realloc(ptr, size);
  free(ptr);
  return NULL;
}

sld_allocator fuzz_counting(size_t *taken) {
  return (sld_allocator){ resize, taken };
}
