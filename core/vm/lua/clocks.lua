-- Clocks: bars of higher time frames, the calendar, hours of business.
local core, vm, own = ...

local error, type, ipairs, rawset, setmetatable = error, type, ipairs, rawset, setmetatable
local format, concat = string.format, table.concat
local sliders, wrap, unknown, text, keys_of = own.sliders, own.wrap, own.unknown, own.text, own.keys_of

function own.place_of() return nil end -- several.lua knows better, and
function own.names_of() return nil end -- this too

local days = { ny = 0, utc = 1, source = 2 } -- as sld_day
local known_options = { day = true, zone = true }

-- The day's clock that options name, as a number, and its zone.
local function clock(options, what, level)
  if options == nil then return days.ny, nil end
  own.options(options, what, level + 1)
  for _, name in ipairs(keys_of(options)) do
    if not known_options[name] then unknown(what, name, known_options, level + 1) end
  end
  local day = options.day == nil and "ny" or options.day
  if not days[day] then
    local hint = type(day) == "string" and core.suggest(day, keys_of(days))
    error(format("%s's day must be one of %s, not %s%s", what, concat(keys_of(days), ", "), type(day) == "string" and "'" .. day .. "'" or vm.type(day),
      hint and format("; did you mean '%s'?", hint) or ""), level + 1)
  end
  return days[day], options.zone ~= nil and text(options.zone, what .. "'s zone", level + 1) or nil
end

-- A core function's answer, or its words as an error.
local function made(id, what, level)
  if type(id) == "string" then error(format("%s: %s", what, id), level + 1) end
  return id
end

local function only_in_init(what, level)
  if own.phase ~= "init" then error(format("%s makes columns: call it in init or signal, not in %s", what, own.phase), level + 1) end
end

-- The place of a pair's bars among several; nil where they are the job's own.
local function place_of(bars, what, level)
  local place = own.place_of(bars)
  if not place and bars ~= own.bars then error(format("%s is called with a colon: bars:%s(...)", what, what), level + 1) end
  return place
end

-- ---- Time frames -----------------------------------------------------------------------------------------------------

local frame_fields = { open = true, high = true, low = true, close = true, volume = true, time = true, ask = true, bid = true, ask_open = true, ask_high = true, ask_low = true, ask_close = true,
  pair = true, base = true, quote = true, pip = true, lot = true, timeframe = true }

local frames = setmetatable({}, { __mode = "k" }) -- bars of a frame -> its number

local meta_of_frame = {
  __index = function(bars, name)
    if not frame_fields[name] then unknown("bars of a time frame", name, frame_fields, 2) end
    if own.phase ~= "init" then error(format("%s of a time frame must first be named in init", name), 2) end
    local at = frames[bars]
    local id = core.frame_base(at, name)
    if not id then error(format("%s has no %s", bars.pair, name), 2) end
    local column = wrap(id, at)
    rawset(bars, name, column)
    return column
  end,
}

-- bars:at(timeframe, options): the finished periods of a higher time frame.
function own.at(bars, timeframe, options)
  local place = place_of(bars, "at", 2)
  only_in_init("bars:at", 2)
  local day, zone = clock(options, "bars:at", 2)
  local at = made(core.at(text(timeframe, "bars:at's time frame", 2), day, zone, place), "bars:at", 2)
  local higher = { pair = bars.pair, base = bars.base, quote = bars.quote, pip = bars.pip, lot = bars.lot, timeframe = timeframe }
  frames[higher] = at
  for _, name in ipairs { "open", "high", "low", "close" } do higher[name] = wrap(core.frame_base(at, name), at) end
  return own.sealed_bars(setmetatable(higher, meta_of_frame))
end

-- A column of a time frame as the bars see it: on each bar the value of the last finished period.
function sliders.held(x)
  local id = vm.id(x)
  if not id then error("held's argument must be a column, not " .. vm.type(x), 2) end
  only_in_init("sliders.held", 2)
  return wrap(core.join(id))
end
vm.methods.held = sliders.held

local periods = { day = "1d", week = "1w", month = "1mo" }

-- bars:first_of("month"): 1 where a bar is the first of its month.
function own.first_of(bars, period, options)
  local place = place_of(bars, "first_of", 2)
  only_in_init("bars:first_of", 2)
  local timeframe = periods[text(period, "first_of's period", 2)]
  if not timeframe then
    local hint = core.suggest(period, keys_of(periods))
    error(format("first_of's period must be one of %s, not '%s'%s", concat(keys_of(periods), ", "), period, hint and format("; did you mean '%s'?", hint) or ""), 2)
  end
  local day, zone = clock(options, "first_of", 2)
  local time = vm.id(bars.time)
  return wrap(made(core.firsts(time, timeframe, day, zone, place), "first_of", 2), core.frame_of(time))
end

-- ---- The calendar ----------------------------------------------------------------------------------------------------

-- sliders.year(time, zone) and its like: of a column of times a column, of a time a number.
for hand, name in ipairs { "year", "month", "day", "weekday", "hour", "minute" } do
  local what = "sliders." .. name
  sliders[name] = function(time, zone)
    zone = zone == nil and "UTC" or text(zone, name .. "'s zone", 2)
    if type(time) == "number" then return vm.integer(made(core.hand_at(time, hand - 1, zone), what, 2)) end
    local id = vm.id(time)
    if not id then error(format("%s's time must be a column or a number, not %s", name, vm.type(time)), 2) end
    only_in_init(what .. " of a column", 2)
    return wrap(made(core.hand(id, hand - 1, zone), what, 2), core.frame_of(id))
  end
end

-- sliders.session(hours, zone, days, bars): 1 where a bar opens within the hours. Of several pairs, `bars` says whose.
function sliders.session(hours, zone, on_days, bars)
  text(hours, "session's hours", 2)
  zone = zone == nil and "UTC" or text(zone, "session's zone", 2)
  on_days = on_days ~= nil and text(on_days, "session's days", 2) or nil
  only_in_init("sliders.session", 2)
  bars = bars == nil and own.bars or bars
  if bars ~= own.bars and not own.place_of(bars) then error(format("session's bars must be the bars, not %s", vm.type(bars)), 2) end
  local names = own.names_of(bars)
  if names then error(format("sliders.session wants the bars of one pair as its last argument, as in sliders.session('0930-1600', 'UTC', nil, bars.%s)", names[1]), 2) end
  local time = vm.id(bars.time)
  return wrap(made(core.hours(time, hours, on_days, zone), "sliders.session", 2), core.frame_of(time))
end

-- sliders.rate(currency): the short rate that is published at each bar's close, in percent a year.
function sliders.rate(currency)
  text(currency, "rate's currency", 2)
  only_in_init("sliders.rate", 2)
  return wrap(made(core.rate(currency), "sliders.rate", 2))
end
