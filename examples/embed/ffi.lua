-- LuaJIT without any module: the C library by FFI. luajit ffi.lua LIBRARY DATA STRATEGY
-- Options structs begin with their size, so that a program declares the fields it uses and no more.
local ffi = require "ffi"

ffi.cdef [[
typedef struct sld_host sld_host; typedef struct sld_market sld_market; typedef struct sld_strategy sld_strategy;
typedef struct sld_run sld_run; typedef struct sld_result sld_result;
typedef struct { int status; int64_t line, column; char file[512], message[768], detail[2560]; } sld_error;
typedef struct { size_t size; int workers; } host_options;
typedef struct { const char *name, *value; } sld_setting;
typedef struct { size_t size; const char *const *pairs; size_t pair_count; const sld_setting *settings; size_t setting_count; } run_options;
typedef struct {
  bool complete; const char *rule, *label; size_t count; const int64_t *time; const double *equity, *weights;
} sld_portfolio;
int sld_host_open(sld_host **, const host_options *, sld_error *);
int sld_host_close(sld_host *, sld_error *);
int sld_market_new(sld_market **, sld_host *, sld_error *);
int sld_market_load(sld_market *, const char *, sld_error *);
void sld_market_free(sld_market *);
int sld_strategy_open(sld_strategy **, sld_host *, const char *, const char *, sld_error *);
void sld_strategy_free(sld_strategy *);
int sld_run_start(sld_run **, sld_host *, sld_market *, const sld_strategy *, const run_options *, sld_error *);
int sld_run_wait(sld_run *, int, void *, sld_error *);
const sld_result *sld_run_result(const sld_run *);
void sld_run_free(sld_run *);
const sld_portfolio *sld_result_portfolio(const sld_result *);
]]

local library, data, strategy_path = arg[1], arg[2], arg[3]
local sld, err = ffi.load(library), ffi.new "sld_error"

local function check(status)
  if status ~= 0 then error(ffi.string(err.file) .. ": " .. ffi.string(err.message), 0) end
end

-- Calls a function that makes an object, which is freed with its Lua value.
local function make(kind, free, open, ...)
  local out = ffi.new(kind .. "*[1]")
  check(open(out, ...))
  return ffi.gc(out[0], free)
end

local host_options = ffi.new("host_options", { size = ffi.sizeof "host_options", workers = 2 })
local settings = ffi.new("sld_setting[1]", { { "fast", "10" } })
local options = ffi.new("run_options", { size = ffi.sizeof "run_options", settings = settings, setting_count = 1 })

local host = make("sld_host", nil, sld.sld_host_open, host_options, err)
local market = make("sld_market", sld.sld_market_free, sld.sld_market_new, host, err)
check(sld.sld_market_load(market, data, err))
local strategy = make("sld_strategy", sld.sld_strategy_free, sld.sld_strategy_open, host, strategy_path, nil, err)
local run = make("sld_run", sld.sld_run_free, sld.sld_run_start, host, market, strategy, options, err)
check(sld.sld_run_wait(run, -1, nil, err))

local portfolio = sld.sld_result_portfolio(sld.sld_run_result(run))
local peak, fall = 0, 0
for i = 0, tonumber(portfolio.count) - 1 do -- a column of doubles: compiled as in C
  local equity = portfolio.equity[i]
  if equity > peak then peak = equity end
  if equity / peak - 1 < fall then fall = equity / peak - 1 end
end
print(("%d points, last %.2f, largest fall %.1f%%"):format(tonumber(portfolio.count), portfolio.equity[portfolio.count - 1], 100 * fall))

-- In this order; a collector would not know it.
for _, object in ipairs { { run, sld.sld_run_free }, { strategy, sld.sld_strategy_free }, { market, sld.sld_market_free } } do object[2](ffi.gc(object[1], nil)) end
check(sld.sld_host_close(host, err))
