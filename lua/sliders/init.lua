--- sliders in a host program: backtests a strategy over many currency pairs at once.
--
--     local sliders = require "sliders"
--     local result = sliders.run { strategy = "sma_cross.lua", data = "h10.csv", set = { fast = 10 } }
--     print(result.portfolio.figures.sharpe)
--
-- or step by step, with one host for many runs:
--
--     local host = sliders.open { workers = 4 }
--     local market = host:market { "eurusd.csv", "usdjpy.csv" }
--     local result = host:run(host:strategy("sma_cross.lua"), market, { spread_pips = 1 })
--     print(result:job("EURUSD").final_equity)
--     host:close()
--
-- What fails raises a sliders.Error, whose tostring is "file:line:column: message". Works in Lua 5.4, Lua 5.1 and LuaJIT;
-- strategies run in engines of their own, whichever interpreter the host program uses.

local blame = require "sliders.blame"
local core = require "sliders.core"

---@class sliders.Error
---@field status string   "EINVAL", "EPARSE" and so on
---@field file string     path or argument path, or ""
---@field line integer    from 1; 0 where it does not apply
---@field column integer  from 1; 0 where it does not apply
---@field message string  one sentence
---@field detail string   a script's traceback, or ""

---@class sliders.RunOptions
---@field pairs? string[]            default: every pair of the market
---@field set? table<string, any>    parameters that differ from their defaults
---@field axes? { name: string, values: number[] }[]
---@field from? string|integer       date text, or ns since 1970; earlier bars warm up
---@field to? string|integer         bars that open after are not seen
---@field cold? boolean              hide the bars before `from`
---@field capital? number            total over all pairs, default 100,000
---@field currency? string           default "USD"
---@field spread_pips? number
---@field slippage_pips? number
---@field commission_frac? number    of notional, per side
---@field commission_per_lot? number account currency, per side
---@field leverage? number           default 30
---@field fill? "next_open"|"close"|"tradingview"|"backtesting_py"|{ preset: string?, at: string?, path: string?, quotes: string?, spread_on: string? }
---@field sizing? "call"|"fill"
---@field account? "split"|"shared" default: as the strategy declares, else split
---@field accounting? "net"|"hedge"
---@field pyramiding? integer        most lots on one side; 0: no limit
---@field spread_frac? number        full spread as a fraction of the price, with spread_on = "entry"
---@field commission_per_order? number account currency, per fill
---@field margin_call? number        margin that an order which opens must leave in equity; default 1
---@field stop_out? number           part of the margin below which positions are closed; default 0.5, or 0 with paths tradingview and backtesting_py
---@field rollover? "none"|"points"|"rates"  what positions earn or pay over night
---@field rollover_markup? number    percent a year, with rollover = "rates"
---@field weights? "sum"|"equal"|"inverse_vol"|"vol_target"
---@field vol_target? number         annual, default 0.10
---@field max_leverage? number       default 5
---@field periods_per_year? number   default 260; of bars longer than a day as many as a year has
---@field keep? "figures"|"equity"|"ledger"|"all"
---@field close_at_end? boolean
---@field timeframe? string           "5m", "1h", "4h", "1d", "1w", "1mo": bars of that length, as loaded or made of shorter ones
---@field side? "bid"|"mid"|"both"   of the prices, where the data do not say it; "bid" also takes the bids of data of both, which "both" insists on
---@field day? "ny"|"utc"|"source"   where the days of the time frame end; default "ny", 17:00 New York
---@field day_zone? string            the clock of day = "source": "Europe/Athens"
---@field limits? { memory: number?, records: integer?, log: number?, bar: number?, job: number?, instructions: integer? }  what one job may use; 0: no limit
---@field isolation? "thread"|"process"  where jobs run: on the workers' threads (default), or each worker's in a process of its own
---@field progress? fun(progress: sliders.Progress, run: sliders.Run)  called about ten times a second while the run is under way

---@class sliders.Progress
---@field jobs integer
---@field done integer
---@field failed integer
---@field finished boolean

