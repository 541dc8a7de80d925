--- `sliders data ls`: which pairs there are, in which periods, from when to when.

local text = require "sliders.cli.text"
local verbs = require "sliders.cli.data.verbs"
local world = require "sliders.cli.world"

local ls = {
  about = "List the pairs of files, folders and stores.",
  usage = "ls PATH... [--pairs A,B,...]",
}

function ls.declare(command, add_load_options)
  verbs.paths(command, add_load_options)
  verbs.pair_names(command)
end

function ls.check(line)
  return #line.paths == 0 and "missing PATH" or nil
end

local function kind(info)
  if info.ticks then return "ticks" end
  return info.one_price and "one price" or "bars"
end

function ls.run(w, request)
  local market = verbs.market(w, request)
  local format = w.sliders.time_format
  local rows = { { "pair", "period", "rows", "first", "last", "side", "what", "source" } }
  for _, info in ipairs(verbs.series(w, market, request.line.pairs)) do
    local period = w.sliders.timeframe_format(info.period_ns)
    local source = info.source ~= "" and info.source or "-"
    local first, last = format(info.first_time, not info.date_only), format(info.last_time, not info.date_only)
    rows[#rows + 1] = { info.pair, period, text.count(info.bars), first, last, info.side, kind(info), source }
  end
  world.print(w.out, text.table(rows))
  return 0
end

return ls
