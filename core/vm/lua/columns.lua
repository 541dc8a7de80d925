-- Columns: the indicators and arithmetic of init and signal, and why a column could not be read.
local core, vm, own = ...

local error, type, ipairs = error, type, ipairs
local floor, format = math.floor, string.format
local unpack = table.unpack or unpack
local number, whole, unknown = own.number, own.whole, own.unknown

own.sliders = {} -- the fields of the module
local sliders = own.sliders
local wrapped = {} -- id -> column object of this job

-- The object of column `id`, which is of frame `at` where it is not of the bars themselves.
function own.wrap(id, at)
  local column = wrapped[id]
  if not column then
    column = vm.column(id, at)
    wrapped[id] = column
  end
  return column
end
local wrap = own.wrap

function own.forget_columns() wrapped = {} end

-- The id of a column or of a number made constant.
local function input(x, what, level)
  local id = vm.id(x)
  if id then return id end
  if type(x) == "number" then return own.phase == "init" and core.constant(x) end -- else apply says why not
  error(format("%s must be a column or a number, not %s", what, vm.type(x)), level + 1)
end

local function series(x, what, level)
  local id = vm.id(x)
  if id then return id end
  error(format("%s must be a column, not %s", what, vm.type(x)), level + 1)
end

local arithmetic_words = { add = "+", sub = "-", mul = "*", div = "/", neg = "-" }

-- Objects of up to three ids of columns of frame `at`.
local function wrap_each(at, a, b, c)
  a = wrap(a, at)
  if not b then return a end
  return a, wrap(b, at), c and wrap(c, at)
end

local function made(name, at, ...)
  if type(at) == "string" then error((at:find(name, 1, true) == 1 and "sliders." or "") .. at, 2) end
  return wrap_each(at, ...)
end

-- Calls kernel `name` with ids, or a list of them, and options, and wraps its outputs. Always tail-called, so that level 2 is the strategy's line.
local function apply(name, ...)
  if own.phase ~= "init" then
    local word = arithmetic_words[name]
    if word then error(format("arithmetic on columns (%s) belongs in init or signal, not in %s; read values as x[0]", word, own.phase), 2) end
    error(format("sliders.%s makes a column: call it in init or signal, not in %s", name, own.phase), 2)
  end
  return made(name, core.apply(name, ...))
end

own.series, own.apply = series, apply

local function one_series(name)
  local first, second = name .. "'s first argument", name .. "'s period"
  sliders[name] = function(x, n) return apply(name, series(x, first, 2), whole(n, second, 2)) end
end
for _, name in ipairs { "sma", "ema", "wma", "rma", "rolling_min", "rolling_max", "rolling_sum", "rsi", "roc", "momentum", "linreg_slope" } do one_series(name) end

function sliders.stddev(x, n, ddof)
  return apply("stddev", series(x, "stddev's first argument", 2), whole(n, "stddev's period", 2), whole(ddof or 0, "stddev's ddof", 2))
end

function sliders.shift(x, k)
  if type(k) == "number" and k < 0 then error("shift looks back only: its distance must be 0 or more", 2) end
  return apply("shift", series(x, "shift's first argument", 2), whole(k, "shift's distance", 2))
end

local function elementwise(name, count)
  local only, first, second = name .. "'s argument", name .. "'s first argument", name .. "'s second argument"
  sliders[name] = count == 1
    and function(a) return apply(name, input(a, only, 2)) end
    or function(a, b) return apply(name, input(a, first, 2), input(b, second, 2)) end
end
for _, name in ipairs { "abs", "sign", "logical_not" } do elementwise(name, 1) end
for _, name in ipairs { "minimum", "maximum", "gt", "ge", "lt", "le", "eq", "ne", "logical_and", "logical_or" } do elementwise(name, 2) end
for _, name in ipairs { "crossover", "crossunder", "cross" } do elementwise(name, 2) end

function sliders.ffill(x) return apply("ffill", { series(x, "ffill's argument", 2) }) end