---@class sliders.Job
---@field pair string
---@field ordinal integer
---@field state "done"|"failed"|"cancelled"|"skipped"|"ruined"
---@field error? sliders.Error
---@field log string
---@field capital number
---@field final_equity number
---@field costs { spread: number, slippage: number, commission: number, rollover: number }
---@field realised number
---@field unrealised number
---@field order_count integer
---@field rejected_count integer
---@field trade_count integer  closed ones
---@field open_count integer
---@field bar_count integer
---@field data table                 the bars that it ran on, as Market:pairs() tells them
---@field buy_and_hold number
---@field figures? table<string, number>
---@field orders table[]
---@field trades table[]
---@field rollover number           what was earned over night; what was paid is below 0
---@field rollovers table[]         the same by night: time, bar, days, units, amount
---@field equity number[]
---@field close_time integer[]
---@field books? sliders.Book[]     the pairs of a shared account; its pair is "ACCOUNT", and it has no data

---@class sliders.Book              one pair of a shared account; fields as in sliders.Job
---@field pair string
---@field data table
---@field costs { spread: number, slippage: number, commission: number, rollover: number }
---@field realised number
---@field unrealised number
---@field order_count integer
---@field rejected_count integer
---@field trade_count integer
---@field open_count integer
---@field bar_count integer
---@field orders table[]
---@field trades table[]

---@class sliders.Portfolio
---@field complete boolean
---@field rule string
---@field label string
---@field count integer
---@field capital number
---@field costs number
---@field buy_and_hold number
---@field figures table<string, number>
---@field time integer[]
---@field equity number[]
---@field weights? number[][]

local sliders = {}

sliders.version = core.version()

--- The figures of every job and portfolio: name, unit, formula, source.
---@type fun(): { name: string, unit: string, formula: string, source: string }[]
sliders.figures = core.figures

--- The dialects of data files in the order in which they are tried: name, about, zone.
---@return { name: string, about: string, zone: string }[]
sliders.dialects = core.dialects

--- The word of `words` nearest to `word`, or nil where none is near.
---@type fun(word: string, words: string[]): string?
sliders.suggest = core.suggest

--- ns since 1970 as "2012-01-03" or "2012-01-03T17:00:00Z"; with `clock` midnight has its time of day too.
---@param time integer
---@param clock? boolean
---@return string
function sliders.time_format(time, clock)
  local text = core.time_format(time)
  return clock and #text == 10 and text .. "T00:00:00Z" or text
end

--- ns as the name of a period: "1h", "1d", "1w", "1mo"; "ticks" for 0.
---@type fun(period_ns: integer): string
sliders.timeframe_format = core.timeframe_format

-- Raises the second value where the first is nil.
local function expect(value, err)
  if value == nil and err ~= nil then error(err, 0) end
  return value
end

--- ns since 1970 of "2012-01-03" or "2012-01-03 17:00[:00[.123]][Z]".
---@param text string
---@return integer
function sliders.time_parse(text)
  return expect(core.time_parse(text))
end

--- The longest that a bar of a time frame is, in ns: of "1mo" 31 days.
---@param text string
---@return integer
function sliders.timeframe_parse(text)
  return expect(core.timeframe_parse(text))
end

-- ---- Results ------------------------------------------------------------------------------------------------------

---@class sliders.Result
---@field jobs sliders.Job[]            in key order: by pair, then ordinal
---@field portfolio? sliders.Portfolio  nil for a grid of more than one parameter set
local Result = {}
Result.__index = Result
Result.__name = "sliders.Result"

---@param from userdata
local function new_result(from)
  local jobs = {}
  for i = 1, from:job_count() do jobs[i] = from:job(i) end
  return setmetatable({ core = from, jobs = jobs, portfolio = from:portfolio() }, Result)
end

--- The job of a pair, or nil; `ordinal` counts the parameter sets of a grid from 0.
---@param pair string
---@param ordinal? integer
---@return sliders.Job?
function Result:job(pair, ordinal)
  for _, job in ipairs(self.jobs) do
    if job.pair == pair and job.ordinal == (ordinal or 0) then return job end
  end
  return nil
end

--- One JSON file with sorted keys; equal runs give equal bytes.
---@param path string
function Result:write_json(path)
  expect(self.core:write_json(path))
end

--- equity.csv, trades.csv and orders.csv in folder `dir`.
---@param dir string
function Result:write_csv(dir)
  expect(self.core:write_csv(dir))
