--- `sliders data export`: pairs as text or as NumPy files.

local text = require "sliders.cli.text"
local verbs = require "sliders.cli.data.verbs"
local world = require "sliders.cli.world"

local export = {
  about = "Write pairs as CSV files or as a NumPy file per column.",
  usage = "export PATH... --csv DIR | --npy DIR [--pairs A,B,...] [--timeframe FRAME]",
}

function export.declare(command, add_load_options)
  verbs.paths(command, add_load_options)
  command:option "--csv":argname "DIR":convert(verbs.path_of("--csv")):description "Write DIR/PAIR-FRAME.csv and a description beside it."
  command:option "--npy":argname "DIR":convert(verbs.path_of("--npy")):description "Write DIR/PAIR/FRAME/time.npy and so on."
  verbs.pair_names(command)
  command:option "--timeframe":argname "FRAME":description "Only this period."
  command:flag "--quiet":description "Say nothing but errors."
end

function export.check(line)
  if #line.paths == 0 then return "missing PATH" end
  if not line.csv and not line.npy then return "missing --csv DIR or --npy DIR" end
  return nil
end

function export.run(w, request)
  local line = request.line
  world.expect_writable(w, nil, line.csv)
  world.expect_writable(w, nil, line.npy)
  local market = verbs.market(w, request)
  for _, info in ipairs(verbs.series(w, market, line.pairs, line.timeframe)) do
    local period = w.sliders.timeframe_format(info.period_ns)
    if line.csv then market:write_csv(info.pair, ("%s/%s-%s.csv"):format(line.csv, info.pair, period), period) end
    if line.npy then market:write_npy(info.pair, ("%s/%s/%s"):format(line.npy, info.pair, period), period) end
    if not line.quiet then w.out:write(("%s %s: %s\n"):format(info.pair, period, text.counted(info.bars, "row"))) end
  end
  return 0
end

return export