function sliders.where(condition, a, b)
  return apply("where", series(condition, "where's condition", 2), input(a, "where's second argument", 2), input(b, "where's third argument", 2))
end

-- The ids of columns of the bars, or of a table that looks like them.
local function columns_of(bars, name, level, ...)
  local ids = {}
  for i, field in ipairs { ... } do
    ids[i] = type(bars) == "table" and not vm.id(bars) and vm.id(bars[field]) or nil
    if not ids[i] then error(format("%s's first argument must be the bars, with columns %s", name, table.concat({ ... }, ", ")), level + 1) end
  end
  return ids
end

function sliders.tr(bars) return apply("tr", columns_of(bars, "tr", 2, "high", "low", "close")) end

function sliders.atr(bars, n) return apply("atr", columns_of(bars, "atr", 2, "high", "low", "close"), whole(n, "atr's period", 2)) end

function sliders.donchian(bars, n) return apply("donchian", columns_of(bars, "donchian", 2, "high", "low"), whole(n, "donchian's period", 2)) end

function sliders.macd(x, fast, slow, signal)
  return apply("macd", { series(x, "macd's first argument", 2) }, whole(fast or 12, "macd's fast period", 2), whole(slow or 26, "macd's slow period", 2),
    whole(signal or 9, "macd's signal period", 2))
end

function sliders.bollinger(x, n, width)
  return apply("bollinger", { series(x, "bollinger's first argument", 2) }, whole(n or 20, "bollinger's period", 2), number(width or 2, "bollinger's width", 2))
end

local function two_series(name)
  local first, second, period = name .. "'s first argument", name .. "'s second argument", name .. "'s period"
  sliders[name] = function(x, y, n) return apply(name, { series(x, first, 2), series(y, second, 2) }, whole(n, period, 2)) end
end
two_series "corr"
two_series "beta"

function sliders.cci(bars, n) return apply("cci", columns_of(bars, "cci", 2, "high", "low", "close"), whole(n or 20, "cci's period", 2)) end

function sliders.aroon(bars, n) return apply("aroon", columns_of(bars, "aroon", 2, "high", "low"), whole(n or 14, "aroon's period", 2)) end

function sliders.dmi(bars, n, smoothing)
  n = whole(n or 14, "dmi's period", 2)
  return apply("dmi", columns_of(bars, "dmi", 2, "high", "low", "close"), n, whole(smoothing or n, "dmi's period of adx", 2))
end

function sliders.supertrend(bars, n, factor)
  return apply("supertrend", columns_of(bars, "supertrend", 2, "high", "low", "close"), whole(n or 10, "supertrend's period", 2), number(factor or 3, "supertrend's factor", 2))
end

function sliders.sar(bars, start, step, most)
  start = number(start or 0.02, "sar's acceleration", 2)
  return apply("sar", columns_of(bars, "sar", 2, "high", "low", "close"), start, number(step or start, "sar's step", 2), number(most or 0.2, "sar's most", 2))
end

function sliders.cumsum(x) return apply("cumsum", { series(x, "cumsum's argument", 2) }) end

-- ---- Indicators made of others. A wrong period is told in the words of the strategy's call, not of what it is made of. ----

-- A period from `least` to a million.
local function period(n, what, least, level)
  whole(n, what, level + 1)
  if n < least or n > 1e6 then error(format("%s must be a whole number from %d to 1000000", what, least), level + 1) end
  return n
end

local function in_init(name, level)
  if own.phase ~= "init" then error(format("sliders.%s makes a column: call it in init or signal, not in %s", name, own.phase), level + 1) end
end

-- Columns of the bars by name.
local function bar_columns(bars, name, level, ...)
  in_init(name, level + 1)
  local ids = columns_of(bars, name, level + 1, ...)
  local at = core.frame_of(ids[1])
  for i = 1, #ids do ids[i] = wrap(ids[i], at) end
  return unpack(ids)
end

