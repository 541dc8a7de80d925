--- `sliders data show`: rows of one pair.

local text = require "sliders.cli.text"
local verbs = require "sliders.cli.data.verbs"
local world = require "sliders.cli.world"

local show = {
  about = "Show rows of a pair: the first and the last, or those around a date.",
  usage = "show PATH... --pairs PAIR [--timeframe FRAME] [--head N] [--tail N] [--at DATE]",
}

local usual = 5

function show.declare(command, add_load_options)
  verbs.paths(command, add_load_options)
  command:option "--pairs":argname "PAIR":description "Which; may be left out where there is one."
  command:option "--timeframe":argname "FRAME":description "Which period, where there are several."
  command:option "--head":argname "N":convert(verbs.number_from("--head", 0)):description "So many of the first rows."
  command:option "--tail":argname "N":convert(verbs.number_from("--tail", 0)):description "So many of the last rows."
  command:option "--at":argname "DATE":description "The row that is open then, with five before and after."
end

function show.check(line)
  if #line.paths == 0 then return "missing PATH" end
  if line.at and (line.head or line.tail) then return "--at goes without --head and --tail" end
  return nil
end

-- The pair that the line names, or the only one.
local function pair_of(market, line)
  if line.pairs then return line.pairs end
  local first = market:pairs()[1].pair
  for _, info in ipairs(market:pairs()) do
    if info.pair ~= first then world.fail("there are several pairs: choose one with --pairs") end
  end
  return first
end

-- Stretches of rows, each {first, count}.
local function stretches(market, pair, info, request)
  local line, at = request.line, request.options.at
  if at then
    local row = market:row_at(pair, at, line.timeframe)
    local first = math.max(1, row - usual)
    return { { first, math.min(info.bars, row + usual) - first + 1 } }
  end
  local head, tail = line.head, line.tail
  if not head and not tail then head, tail = usual, usual end
  head, tail = math.min(head or 0, info.bars), math.min(tail or 0, info.bars)
  if head + tail >= info.bars then return { { 1, info.bars } } end
  local found = {}
  if head > 0 then found[1] = { 1, head } end
  if tail > 0 then found[#found + 1] = { info.bars - tail + 1, tail } end
  return found
end

local columns = { "open", "high", "low", "close", "ask_open", "ask_high", "ask_low", "ask_close", "volume" }

-- Numbers of one column with as many decimals as the longest has: the eye compares digits.
local function align(rows, column)
  local most = 0
  for i = 2, #rows do most = math.max(most, #(rows[i][column]:match("^%-?%d+%.(%d+)$") or "")) end
  for i = 2, #rows do
    local whole, decimals = rows[i][column]:match("^(%-?%d+)%.?(%d*)$")
    if whole and most > 0 then rows[i][column] = ("%s.%s%s"):format(whole, decimals, ("0"):rep(most - #decimals)) end
  end
end

-- Appends the rows of one stretch to the table's.
local function append(rows, names, bars, first, format, clock)
  for i = 1, #bars.time do
    local row = { tostring(first + i - 1), format(bars.time[i], clock) }
    for _, name in ipairs(names) do row[#row + 1] = text.plain(bars[name][i]) end
    rows[#rows + 1] = row
  end
end

local function skipped(names)
  local row = { "...", "" }
  for _ = 1, #names do row[#row + 1] = "" end
  return row
end

function show.run(w, request)
  local line = request.line
  local market = verbs.market(w, request)
  local pair = pair_of(market, line)
  local _, info = verbs.find(market, pair, line.timeframe)
  local rows, names = {}, nil
  for _, stretch in ipairs(stretches(market, pair, info, request)) do
    local bars = market:bars(pair, { timeframe = line.timeframe, first = stretch[1], count = stretch[2] })
    if not names then
      names = {}
      for _, name in ipairs(columns) do
        if bars[name] then names[#names + 1] = name end
      end
      rows[1] = { "row", "time" }
      for _, name in ipairs(names) do rows[1][#rows[1] + 1] = name end
    end
    if #rows > 1 then rows[#rows + 1] = skipped(names) end
    append(rows, names, bars, stretch[1], w.sliders.time_format, not info.date_only)
  end
  for k = 1, #names do align(rows, k + 2) end
  w.out:write(("%s %s, %s, %s\n"):format(pair, w.sliders.timeframe_format(info.period_ns), info.side, text.counted(info.bars, "row")))
  world.print(w.out, text.table(rows))
  return 0
end

return show
