--- What a market's series hold: finding, reading and writing one of them. Methods of sliders.Market.

local core = require "sliders.core"

local Failure = { __tostring = function(failure) return failure.message end }

-- Raises an error like those of the core.
local function fail(message)
  error(setmetatable({ status = "ENAME", file = "", line = 0, column = 0, message = message, detail = "" }, Failure), 0)
end

local function expect(value, err)
  if value == nil and err ~= nil then error(err, 0) end
  return value
end

-- "1m, 1h and 1d"
local function listed(names)
  if #names < 2 then return names[1] or "" end
  return table.concat(names, ", ", 1, #names - 1) .. " and " .. names[#names]
end

local function no_pair(infos, pair)
  local names, seen = {}, {}
  for _, info in ipairs(infos) do
    if not seen[info.pair] then names[#names + 1] = info.pair end
    seen[info.pair] = true
  end
  local near = core.suggest(pair, names)
  fail(("the data hold no %s%s"):format(pair, near and ("; did you mean %s?"):format(near) or ": there are " .. listed(names)))
end

---@class sliders.Bars: table<string, number[]>
---@field time integer[]  ns since 1970 UTC, opens
---@field close number[]

return function(Market)
  --- Where a pair's bars stand in Market:pairs(), and what is told of them. Where there are several periods, `timeframe` chooses.
  ---@param pair string
  ---@param timeframe? string
  ---@return integer, table
  function Market:find(pair, timeframe)
    local infos = self:pairs()
    local periods, place = {}, nil
    for i, info in ipairs(infos) do
      if info.pair == pair then
        periods[#periods + 1] = core.timeframe_format(info.period_ns)
        if not timeframe or timeframe == periods[#periods] then place = i end
      end
    end
    if #periods == 0 then no_pair(infos, pair) end
    if not place then fail(("%s is there as %s, not as %s"):format(pair, listed(periods), timeframe)) end
    if not timeframe and #periods > 1 then fail(("%s is there as %s: choose one with a time frame"):format(pair, listed(periods))) end
    return place, infos[place]
  end

  --- Rows of a pair as columns: time, close and, where there are any, open, high, low, volume, ask_open, ask_high, ask_low, ask_close. Rows
  --- are counted from 1; a negative `first` counts from the end, -1 being the last. Without `count` all that follow.
  ---@param pair string
  ---@param how? { timeframe?: string, first?: integer, count?: integer }
  ---@return sliders.Bars
  function Market:bars(pair, how)
    how = how or {}
    local place, info = self:find(pair, how.timeframe)
    local first = how.first or 1
    if first < 0 then first = math.max(1, info.bars + 1 + first) end
    return self.core:rows(place, first, how.count or info.bars)
  end

  --- How many rows of a pair open at or before a time: the number of the last of them.
  ---@param pair string
  ---@param time string|integer
  ---@param timeframe? string
  ---@return integer
  function Market:row_at(pair, time, timeframe)
    return expect(self.core:row_at((self:find(pair, timeframe)), time))
  end

  --- Looks for what may be wrong with a pair although every row is possible: {open_ns, missing_ns, pause_ns, gaps, small_gaps, pauses,
  --- closed_rows, findings}, a finding being {kind, row, time, until, message}. Holes of more than `gap_ns` of open market are told of one by one.
  ---@param pair string
  ---@param how? { timeframe?: string, gap_ns?: integer }
  ---@return table
  function Market:check(pair, how)
    how = how or {}
    return expect(self.core:check((self:find(pair, how.timeframe)), how.gap_ns))
  end

  --- Writes a pair as text, with a description of the same name beside it. `path` ends in .csv.
  ---@param pair string
  ---@param path string
  ---@param timeframe? string
  function Market:write_csv(pair, path, timeframe)
    expect(self.core:write_csv((self:find(pair, timeframe)), path))
  end

  --- Writes a NumPy file per column into a folder.
  ---@param pair string
  ---@param dir string
  ---@param timeframe? string
  function Market:write_npy(pair, dir, timeframe)
    expect(self.core:write_npy((self:find(pair, timeframe)), dir))
  end
end
