--- `sliders data resample`: longer bars, made and kept.

local text = require "sliders.cli.text"
local verbs = require "sliders.cli.data.verbs"

local resample = {
  about = "Make longer bars of shorter ones or of ticks, and keep them in a store.",
  usage = "resample PATH... --timeframe FRAME --into STORE [--pairs A,B,...] [--day-end DAY]",
}

function resample.declare(command, add_load_options)
  verbs.paths(command, add_load_options)
  command:option "--timeframe":argname "FRAME":description "Length of the bars: 5m, 1h, 4h, 1d, 1w, 1mo."
  command:option "--into":argname "STORE":description "Folder of the store; may be one of PATH."
  verbs.pair_names(command)
  verbs.day(command)
  command:flag "--quiet":description "Say nothing but errors."
end

function resample.check(line)
  if #line.paths == 0 then return "missing PATH" end
  if not line.timeframe then return "missing --timeframe FRAME" end
  if not line.into then return "missing --into STORE" end
  return nil
end

function resample.run(w, request)
  local line = request.line
  local market = verbs.market(w, request)
  local made = market:resample { timeframe = line.timeframe, day = line.day_end, day_zone = line.day_zone, pairs = line.pairs }
  made:save(line.into)
  if line.quiet then return 0 end
  for _, info in ipairs(made:pairs()) do
    w.out:write(("%s %s: %s\n"):format(info.pair, w.sliders.timeframe_format(info.period_ns), text.counted(info.bars, "row")))
  end
  return 0
end

return resample
