-- The `sliders` module and the sandbox of a worker state, shared by both engines.
--
-- `core` holds the engine's C functions, `vm` what differs between the engines: `vm.column(id)` makes a column object, `vm.id(x)` its
-- id or nil, `vm.broker()` the job's broker, `vm.methods` the table in which column methods are looked up.
-- Returns the functions that the engine calls: adopt, declare, valid, begin, run, finish.
local core, vm = ...

local error, type, select, pairs, ipairs, next = error, type, select, pairs, ipairs, next
local setmetatable, getmetatable, rawget, tostring, tonumber = setmetatable, getmetatable, rawget, tostring, tonumber
local floor, huge, format = math.floor, math.huge, string.format
local unpack = table.unpack or unpack

local phase = "load" -- "load", "init", "bar" or "done"

-- ---- Words ---------------------------------------------------------------------------------------------------------

local function keys_of(t)
  local names = {}
  for name in pairs(t) do if type(name) == "string" then names[#names + 1] = name end end
  table.sort(names)
  return names
end

local function unknown(what, name, known, level)
  local hint = type(name) == "string" and core.suggest(name, keys_of(known))
  local text = format("%s has no field '%s'", what, tostring(name))
  if hint then text = format("%s; did you mean '%s'?", text, hint) end
  error(text, (level or 1) + 1)
end

-- A table whose fields can be read but neither set nor guessed at.
local function sealed(what, fields)
  return setmetatable({}, {
    __index = function(_, name)
      local value = fields[name]
      if value == nil then unknown(what, name, fields, 2) end
      return value
    end,
    __newindex = function(_, name) error(format("%s is read-only (field '%s')", what, tostring(name)), 2) end,
    __metatable = false,
  })
end

-- ---- Columns -------------------------------------------------------------------------------------------------------

local sliders = {}
local wrapped = {} -- id -> column object of this job

local function wrap(id)
  local column = wrapped[id]
  if not column then
    column = vm.column(id)
    wrapped[id] = column
  end
  return column
end

-- The id of a column or of a number made constant. `level` blames the strategy's line.
local function input(x, what, level)
  local id = vm.id(x)
  if id then return id end
  if type(x) == "number" then return core.constant(x) end
  error(format("%s must be a column or a number, not %s", what, vm.type(x)), level + 1)
end

local function series(x, what, level)
  local id = vm.id(x)
  if id then return id end
  error(format("%s must be a column, not %s", what, vm.type(x)), level + 1)
end

local function period(n, what, level)
  if type(n) ~= "number" or n ~= floor(n) then
    error(format("%s must be a whole number, not %s", what, type(n) == "number" and format("%.14g", n) or vm.type(n)), level + 1)
  end
  return n
end

local function number(x, what, level)
  if type(x) ~= "number" then error(format("%s must be a number, not %s", what, vm.type(x)), level + 1) end
  if x ~= x then error(format("%s must be a number, not NaN", what), level + 1) end
  return x
end

local function only_in_init(name, level)
  if phase ~= "init" then error(format("sliders.%s makes a column: call it in init or signal, not in %s", name, phase), level + 1) end
end

-- Calls kernel `name` and wraps its outputs. Always tail-called, so that level 2 is the strategy's line.
local function apply(name, ins, ...)
  only_in_init(name, 2)
  local ids = core.apply(name, ins, { ... })
  if type(ids) == "string" then error((ids:find(name, 1, true) == 1 and "sliders." or "") .. ids, 2) end
  for i = 1, #ids do ids[i] = wrap(ids[i]) end
  return unpack(ids)
end

local function one_series(name)
  sliders[name] = function(x, n)
    return apply(name, { series(x, name .. "'s first argument", 2) }, period(n, name .. "'s period", 2))
  end
end
for _, name in ipairs { "sma", "ema", "wma", "rma", "rolling_min", "rolling_max", "rolling_sum", "rsi", "roc", "momentum", "linreg_slope" } do one_series(name) end

function sliders.stddev(x, n, ddof)
  return apply("stddev", { series(x, "stddev's first argument", 2) }, period(n, "stddev's period", 2), period(ddof or 0, "stddev's ddof", 2))
end

function sliders.shift(x, k)
  if type(k) == "number" and k < 0 then error("shift looks back only: its distance must be 0 or more", 2) end
  return apply("shift", { series(x, "shift's first argument", 2) }, period(k, "shift's distance", 2))
end

local function elementwise(name, count)
  sliders[name] = count == 1
    and function(a) return apply(name, { input(a, name .. "'s argument", 2) }) end
    or function(a, b) return apply(name, { input(a, name .. "'s first argument", 2), input(b, name .. "'s second argument", 2) }) end
end
for _, name in ipairs { "abs", "sign", "logical_not" } do elementwise(name, 1) end
for _, name in ipairs { "minimum", "maximum", "gt", "ge", "lt", "le", "eq", "ne", "logical_and", "logical_or" } do elementwise(name, 2) end
for _, name in ipairs { "crossover", "crossunder", "cross" } do elementwise(name, 2) end

function sliders.ffill(x) return apply("ffill", { series(x, "ffill's argument", 2) }) end

function sliders.where(condition, a, b)
  return apply("where", { series(condition, "where's condition", 2), input(a, "where's second argument", 2), input(b, "where's third argument", 2) })
end

local function bars_of(bars, name, level)
  local known = type(bars) == "table" and rawget(bars, "open") and vm.id(bars.open)
  if not known then error(format("%s's first argument must be the bars", name), level + 1) end
  return bars
end

function sliders.tr(bars)
  bars_of(bars, "tr", 2)
  return apply("tr", { vm.id(bars.high), vm.id(bars.low), vm.id(bars.close) })
end

function sliders.atr(bars, n)
  bars_of(bars, "atr", 2)
  return apply("atr", { vm.id(bars.high), vm.id(bars.low), vm.id(bars.close) }, period(n, "atr's period", 2))
end

function sliders.donchian(bars, n)
  bars_of(bars, "donchian", 2)
  return apply("donchian", { vm.id(bars.high), vm.id(bars.low) }, period(n, "donchian's period", 2))
end

function sliders.macd(x, fast, slow, signal)
  return apply("macd", { series(x, "macd's first argument", 2) }, period(fast or 12, "macd's fast period", 2), period(slow or 26, "macd's slow period", 2),
    period(signal or 9, "macd's signal period", 2))
end

function sliders.bollinger(x, n, width)
  return apply("bollinger", { series(x, "bollinger's first argument", 2) }, period(n or 20, "bollinger's period", 2), number(width or 2, "bollinger's width", 2))
end

-- What may be called on a column: `close:sma(20)`, `fast:gt(slow)`.
for _, name in ipairs { "sma", "ema", "wma", "rma", "rolling_min", "rolling_max", "rolling_sum", "rsi", "roc", "momentum", "linreg_slope", "stddev", "shift", "abs", "sign",
  "logical_not", "minimum", "maximum", "gt", "ge", "lt", "le", "eq", "ne", "logical_and", "logical_or", "crossover", "crossunder", "cross", "ffill", "macd", "bollinger" } do
  vm.methods[name] = sliders[name]
end

local function arithmetic(name)
  return function(a, b) return apply(name, { input(a, "the left side", 2), input(b, "the right side", 2) }) end
end

local function no_comparison()
  error("columns cannot be compared by < > <= >=: write a:gt(b), a:lt(b), or compare values as in a[0] > b[0]", 2)
end

-- Metamethods of columns, but for __index and __newindex, which each engine has its own of.
local operators = {
  __add = arithmetic "add", __sub = arithmetic "sub", __mul = arithmetic "mul", __div = arithmetic "div",
  __unm = function(a) return apply("neg", { vm.id(a) }) end,
  __lt = no_comparison, __le = no_comparison,
  __concat = function() error("a column is not text", 2) end,
  __len = function() error("a column has no length: a strategy sees the bars up to now", 2) end,
  __call = function() error("a column is not a function; read it as x[0]", 2) end,
  __tostring = function() return "column" end,
  __metatable = false,
}

-- Why reading x[k] failed, in the trader's words.
local function bad_index(k, now, level)
  if type(k) == "string" then unknown("a column", k, vm.methods, level + 1) end
  if phase ~= "bar" and phase ~= "done" then error("in init and signal a column is whole and has no x[0]; read values in bar", level + 1) end
  if type(k) ~= "number" or k ~= floor(k) then error("a column is read by whole numbers: x[0] is the bar that has just closed", level + 1) end
  if k < 0 then error("x[k] with k below 0 would be the future", level + 1) end
  error(format("x[%.0f] is before the first bar (%d bar%s so far)", k, now + 1, now == 0 and "" or "s"), level + 1)
end

vm.start(operators, bad_index)

-- ---- Parameters and the strategy table -------------------------------------------------------------------------------

local declared = 0

local function parameter(kind, level, initial, fields, options)
  declared = declared + 1
  local p = { kind = kind, initial = initial, order = declared, label = "", step = 0 }
  for name, value in pairs(fields) do p[name] = value end
  if options ~= nil then
    if type(options) ~= "table" then error(format("sliders.%s's options must be a table", kind), level + 1) end
    for name, value in pairs(options) do
      if name ~= "label" and name ~= "step" then unknown("a parameter", name, { label = true, step = true }, level + 1) end
      p[name] = value
    end
  end
  p.is_parameter = true
  return p
end

local function ranged(kind)
  return function(initial, min, max, options)
    number(initial, format("sliders.%s's default", kind), 2)
    min, max = number(min or -huge, "the lowest value", 2), number(max or huge, "the highest value", 2)
    if kind == "int" and (initial ~= floor(initial)) then error("sliders.int's default must be a whole number", 2) end
    if not (min <= initial and initial <= max) then error(format("default %.14g is outside %.14g..%.14g", initial, min, max), 2) end
    return parameter(kind, 2, initial, { min = min, max = max }, options)
  end
end
sliders.int = ranged "int"
sliders.number = ranged "number"

function sliders.bool(initial, options)
  if type(initial) ~= "boolean" then error("sliders.bool's default must be true or false", 2) end
  return parameter("bool", 2, initial and 1 or 0, { min = 0, max = 1 }, options)
end

function sliders.choice(initial, choices, options)
  if type(choices) ~= "table" or #choices == 0 then error("sliders.choice needs a list of words", 2) end
  for i, word in ipairs(choices) do
    if type(word) ~= "string" then error("sliders.choice's words must be strings", 2) end
    if word == initial then return parameter("choice", 2, i - 1, { min = 0, max = #choices - 1, choices = choices }, options) end
  end
  error(format("default '%s' is not among the choices", tostring(initial)), 2)
end

local fields_of_strategy = { about = "string", params = "table", valid = "function", model = "table", warmup = "number" }

function sliders.strategy(spec)
  if type(spec) ~= "table" then error("sliders.strategy takes a table", 2) end
  for name, value in pairs(spec) do
    local want = fields_of_strategy[name]
    if not want then unknown("sliders.strategy", name, fields_of_strategy, 2) end
    if type(value) ~= want then error(format("field '%s' of sliders.strategy must be a %s, not %s", name, want, vm.type(value)), 2) end
  end
  for name, p in pairs(spec.params or {}) do
    if type(name) ~= "string" or type(p) ~= "table" or not p.is_parameter then
      error(format("params.%s must be made by sliders.int, number, bool or choice", tostring(name)), 2)
    end
  end
  local strategy = {}
  for name, value in pairs(spec) do strategy[name] = value end
  strategy.__index = strategy
  strategy.is_strategy = true
  return strategy
end

local model_fields = {
  signal_delay = true, spot_tc_bp = true, spot_rc_bp = true, signal_vol_target = true, signal_vol_max_leverage = true, signal_vol_periods = true,
  signal_vol_obs_in_year = true, signal_vol_rebalance_freq = true, signal_vol_period_shift = true, portfolio_vol_target = true, portfolio_vol_max_leverage = true,
  portfolio_vol_periods = true, portfolio_vol_obs_in_year = true, portfolio_vol_rebalance_freq = true, portfolio_vol_period_shift = true,
  portfolio_combination = true, max_net_exposure = true, max_abs_exposure = true, position_clip_period_shift = true, position_clip_rebalance_freq = true,
  stop_loss = true, take_profit = true,
}

function sliders.finmarketpy(options)
  local model = { name = "finmarketpy", options = {} }
  for name, value in pairs(options or {}) do
    if not model_fields[name] then unknown("sliders.finmarketpy", name, model_fields, 2) end
    if type(value) ~= "number" and type(value) ~= "string" then error(format("sliders.finmarketpy's %s must be a number or a word", name), 2) end
    model.options[name] = value
  end
  return model
end

-- ---- Numbers and order that are the same in every engine ---------------------------------------------------------------

function sliders.round_to(x, step)
  number(x, "round_to's number", 2)
  if not (number(step, "round_to's step", 2) > 0) then error("round_to's step must be above 0", 2) end
  return floor(x / step + 0.5) * step
end

function sliders.pow(x, y) return core.pow(number(x, "pow's base", 2), number(y, "pow's exponent", 2)) end
function sliders.random() return core.random() end

local function merge_sort(list, before)
  local n, from, to, width = #list, list, {}, 1
  while width < n do
    for low = 1, n, 2 * width do
      local mid, high = low + width, low + 2 * width
      if mid > n + 1 then mid = n + 1 end
      if high > n + 1 then high = n + 1 end
      local i, j = low, mid
      for k = low, high - 1 do
        if i < mid and (j >= high or not before(from[j], from[i])) then to[k], i = from[i], i + 1 else to[k], j = from[j], j + 1 end
      end
    end
    from, to = to, from
    width = 2 * width
  end
  if from ~= list then for i = 1, n do list[i] = from[i] end end
end

-- table.sort is stable here, so that ties keep their order in both engines.
local function sort(list, before)
  if type(list) ~= "table" then error("sort takes a list", 2) end
  merge_sort(list, before or function(a, b) return a < b end)
end
sliders.sort = sort

-- Iterates a table's entries by key: numbers first, then strings. The order of `pairs` differs between runs.
function sliders.pairs_sorted(t)
  local names = {}
  for name in pairs(t) do
    if type(name) ~= "string" and type(name) ~= "number" then error("pairs_sorted takes number and string keys only", 2) end
    names[#names + 1] = name
  end
  merge_sort(names, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  local i = 0
  return function()
    i = i + 1
    if names[i] ~= nil then return names[i], t[names[i]] end
  end
end

-- Never an address, which would differ from run to run.
local function plain_tostring(x)
  local kind = vm.type(x)
  if kind == "number" then
    if x ~= x then return "nan" end
    return format("%.14g", x)
  end
  if kind == "nil" or kind == "boolean" or kind == "string" then return tostring(x) end
  local meta = kind == "table" and getmetatable(x)
  local own = type(meta) == "table" and rawget(meta, "__tostring")
  return own and own(x) or kind
end

local function extreme(name, better)
  return function(first, ...)
    local best = number(first, name, 2)
    for i = 1, select("#", ...) do
      local x = select(i, ...)
      if type(x) ~= "number" then error(format("%s takes numbers", name), 2) end
      if x ~= x then return x end
      if better(x, best) then best = x end
    end
    return best
  end
end

local sandbox_math = sealed("math", {
  abs = math.abs, ceil = math.ceil, floor = math.floor, sqrt = math.sqrt, fmod = math.fmod, modf = math.modf, huge = huge, pi = math.pi,
  max = extreme("math.max", function(a, b) return a > b end), min = extreme("math.min", function(a, b) return a < b end),
  exp = core.exp, sin = core.sin, cos = core.cos, tan = core.tan, asin = core.asin, acos = core.acos,
  atan = function(y, x) if x then return core.atan2(y, x) end return core.atan(y) end,
  pow = core.pow,
  log = function(x, base) if base then return core.log(x) / core.log(base) end return core.log(x) end,
  random = function(low, high)
    local u = core.random()
    if not low then return u end
    if not high then low, high = 1, low end
    return low + floor(u * (high - low + 1))
  end,
})

local sandbox_string = sealed("string", {
  byte = string.byte, char = string.char, find = string.find, format = format, gmatch = string.gmatch, gsub = string.gsub, len = string.len,
  lower = string.lower, match = string.match, rep = string.rep, reverse = string.reverse, sub = string.sub, upper = string.upper,
})
local sandbox_table = sealed("table", { concat = table.concat, insert = table.insert, remove = table.remove, sort = sort, unpack = unpack })
local sandbox_coroutine = sealed("coroutine", {
  create = coroutine.create, resume = coroutine.resume, status = coroutine.status, wrap = coroutine.wrap, yield = coroutine.yield,
})

local public = sealed("sliders", sliders)

-- ---- A job's environment -------------------------------------------------------------------------------------------

local function print_line(...)
  local words = {}
  for i = 1, select("#", ...) do words[i] = plain_tostring((select(i, ...))) end
  core.print(table.concat(words, "\t"))
end

local function checked_setmetatable(t, meta)
  if type(meta) == "table" and rawget(meta, "__gc") ~= nil then error("__gc is not available to strategies", 2) end
  return setmetatable(t, meta)
end

-- A fresh set of globals: what a script may reach, the same in both engines.
local function environment()
  local env = {
    assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, pcall = pcall, select = select, tonumber = tonumber,
    tostring = plain_tostring, type = vm.type, unpack = unpack, xpcall = xpcall, rawequal = rawequal, rawget = rawget,
    getmetatable = getmetatable, setmetatable = checked_setmetatable, print = print_line,
    math = sandbox_math, string = sandbox_string, table = sandbox_table, coroutine = sandbox_coroutine,
  }
  env._G = env
  local loaded = { sliders = public }
  function env.require(name)
    if type(name) ~= "string" then error("require takes a module's name", 2) end
    if loaded[name] ~= nil then return loaded[name] end
    if phase ~= "load" then error(format("require '%s' while the strategy runs: require modules at the top of the file", name), 2) end
    local chunk, why = core.module(name)
    if not chunk then error(why, 2) end
    local value = vm.call_in(chunk, env)
    if value == nil then value = true end
    loaded[name] = value
    return value
  end
  return env
end

local chunk -- the strategy's file, loaded once and called once per job

-- Calls the strategy's chunk in a fresh environment and checks what it returns.
local function instance()
  phase, declared = "load", 0
  local strategy = vm.call_in(chunk, environment())
  if type(strategy) ~= "table" or not rawget(strategy, "is_strategy") then
    error(format("the file must return the table made by sliders.strategy, not %s", strategy == nil and "nothing" or vm.type(strategy)), 0)
  end
  local hooks = { init = true, bar = true, signal = true, done = true }
  if not strategy.bar and not strategy.signal then
    local text = "the strategy defines neither bar nor signal"
    for _, name in ipairs(keys_of(strategy)) do
      local hint = type(strategy[name]) == "function" and core.suggest(name, { "bar", "signal" })
      if hint then text = format("%s; did you mean '%s' by '%s'?", text, hint, name) end
    end
    error(text, 0)
  end
  if strategy.bar and strategy.signal then error("the strategy defines both bar and signal: one of them decides", 0) end
  for name in pairs(hooks) do
    if strategy[name] ~= nil and type(strategy[name]) ~= "function" then error(format("'%s' must be a function", name), 0) end
  end
  return strategy
end

local function in_order(params)
  local list = {}
  for name, p in pairs(params or {}) do
    p.name = name
    list[#list + 1] = p
  end
  table.sort(list, function(a, b) return a.order < b.order end)
  return list
end

-- Takes the strategy's chunk. Instances made before the first trace is recorded keep its prototypes from being specialised to one.
local function adopt(loaded)
  chunk = loaded
  for _ = 1, vm.early_instances do instance() end
end

-- Reports what the strategy declares through core.declare_*.
local function declare()
  local strategy = instance()
  core.declare(strategy.about or "", strategy.init ~= nil, strategy.bar ~= nil, strategy.signal ~= nil, strategy.done ~= nil, strategy.valid ~= nil,
    strategy.warmup or -1)
  for _, p in ipairs(in_order(strategy.params)) do core.declare_param(p.name, p.kind, p.initial, p.min, p.max, p.step, tostring(p.label), p.choices or {}) end
  local model = strategy.model
  if model then
    if model.name ~= "finmarketpy" then error("model must be made by sliders.finmarketpy", 0) end
    if not strategy.signal then error("a model needs the signal hook", 0) end
    core.declare_model(model.name)
    for _, name in ipairs(keys_of(model.options)) do core.declare_model_option(name, model.options[name]) end
  end
end

-- The table `p` of a job from the values in order of declaration.
local function settings(strategy, values)
  local p = {}
  for i, param in ipairs(in_order(strategy.params)) do
    local value = values[i]
    if param.kind == "bool" then value = value ~= 0
    elseif param.kind == "choice" then value = param.choices[value + 1]
    elseif param.kind == "int" then value = vm.integer(value) end
    p[param.name] = value
  end
  local known = {}
  for name in pairs(p) do known[name] = true end
  return setmetatable(p, { __index = function(_, name) unknown("p", name, known, 2) end, __metatable = false })
end

local function valid()
  local strategy = instance()
  return not strategy.valid or not not strategy.valid(settings(strategy, core.values()))
end

local known_bars = { open = true, high = true, low = true, close = true, volume = true, time = true, pair = true, pip = true, lot = true }

local function make_bars()
  local pair, pip, lot = core.pair()
  local bars = { pair = pair, pip = pip, lot = lot }
  for _, name in ipairs { "open", "high", "low", "close" } do bars[name] = wrap(core.base(name)) end
  return setmetatable(bars, {
    __index = function(_, name)
      if not known_bars[name] then unknown("bars", name, known_bars, 2) end
      if phase ~= "init" then error(format("bars.%s must first be named in init", name), 2) end
      local id = core.base(name)
      if not id then error(format("%s has no %s", pair, name), 2) end
      bars[name] = wrap(id)
      return bars[name]
    end,
    __metatable = false,
  })
end

local job -- the running job's instance: self, p, broker and hooks

-- Makes the job's instance and runs init and signal; tells the engine the signal's column and the declared warm-up.
local function begin()
  wrapped = {}
  local strategy = instance()
  local self = setmetatable({}, strategy)
  local p, bars = settings(strategy, core.values()), make_bars()
  self.bars, self.p = bars, p
  phase = "init"
  if strategy.init then strategy.init(self, bars, p) end
  local id
  if strategy.signal then
    local column = strategy.signal(self, bars, p)
    id = vm.id(column) or (type(column) == "number" and core.constant(column))
    if not id then error(format("signal must return a column, not %s", column == nil and "nothing" or vm.type(column)), 0) end
  end
  phase = "bar"
  job = { self = self, p = p, broker = vm.broker(), bar = strategy.bar, done = strategy.done }
  core.began(id or -1, strategy.warmup or -1)
end

local function run() vm.drive(job.bar, job.self, job.broker, job.p) end

local function finish(completed)
  local ended = job
  phase, job = "done", nil
  if completed and ended and ended.done then ended.done(ended.self, ended.broker, ended.p) end
  wrapped = {}
end

-- ---- Orders ----------------------------------------------------------------------------------------------------------

local stops = { sl = true, tp = true, sl_dist = true, tp_dist = true }
local sizes = { units = true, lots = true, fraction = true, risk = true }
local order_fields, target_fields = {}, {}
for name in pairs(stops) do order_fields[name], target_fields[name] = true, true end
for name in pairs(sizes) do order_fields[name] = true end

local function checked(what, options, known, level)
  if type(options) ~= "table" then error(format("%s takes a table of options, not %s", what, vm.type(options)), level + 1) end
  for name, value in pairs(options) do
    if not known[name] then unknown(what, name, known, level + 1) end
    number(value, format("%s's %s", what, name), level + 1)
  end
  return options
end

local function place(kind, quantity, value, options)
  core.order(kind, quantity, value, options.sl, options.tp, options.sl_dist, options.tp_dist)
end

local orders = {}

function orders.target(x, options, level)
  number(x, "target", level + 1)
  checked("target", options, target_fields, level + 1)
  place("target", "fraction", x, options)
end

function orders.trade(side, options, level)
  checked(side, options, order_fields, level + 1)
  local quantity
  for name in pairs(sizes) do
    if options[name] then
      if quantity then error(format("%s takes exactly one of units, lots, fraction, risk", side), level + 1) end
      quantity = name
    end
  end
  if not quantity then error(format("%s takes exactly one of units, lots, fraction, risk", side), level + 1) end
  if not (options[quantity] > 0) then error(format("%s's %s must be above 0", side, quantity), level + 1) end
  place(side, quantity, options[quantity], options)
end

function orders.close() place("close", "units", 0, {}) end

function orders.unknown(name, level)
  unknown("broker", name, { target = true, buy = true, sell = true, close = true, position = true, equity = true, cash = true }, level + 1)
end

vm.orders = orders
return adopt, declare, valid, begin, run, finish
