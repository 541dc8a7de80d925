--- What the audit of a run reads of its market: bars, when they are known, what converts their quote currency, and where positions are marked.
--
-- Written from docs/data.md (Conversion) and docs/fills.md (Sides and costs); shares no code with the core. Rows are counted from 0, as records do.

local TEN_DAYS = 10 * 86400 * 1000000000

local market = {}

-- When each row is known: after its period, and never after the next open. Ticks at their own time.
local function closes_of(time, period)
  local closes = {}
  for i = 1, #time do
    local close = time[i] + period
    if time[i + 1] and time[i + 1] < close then close = time[i + 1] end
    closes[i] = close
  end
  return closes
end

local function read(from, info)
  local rows = from:bars(info.pair, { timeframe = info.frame })
  rows.info, rows.closes = info, closes_of(rows.time, info.period_ns)
  for _, side in ipairs { "", "ask_" } do
    for _, name in ipairs { "open", "high", "low" } do rows[side .. name] = rows[side .. name] or rows[side .. "close"] end
  end
  rows.count = #rows.time
  return rows
end

-- The series of a market by pair, the shortest bars of each.
local function shortest(from, frame_of)
  local found = {}
  for _, info in ipairs(from:pairs()) do
    if not found[info.pair] then
      info.frame = frame_of(info.period_ns)
      found[info.pair] = { from = from, info = info }
    end
  end
  return found
end

--- The series of a run over `from`: those of its time frame where it has one, which fit; of others the shortest.
---@param from sliders.Market
---@param options sliders.RunOptions
---@param frame_of fun(period_ns: integer): string
function market.open(from, options, frame_of)
  local places, made, rows, rates = shortest(from, frame_of), {}, {}, {}
  if options.timeframe then
    for pair in pairs(places) do
      local fits, one = pcall(from.resample, from, { timeframe = options.timeframe, day = options.day, day_zone = options.day_zone, pairs = { pair } })
      if fits then places[pair], made[#made + 1] = shortest(one, frame_of)[pair], one end
    end
  end
  local world = { currency = options.currency or "USD" }

  --- The rows of a pair, or nil.
  function world.bars(pair)
    if not rows[pair] and places[pair] then rows[pair] = read(places[pair].from, places[pair].info) end
    return rows[pair]
  end

  local function leg(from_currency, to)
    local direct, inverse = from_currency .. to, to .. from_currency
    if places[direct] then return { pair = direct } end
    return places[inverse] and { pair = inverse, inverse = true }
  end

  local function two_legs(quote, middle)
    if middle == quote or middle == world.currency then return nil end
    local first, second = leg(quote, middle), leg(middle, world.currency)
    return first and second and { first, second }
  end

  local function way(quote)
    local direct = leg(quote, world.currency)
    if direct then return { direct } end
    local found = two_legs(quote, "USD") or two_legs(quote, "EUR")
    if found then return found end
    local middles = {}
    for _, place in pairs(places) do
      middles[#middles + 1] = place.info.base
      middles[#middles + 1] = place.info.quote
    end
    table.sort(middles)
    for _, middle in ipairs(middles) do
      found = two_legs(quote, middle)
      if found then return found end
    end
    error("no way from " .. quote .. " to " .. world.currency)
  end

  -- Multiplies out[i] by what a leg knows at instants[i].
  local function apply(out, instants, by, own)
    local source, closed = world.bars(by.pair), 0
    for i = 1, #instants do
      local last = source == own and i or source.count
      while closed < last and source.closes[closed + 1] <= instants[i] do closed = closed + 1 end
      if closed == 0 or instants[i] - source.closes[closed] > TEN_DAYS then out[i] = 0 / 0
      else out[i] = out[i] * (by.inverse and 1 / source.close[closed] or source.close[closed]) end
    end
  end

  -- What one unit of the pair's quote currency is worth, for fills in each row and for marks at its close.
  local function convert(of)
    local fill, mark = {}, {}
    for i = 1, of.count do fill[i], mark[i] = 1, 1 end
    if of.info.quote ~= world.currency then
      for _, by in ipairs(way(of.info.quote)) do
        apply(fill, of.time, by, of)
        apply(mark, of.closes, by, of)
      end
    end
    return { fill = fill, mark = mark }
  end

  --- To be called at the end: the market can change again.
  function world.close()
    for _, one in ipairs(made) do one:free() end
  end

  --- "fill" or "mark": the rate of a row.
  function world.rate(of, row, when)
    rates[of] = rates[of] or convert(of)
    return rates[of][when][row + 1]
  end

  return world
end

--- Where what is held long, and short, is marked when a row of `data` stands at its "open" or "close".
---@param of table     rows of market.open
---@param data table   as the job tells it
---@param spread number  price units
---@param entry boolean  only what opens pays the spread
function market.marks(of, data, spread, entry, row, point)
  local price = of[point][row + 1]
  if entry then return price, price end
  if data.side == "both" then return price, of["ask_" .. point][row + 1] end
  if data.side == "mid" then return price - 0.5 * spread, price + 0.5 * spread end
  return price, price + spread
end

return market