end

-- ---- Runs ---------------------------------------------------------------------------------------------------------

-- A parameter's value as the text that the core reads, equal in every interpreter.
local function value_text(value)
  if type(value) ~= "number" then return tostring(value) end
  if value == math.floor(value) and value > -1e15 and value < 1e15 then return ("%.0f"):format(value) end
  return (("%.17g"):format(value):gsub(",", "."))
end

-- Refuses the first name by the alphabet that is not known, with the one that was meant, and blames the caller's caller, or whom `level` says.
local function check_names(what, options, known, level)
  local unknown
  for name in pairs(options) do
    if type(name) ~= "string" then error(what .. ": options have names", level or 3) end
    if not known[name] and (not unknown or name < unknown) then unknown = name end
  end
  if not unknown then return end
  local names = {}
  for name in pairs(known) do names[#names + 1] = name end
  table.sort(names)
  local near = core.suggest(unknown, names)
  error(("%s: no option '%s'%s"):format(what, unknown, near and ("; did you mean '%s'?"):format(near) or ""), level or 3)
end

local function settings_of(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  local settings = {}
  for i, name in ipairs(names) do settings[i] = { name = name, value = value_text(set[name]) } end
  return settings
end

local function core_options(options)
  local out = {}
  for name, value in pairs(options or {}) do out[name] = value end
  if out.set ~= nil then
    if type(out.set) ~= "table" then error("options.set: a table expected, got " .. type(out.set), 0) end
    out.settings, out.set = settings_of(out.set), nil
  end
  out.progress = nil
  return out
end

---@class sliders.Run
local Run = {}
Run.__index = Run
Run.__name = "sliders.Run"

--- Waits until the run is finished or `timeout_ms` has passed; nil: until it is finished.
---@param timeout_ms? integer
---@return sliders.Progress
function Run:wait(timeout_ms)
  local progress = expect(self.core:wait(timeout_ms))
  if progress.finished then self.host:tell() end
  return progress
end

--- The next job that has ended, each once: its index in the result's jobs, pair, ordinal and state. nil: none at the moment.
---@return { job: integer, pair: string, ordinal: integer, state: string }?
function Run:event()
  return self.core:event()
end

--- A descriptor that an event loop polls: readable while there are events. Never read or close it.
---@return integer?
function Run:descriptor()
  return self.core:descriptor()
end

--- Starts no further job: those that run end by themselves, the others are "cancelled".
function Run:drain()
  self.core:drain()
end

--- The same, and asks the jobs that run to stop.
function Run:cancel()
  self.core:cancel()
end

--- The result, or nil before the run has finished.
---@return sliders.Result?
function Run:result()
  local result = self.core:result()
  return result and new_result(self.host:keep(result))
end

-- ---- Hosts --------------------------------------------------------------------------------------------------------

---@class sliders.Market
local Market = {}
Market.__index = Market
Market.__name = "sliders.Market"

---@class sliders.LoadOptions     what the files do not say themselves (docs/data.md)
---@field dialect? string         default: found
---@field zone? string            the clock of times without offset: "UTC", "+05:30", "America/New_York", "EET-NY", "floating"
---@field side? "bid"|"mid"
---@field pair? string            which instrument a file of bars or ticks is
---@field ask? string             another file, with the asks for these bids
---@field date? string            the day of times that count from midnight
---@field scale? number           written prices are divided by it
---@field day_first? boolean      whether 03/01/2012 is in January
---@field newest_first? boolean   whether rows of bars and ticks go back in time
---@field lenient? boolean        drop bad rows and list them in the report

---@class sliders.LoadReport
---@field sources { file: string, dialect: string, zone: string, pair?: string, scale: number, rows: integer, dropped: integer, idle: string, asks: boolean }[]
---@field notes { kind: "dropped"|"found"|"warning", file: string, line?: integer, column?: integer, message: string }[]

--- Loads files and folders and tells how they were read. Files of one pair and period are joined. On failure nothing of them is added.
---@param paths string|string[]
---@param options? sliders.LoadOptions
---@return sliders.LoadReport
function Market:load(paths, options)
  local report = expect(self.core:load(paths, options))
  self.host:tell()
  return report
end

--- Reads instruments from a JSON file (docs/data.md); they hold for what is loaded afterwards.
---@param path string
function Market:load_instruments(path)
  expect(self.core:load_instruments(path))
end

--- Reads short rates by currency (docs/data.md).
---@param path string
function Market:load_rates(path)
  expect(self.core:load_rates(path))
end

--- The short rate of a currency that was published by a time, in percent a year; nil: none.
---@param currency string
---@param time integer|string
---@return number?
function Market:rate(currency, time)
  local rate, err = self.core:rate(currency, time)
  if err then error(err) end
  return rate
end

local columns = {
  pair = true, time = true, open = true, high = true, low = true, close = true, volume = true, period_ns = true, side = true, instrument = true,
  ask_open = true, ask_high = true, ask_low = true, ask_close = true, ticks = true,
}

--- Adds one pair from arrays: {pair=, time=, close=, open=, high=, low=, volume=, period_ns=, side="bid"|"mid"}. With both sides these
--- are the bids, and ask_open=, ask_high=, ask_low=, ask_close= the asks. Quotes have ticks = true, and one price a side. A pair that is not known
--- needs instrument = {base=, quote=, digits=, pip=, lot = 1, step = 1, min_size = step}.
---@param bars table
function Market:add(bars)
  if type(bars) == "table" then check_names("market:add", bars, columns, 2) end -- blame.callers goes on
  expect(self.core:add(bars))
end

--- Writes every pair as a column store below folder `path`.
---@param path string
function Market:save(path)
  expect(self.core:save(path))
end

--- The pairs by name: instrument (leverage, swap_long, swap_short and triple_day where it has them), bars, first_time,
--- last_time, period_ns, side, one_price, date_only, ticks, side_assumed, floating.
---@return table[]
function Market:pairs()
  return self.core:pairs()
end

--- A market of its own that has each pair once, in one time frame: its bars of that frame, or bars made of its longest shorter ones.
---@param how { timeframe: string, day?: "ny"|"utc"|"source", day_zone?: string, pairs?: string[] }
---@return sliders.Market
function Market:resample(how)
  return self.host:adopt_market(expect(self.core:resample(how)))
end

require "sliders.series"(Market)

--- Gives its memory back, once; garbage collection and closing the host do so too.
function Market:free()
  self.core:free()
end
Market.__close = Market.free

---@class sliders.Strategy
---@field name string
---@field about string
---@field vm string
---@field source string
---@field trusted boolean
---@field account "split"|"shared"  of its runs, unless their options say otherwise
---@field pairs string[]             that one instance trades together; empty: any, each on its own
---@field hooks table<string, boolean>
---@field params { name: string, kind: string, label: string, initial: number, min?: number, max?: number, step?: number, choices?: string[] }[]
local Strategy = {}
Strategy.__index = Strategy
Strategy.__name = "sliders.Strategy"

local function new_strategy(from)
  local strategy = from:describe()
  strategy.core = from
  return setmetatable(strategy, Strategy)
end

--- Gives its memory back, once; garbage collection and closing the host do so too.
function Strategy:free()
  self.core:free()
end
Strategy.__close = Strategy.free

---@class sliders.Host
local Host = {}
Host.__index = Host
Host.__name = "sliders.Host"

-- One rule with the command: a number of threads, or none, which is every core. A 0 is more likely to be a mistake.
local function check_workers(what, workers)
  if workers == nil then return end
  local number = type(workers) == "number" and workers
  if number and number == math.floor(number) and number >= 1 and number <= 1024 then return end
  error(("%s: workers is 1 to 1024, got %s; leave it out to use every core"):format(what, number and ("%.14g"):format(number) or type(workers)), 3)
end

local open_options = { workers = true, engine_dir = true, log = true }

---@class sliders.LogRecord
---@field level "print"|"info"|"warning"|"error"
---@field pair? string      of the job, where it is a job's
---@field ordinal? integer  of the job in the parameter grid
---@field message string    one line: "file:line:column: words" where it has a place

--- Opens a host: a pool of workers. Default: as many as there are cores to use. `log` is called with what there is to tell, by the calls that load,
--- import and wait for runs, before they return.
---@param options? { workers?: integer, engine_dir?: string, log?: fun(record: sliders.LogRecord) }
---@return sliders.Host
function sliders.open(options)
  options = options or {}
  check_names("sliders.open", options, open_options)
  check_workers("sliders.open", options.workers)
  return setmetatable({ core = expect(core.host(options)), made = setmetatable({}, { __mode = "k" }), log = options.log }, Host)
end

-- Hands on what the library has told since the last time.
function Host:tell()
  if not self.log then return end
  for record in self.core.log, self.core do self.log(record) end
end

-- Remembers what was made from the host, for close.
function Host:keep(object)
  self.made[object] = true
  return object
end

---@return integer
function Host:workers()
  return self.core:workers()
end

--- Whether engine `vm` can be opened; if not, why.
---@param vm "luajit"|"lua54"
---@return boolean, sliders.Error?
function Host:probe(vm)
  local ok, err = self.core:probe(vm)
  return ok == true, err
end

-- The object around a market of the core.
function Host:adopt_market(from)
  return setmetatable({ core = self:keep(from), host = self }, Market)
end

require "sliders.import"(Host)

local function list(paths)
  local kind = type(paths)
  if kind ~= "string" and kind ~= "table" and kind ~= "nil" then error("a path or a list of paths expected, got " .. kind) end
  return kind == "string" and { paths } or paths or {}
end

---@class sliders.MarketOptions
---@field instruments? string      a file of instruments (docs/data.md)
---@field rates? string|string[]  files of short rates
---@field load? sliders.LoadOptions what holds for all of the files

--- A market of these files and folders; none: an empty one. How they were read stands in its field `report`.
---@param paths? string|string[]
---@param options? sliders.MarketOptions
---@return sliders.Market
function Host:market(paths, options)
  local market = self:adopt_market(expect(self.core:market()))
  local function load(method, path, how)
    local done, err = market.core[method](market.core, path, how)
    if done then return done end
    market:free() -- or the host could not be closed before the collector has come by
    error(err, 0)
  end
  market.report = { sources = {}, notes = {} }
  if options and options.instruments then load("load_instruments", options.instruments) end
  for _, path in ipairs(list(options and options.rates)) do load("load_rates", path) end
  if #list(paths) > 0 then market.report = load("load", list(paths), options and options.load) end
  self:tell()
  return market
end

-- Opens what `what` was called with; a word for options is the engine.
local function open_strategy(host, what, options, path, text)
  if type(options) ~= "table" then options = { vm = options } end
  check_names(what, options, { vm = true, trusted = true, isolation = true, limits = true }, 2) -- blame.callers goes on
  local isolation = options.isolation
  if isolation ~= nil and isolation ~= "thread" and isolation ~= "process" then error(what .. ': isolation is "thread" or "process"') end
  local limits = type(options.limits) == "table" and options.limits or {}
  local memory, instructions = tonumber(limits.memory), tonumber(limits.instructions) -- what is no number is told of by the run
  return new_strategy(host:keep(expect(host.core:strategy(path, options.vm, options.trusted, text, isolation == "process", memory, instructions))))
end

---@class sliders.StrategyOptions
---@field vm? "luajit"|"lua54"  default: LuaJIT where it can be opened
---@field trusted? boolean      without a sandbox (docs/safety.md)
---@field isolation? "thread"|"process"  where its text runs to say what it declares
---@field limits? { memory?: number, instructions?: number }  of what the file itself may use, outside its hooks

---@param path string
---@param options? "luajit"|"lua54"|sliders.StrategyOptions  a word is the engine
---@return sliders.Strategy
function Host:strategy(path, options)
  return open_strategy(self, "host:strategy", options, path)
end

--- A strategy from text; `name` stands for its file in messages.
---@param name string
---@param text string
---@param options? "luajit"|"lua54"|sliders.StrategyOptions
---@return sliders.Strategy
function Host:strategy_text(name, text, options)
  if type(text) ~= "string" then error("host:strategy_text: the text is a string") end
  return open_strategy(self, "host:strategy_text", options, name, text)
end

--- Starts a run and returns at once.
---@param strategy sliders.Strategy
---@param market sliders.Market
---@param options? sliders.RunOptions
---@return sliders.Run
function Host:start(strategy, market, options)
  local run = expect(self.core:run(market.core, strategy.core, core_options(options)))
  return setmetatable({ core = self:keep(run), host = self }, Run)
end

--- Runs to the end. A failed job is no error: its state says so.
---@param strategy sliders.Strategy
---@param market sliders.Market
---@param options? sliders.RunOptions
---@return sliders.Result
function Host:run(strategy, market, options)
  local run = self:start(strategy, market, options)
  local report = options and options.progress
  repeat
    -- Short waits let an interrupt through and keep the bar moving.
    local progress = run:wait(100)
    if report then report(progress, run) end
  until progress.finished
  return run:result()
end

--- Cancels what still runs, frees markets, strategies and results of the host, and ends its workers. Figures and counts that a
--- result has handed out stay; orders, trades and equity that were never read are gone. A second call does nothing.
function Host:close()
  if not self.made then return end
  for object in pairs(self.made) do object:free() end
  self.made = nil
  self:tell()
  expect(self.core:close())
end
Host.__close = Host.close

-- ---- Pools --------------------------------------------------------------------------------------------------------

require "sliders.pool"

--- A pool for functions of any kind, on the workers of this host; see sliders/pool.lua.
---@param options? { vm?: "luajit"|"lua54" }  default: the caller's own kind of Lua, whose functions it can run
---@return sliders.Pool
function Host:pool(options)
  check_names("host:pool", options or {}, { vm = true }, 2) -- blame.callers goes on
  local pool = expect(self.core:pool(options and options.vm, package.path))
  self.made[pool] = true
  return pool
end

--- A pool with a host of its own.
---@param options? { workers?: integer, vm?: "luajit"|"lua54", engine_dir?: string }
---@return sliders.Pool
function sliders.pool(options)
  options = options or {}
  check_names("sliders.pool", options, { workers = true, vm = true, engine_dir = true })
  check_workers("sliders.pool", options.workers)
  local host = sliders.open { workers = options.workers, engine_dir = options.engine_dir }
  local pool = host:pool { vm = options.vm }
  host.core:release() -- the host is the pool's, and ends with it
  return pool
end

--- A column of numbers, copied once: pools pass it by reference. Read as x[1] to x[#x] in Lua 5.4, and everywhere in workers.
---@param list number[]
---@return sliders.Column
sliders.column = core.column

--- A column of a pair ("open", "high", "low", "close", "volume", "ask_close" and so on), read where it lies.
---@param pair string
---@param name string
---@return sliders.Column
function Market:column(pair, name)
  return expect(self.core:column(pair, name))
end

for _, class in ipairs { Result, Run, Market, Strategy, Host } do blame.callers(class) end

local job_options = { strategy = true, data = true, load = true, instruments = true, rates = true, vm = true, trusted = true, progress = true, set = true }
for name in pairs(open_options) do job_options[name] = true end
for _, name in ipairs(core.option_names()) do job_options[name] = true end

--- One run from files: RunOptions and strategy=, data=, load=, instruments=, rates=, vm=, trusted=, workers=, engine_dir=, log=.
---@param options table
---@return sliders.Result
function sliders.run(options)
  if type(options) ~= "table" then error("sliders.run: a table of options expected", 2) end
  check_names("sliders.run", options, job_options)
  check_workers("sliders.run", options.workers)
  if type(options.strategy) ~= "string" then error("sliders.run: strategy is a path", 2) end
  if type(options.data) ~= "string" and type(options.data) ~= "table" then error("sliders.run: data is a path or a list of paths", 2) end
  local rest = {}
  for name, value in pairs(options) do rest[name] = value end
  for _, name in ipairs { "strategy", "data", "load", "instruments", "rates", "vm", "trusted", "workers", "engine_dir", "log" } do rest[name] = nil end
  local host = sliders.open { workers = options.workers, engine_dir = options.engine_dir, log = options.log }
  local market = host:market(options.data, { instruments = options.instruments, rates = options.rates, load = options.load })
  local isolation = options.isolation == "process" and "process" or nil -- of another word the run says what is wrong
  return host:run(host:strategy(options.strategy, { vm = options.vm, trusted = options.trusted, isolation = isolation, limits = options.limits }), market, rest)
end

return sliders