local function one_column(x, name, level)
  in_init(name, level + 1)
  series(x, name .. "'s first argument", level + 1)
  return x
end

function sliders.zscore(x, n, ddof)
  one_column(x, "zscore", 2)
  n, ddof = period(n, "zscore's period", 2, 2), whole(ddof or 0, "zscore's ddof", 2)
  if ddof ~= 0 and ddof ~= 1 then error("zscore's ddof must be 0 or 1", 2) end
  return (x - sliders.sma(x, n)) / sliders.stddev(x, n, ddof)
end

function sliders.hma(x, n)
  one_column(x, "hma", 2)
  period(n, "hma's period", 2, 2)
  return sliders.wma(2 * sliders.wma(x, floor(n / 2)) - sliders.wma(x, n), floor(math.sqrt(n)))
end

function sliders.vwma(x, volume, n)
  one_column(x, "vwma", 2)
  series(volume, "vwma's second argument", 2)
  period(n, "vwma's period", 1, 2)
  return sliders.rolling_sum(x * volume, n) / sliders.rolling_sum(volume, n)
end

function sliders.dema(x, n)
  one_column(x, "dema", 2)
  period(n, "dema's period", 1, 2)
  local once = sliders.ema(x, n)
  return 2 * once - sliders.ema(once, n)
end

function sliders.tema(x, n)
  one_column(x, "tema", 2)
  period(n, "tema's period", 1, 2)
  local once = sliders.ema(x, n)
  local twice = sliders.ema(once, n)
  return 3 * (once - twice) + sliders.ema(twice, n)
end

function sliders.linreg(x, n)
  one_column(x, "linreg", 2)
  period(n, "linreg's period", 2, 2)
  return sliders.sma(x, n) + sliders.linreg_slope(x, n) * ((n - 1) / 2)
end

function sliders.cmo(x, n)
  one_column(x, "cmo", 2)
  period(n, "cmo's period", 1, 2)
  local change = sliders.momentum(x, 1)
  local rises, falls = sliders.rolling_sum(sliders.maximum(change, 0), n), sliders.rolling_sum(sliders.maximum(-change, 0), n)
  return 100 * (rises - falls) / (rises + falls)
end

function sliders.tsi(x, long, short)
  one_column(x, "tsi", 2)
  long, short = period(long or 25, "tsi's long period", 1, 2), period(short or 13, "tsi's short period", 1, 2)
  local change = sliders.momentum(x, 1)
  return 100 * sliders.ema(sliders.ema(change, long), short) / sliders.ema(sliders.ema(sliders.abs(change), long), short)
end

function sliders.mfi(bars, n)
  local high, low, close, volume = bar_columns(bars, "mfi", 2, "high", "low", "close", "volume")
  n = period(n or 14, "mfi's period", 1, 2)
  local typical = (high + low + close) / 3
  local change, flow = sliders.momentum(typical, 1), typical * volume
  local up, down = sliders.rolling_sum(flow * sliders.gt(change, 0), n), sliders.rolling_sum(flow * sliders.lt(change, 0), n)
  return 100 * up / (up + down)
end

function sliders.obv(bars)
  local close, volume = bar_columns(bars, "obv", 2, "close", "volume")
  return sliders.cumsum(sliders.sign(sliders.momentum(close, 1)) * volume)
end

function sliders.stoch(bars, n, smooth, d)
  local high, low, close = bar_columns(bars, "stoch", 2, "high", "low", "close")
  n, smooth, d = period(n or 14, "stoch's period", 1, 2), period(smooth or 3, "stoch's smoothing", 1, 2), period(d or 3, "stoch's period of %D", 1, 2)
  local lowest, highest = sliders.rolling_min(low, n), sliders.rolling_max(high, n)
  local k = sliders.sma(100 * (close - lowest) / (highest - lowest), smooth)
  return k, sliders.sma(k, d)
end

