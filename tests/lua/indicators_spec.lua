-- Indicators that strategies get made of others, against what third-party packages printed (LEAN's test data), against Tulip's cases and
-- against their definitions written out in plain Lua.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local truth = (os.getenv "SLIDERS_SHARED" or "../shared") .. "/truth/indicators"
local vm = jit and "luajit" or "lua54"
local day = 86400 * 1000000000
local host

setup(function() host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" } end)

-- ---- Columns -----------------------------------------------------------------------------------------------------------

-- What the columns that `make` (a Lua expression of `bars`) gives are on each bar: a list of rows, each a list of numbers.
local function columns_of(make, bars)
  local market = host:market()
  market:add { pair = "EURUSD", side = "mid", period_ns = day, time = bars.time, open = bars.open, high = bars.high, low = bars.low, close = bars.close,
    volume = bars.volume }
  local source = ([[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0 }
function S:init(bars) self.columns = { %s } end
function S:bar()
  local words = {}
  for i, column in ipairs(self.columns) do words[i] = string.format("%%.17g", column[0]) end
  print(table.concat(words, " "))
end
return S]]):format(make)
  local job = host:run(host:strategy_text("columns.lua", source, vm), market, {}).jobs[1]
  if job.state ~= "done" then error(tostring(job.error or job.state)) end
  local rows = {}
  for line in job.log:gmatch "[^\n]+" do
    local row = {}
    for word in line:gmatch "%S+" do row[#row + 1] = tonumber(word) or 0 / 0 end
    rows[#rows + 1] = row
  end
  return rows
end

-- A walk of bars, the same in every interpreter.
local function walk(count)
  local bars, state, price = { time = {}, open = {}, high = {}, low = {}, close = {}, volume = {} }, 7, 100
  local function random()
    state = math.fmod(state * 16807, 2147483647)
    return state / 2147483647
  end
  for i = 1, count do
    local open = price
    price = price * (1 + 0.02 * (random() - 0.5))
    bars.time[i], bars.open[i], bars.close[i] = i * day, open, price
    bars.high[i], bars.low[i] = math.max(open, price) + random(), math.min(open, price) - random()
    bars.volume[i] = math.floor(1000 * random()) + 1
  end
  return bars
end

local function near(got, want, tolerance, what)
  if want ~= want then
    if got == got then error(("%s is %.12g, not undefined"):format(what, got), 0) end
  else
    local agrees = math.abs(got - want) <= tolerance
    if not agrees then error(("%s is %.12g, not %.12g"):format(what, got, want), 0) end
  end
end

-- ---- LEAN --------------------------------------------------------------------------------------------------------------

-- Lines of a file, or of its .gz. Nil where neither is there.
local function lines_of(path)
  local plain = io.open(path, "rb")
  if plain then
    plain:close()
    return io.lines(path)
  end
  local packed = io.open(path .. ".gz", "rb")
  if not packed then return nil end
  packed:close()
  return io.popen("gzip -dc '" .. path .. ".gz'"):lines()
end

-- Bars and printed columns (numbers from 1) of a file: date, open, high, low, close and more.
local function read_sheet(name, columns, volume)
  local bars, printed, header = { time = {}, open = {}, high = {}, low = {}, close = {}, volume = volume and {} }, {}, true
  for line in lines_of(truth .. "/lean/" .. name) do
    local fields = {}
    for field in (line:gsub("\r$", "") .. ","):gmatch "([^,]*)," do fields[#fields + 1] = field end
    if header then header = false
    elseif #fields > 1 then
      local n = #bars.time + 1
      local open, high, low, close = tonumber(fields[2]), tonumber(fields[3]), tonumber(fields[4]), tonumber(fields[5])
      -- Some rows have a close or an open a cent outside the range; what is compared does not look at the open.
      bars.time[n], bars.open[n], bars.high[n], bars.low[n], bars.close[n] = n * day, math.min(math.max(open, low), high), high, low, close
      if volume then bars.volume[n] = tonumber(fields[volume]) end
      printed[n] = {}
      for i, column in ipairs(columns) do printed[n][i] = tonumber(fields[column]) or 0 / 0 end
    end
  end
  return bars, printed
end

local sheets = {
  { "spy_hma.txt", "bars.close:hma(16)", { 7 }, { 482 }, 1e-6 },
  { "spy_with_vwma.csv", "bars.close:vwma(bars.volume, 20)", { 7 }, { 481 }, 1e-6, volume = 6 },
  { "spy_with_stoch12k3.txt", "sliders.stoch(bars, 12, 3, 5)", { 6, 7 }, { 488, 484 }, 0.001 },
  { "spy_with_williamsR14.txt", "sliders.willr(bars, 14)", { 6 }, { 488 }, 0.001 },
  { "spy_with_ichimoku.csv", "sliders.ichimoku(bars)", { 9, 12, 15 }, { 492, 475, 449 }, 1e-6 },
  { "spy_with_adx.txt", "sliders.dmi(bars, 14)", { 12, 13, 17 }, { 490, 490, 477 }, 0.002 },
  { "spy_dema.txt", "bars.close:dema(5)", { 6 }, { 356 }, 1e-7 },
  { "spy_tema.txt", "bars.close:tema(5)", { 6 }, { 352 }, 1e-7 },
  { "spy_tsi.csv", "bars.close:tsi(25, 13)", { 6 }, { 327 }, 1e-6 },
  { "spy_mfi.txt", "sliders.mfi(bars, 20)", { 7 }, { 480 }, 0.001, volume = 6 },
  { "spy_with_cci.txt", "sliders.cci(bars, 14)", { 6 }, { 488 }, 0.005 },
}

local present = lines_of(truth .. "/lean/spy_hma.txt") ~= nil
if not present then
  if os.getenv "CI" == "true" then error("no " .. truth) end
  print("skipped: LEAN's columns are not at " .. truth)
end

describe("an indicator in a strategy", function()
  for _, sheet in ipairs(present and sheets or {}) do
    it(sheet[2] .. " has the values of " .. sheet[1], function()
      local bars, printed = read_sheet(sheet[1], sheet[3], sheet.volume)
      local got = columns_of(sheet[2], bars)
      for column, expected in ipairs(sheet[4]) do
        local compared = 0
        for i, row in ipairs(printed) do
          if row[column] == row[column] then
            near(got[i][column], row[column], sheet[5], ("row %d, column %d"):format(i, column))
            compared = compared + 1
          end
        end
        assert.equal(expected, compared)
      end
    end)
  end

  if present then
    it("sliders.aroon(bars, 14) has the oscillator of spy_aroon_oscillator.txt as the difference of up and down", function()
      local bars, printed = read_sheet("spy_aroon_oscillator.txt", { 6 })
      local compared = 0
      for i, row in ipairs(columns_of("sliders.aroon(bars, 14)", bars)) do
        if printed[i][1] == printed[i][1] then
          near(row[2] - row[1], printed[i][1], 0.0001, ("row %d"):format(i))
          compared = compared + 1
        end
      end
      assert.equal(486, compared)
    end)
  end
end)

-- ---- Definitions -------------------------------------------------------------------------------------------------------

local nan = 0 / 0

-- f(first index, last index) of every full window of n rows.
local function windows(count, n, f)
  local out = {}
  for i = 1, count do out[i] = i < n and nan or f(i - n + 1, i) end
  return out
end

local function mean(x, first, last)
  local sum = 0
  for i = first, last do sum = sum + x[i] end
  return sum / (last - first + 1)
end

local function extreme(x, first, last, better)
  local best = x[first]
  for i = first + 1, last do best = better(best, x[i]) end
  return best
end

local function middle(bars, n)
  return windows(#bars.time, n, function(a, b) return (extreme(bars.high, a, b, math.max) + extreme(bars.low, a, b, math.min)) / 2 end)
end

local function ema(x, n)
  local out = {}
  for i = 1, #x do
    out[i] = i < n and nan or i == n and mean(x, 1, n) or out[i - 1] + 2 / (n + 1) * (x[i] - out[i - 1])
  end
  return out
end

local definitions = {
  ["bars.close:linreg(9)"] = function(bars)
    return { windows(#bars.time, 9, function(a, b)
      local m, above, below = mean(bars.close, a, b), 0, 0
      for i = a, b do above, below = above + (i - a - 4) * (bars.close[i] - m), below + (i - a - 4) * (i - a - 4) end
      return m + above / below * 4
    end) }
  end,
  ["bars.close:cmo(7)"] = function(bars)
    return { windows(#bars.time, 8, function(a, b)
      local rises, falls = 0, 0
      for i = a + 1, b do
        local change = bars.close[i] - bars.close[i - 1]
        rises, falls = rises + math.max(change, 0), falls + math.max(-change, 0)
      end
      return 100 * (rises - falls) / (rises + falls)
    end) }
  end,
  ["sliders.obv(bars), bars.volume:cumsum()"] = function(bars)
    local obv, all, sum, total = { nan }, {}, 0, 0
    for i = 1, #bars.time do
      total = total + bars.volume[i]
      all[i] = total
      if i > 1 then
        sum = sum + (bars.close[i] > bars.close[i - 1] and 1 or bars.close[i] < bars.close[i - 1] and -1 or 0) * bars.volume[i]
        obv[i] = sum
      end
    end
    return { obv, all }
  end,
  ["bars.close:zscore(10)"] = function(bars)
    return { windows(#bars.time, 10, function(a, b)
      local m, sum = mean(bars.close, a, b), 0
      for i = a, b do sum = sum + (bars.close[i] - m) * (bars.close[i] - m) end
      return (bars.close[b] - m) / math.sqrt(sum / 10)
    end) }
  end,
  ["bars.close:zscore(10, 1)"] = function(bars)
    return { windows(#bars.time, 10, function(a, b)
      local m, sum = mean(bars.close, a, b), 0
      for i = a, b do sum = sum + (bars.close[i] - m) * (bars.close[i] - m) end
      return (bars.close[b] - m) / math.sqrt(sum / 9)
    end) }
  end,
  ["bars.close:corr(bars.volume, 12), sliders.beta(bars.close, bars.volume, 12)"] = function(bars)
    local function sums(a, b)
      local mx, my, xx, yy, xy = mean(bars.close, a, b), mean(bars.volume, a, b), 0, 0, 0
      for i = a, b do
        local x, y = bars.close[i] - mx, bars.volume[i] - my
        xx, yy, xy = xx + x * x, yy + y * y, xy + x * y
      end
      return xx, yy, xy
    end
    return {
      windows(#bars.time, 12, function(a, b)
        local xx, yy, xy = sums(a, b)
        return xy / math.sqrt(xx * yy)
      end),
      windows(#bars.time, 12, function(a, b)
        local _, yy, xy = sums(a, b)
        return xy / yy
      end),
    }
  end,
  ["sliders.keltner(bars, 10, 1.5)"] = function(bars)
    local range = {}
    for i = 2, #bars.time do
      local last = bars.close[i - 1]
      range[i - 1] = math.max(bars.high[i], last) - math.min(bars.low[i], last)
    end
    local m, r, lower, upper = ema(bars.close, 10), ema(range, 10), { nan }, { nan }
    for i = 2, #m do lower[i], upper[i] = m[i] - 1.5 * r[i - 1], m[i] + 1.5 * r[i - 1] end
    return { lower, m, upper }
  end,
  ["sliders.ichimoku(bars, 3, 7, 15)"] = function(bars)
    local fast, slow, wide, a, b = middle(bars, 3), middle(bars, 7), middle(bars, 15), {}, {}
    for i = 1, #fast do
      local k = i - 7
      a[i], b[i] = k >= 1 and (fast[k] + slow[k]) / 2 or nan, k >= 1 and wide[k] or nan
    end
    return { fast, slow, a, b }
  end,
}

describe("the definition of", function()
  local bars = walk(300)
  for make, define in pairs(definitions) do
    it(make .. " is what the column has", function()
      local got, want = columns_of(make, bars), define(bars)
      assert.equal(300, #got)
      for column, values in ipairs(want) do
        for i, value in ipairs(values) do near(got[i][column], value, 1e-9, ("row %d, column %d"):format(i, column)) end
      end
      assert.equal(#want, #got[300])
    end)
  end
end)