function sliders.willr(bars, n)
  local high, low, close = bar_columns(bars, "willr", 2, "high", "low", "close")
  period(n or 14, "willr's period", 1, 2)
  local lowest, highest = sliders.rolling_min(low, n or 14), sliders.rolling_max(high, n or 14)
  return -100 * (highest - close) / (highest - lowest)
end

function sliders.keltner(bars, n, width)
  local _, _, close = bar_columns(bars, "keltner", 2, "high", "low", "close")
  n, width = period(n or 20, "keltner's period", 1, 2), number(width or 2, "keltner's width", 2)
  local reached = sliders.tr(bars) + 0 * sliders.shift(close, 1) -- without a close before, the first bar has none
  local middle, range = sliders.ema(close, n), width * sliders.ema(reached, n)
  return middle - range, middle, middle + range
end

function sliders.ichimoku(bars, conversion, base, span)
  local high, low = bar_columns(bars, "ichimoku", 2, "high", "low")
  conversion, base = period(conversion or 9, "ichimoku's conversion period", 1, 2), period(base or 26, "ichimoku's base period", 1, 2)
  period(span or 52, "ichimoku's span period", 1, 2)
  local function middle(n) return (sliders.rolling_max(high, n) + sliders.rolling_min(low, n)) / 2 end
  local tenkan, kijun = middle(conversion), middle(base)
  return tenkan, kijun, sliders.shift((tenkan + kijun) / 2, base), sliders.shift(middle(span or 52), base)
end

-- What may be called on a column: `close:sma(20)`, `fast:gt(slow)`.
for _, name in ipairs { "sma", "ema", "wma", "rma", "rolling_min", "rolling_max", "rolling_sum", "rsi", "roc", "momentum", "linreg_slope", "stddev", "shift", "abs", "sign",
  "logical_not", "minimum", "maximum", "gt", "ge", "lt", "le", "eq", "ne", "logical_and", "logical_or", "crossover", "crossunder", "cross", "ffill", "where", "macd",
  "bollinger", "corr", "beta", "zscore", "hma", "vwma", "dema", "tema", "linreg", "cmo", "tsi", "cumsum" } do
  vm.methods[name] = sliders[name]
end

local function arithmetic(name)
  return function(a, b) return apply(name, input(a, "the left side", 2), input(b, "the right side", 2)) end
end

local function refused(text)
  return function() error(text, 2) end
end

local no_comparison = refused "columns cannot be compared by < > <= >=: write a:gt(b), a:lt(b), or compare values as in a[0] > b[0]"

-- Metamethods of columns, but for __index and __newindex, which each engine has its own of.
local operators = {
  __add = arithmetic "add", __sub = arithmetic "sub", __mul = arithmetic "mul", __div = arithmetic "div",
  __unm = function(a) return apply("neg", { vm.id(a) }) end,
  __lt = no_comparison, __le = no_comparison,
  __pow = refused "a column has no power: write x * x",
  __mod = refused "a column has no remainder",
  __concat = refused "a column is not text",
  __len = refused "a column has no length: a strategy sees the bars up to now",
  __call = refused "a column is not a function; read it as x[0]",
  __tostring = function() return "column" end,
  __metatable = false,
}

-- Why reading x[k] failed, in the trader's words.
local function bad_index(k, now, level, word)
  if type(k) == "string" then unknown("a column", k, vm.methods, level + 1) end
  if own.phase ~= "bar" and own.phase ~= "done" then error("in init and signal a column is whole and has no x[0]; read values in bar", level + 1) end
  if type(k) ~= "number" or k ~= floor(k) then error("a column is read by whole numbers: x[0] is the bar that has just closed", level + 1) end
  if k < 0 then error("x[k] with k below 0 would be the future", level + 1) end
  if now < 0 and word == "bar" then error("a strategy with signal has no bar to read columns at", level + 1) end
  error(format("x[%.0f] is before the first %s (%d %s%s so far)", k, word, now + 1, word, now == 0 and "" or "s"), level + 1)
end

vm.start(operators, bad_index)
