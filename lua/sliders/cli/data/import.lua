--- `sliders data import`: files into a store.

local progress = require "sliders.cli.progress"
local report = require "sliders.cli.report"
local text = require "sliders.cli.text"
local verbs = require "sliders.cli.data.verbs"
local world = require "sliders.cli.world"

local import = {
  about = "Read files and keep what they hold in a store.",
  usage = "import PATH... --into STORE [options]",
}

function import.declare(command, add_load_options)
  verbs.paths(command, add_load_options)
  command:option "--into":argname "STORE":description "Folder of the store, made where missing."
  command:option "--timeframe":argname "FRAME":description "Store bars of this length, made of what the files hold."
  verbs.day(command)
  command:flag "--quiet":description "Say nothing but errors."
end

function import.check(line)
  if #line.paths == 0 then return "missing PATH" end
  if not line.into then return "missing --into STORE" end
  return nil
end

-- Imports with a bar on the terminal, which is gone whatever happens. Ctrl-C while files are read stores nothing and ends the command; once they are joined
-- and stored it waits. Returns whether it came then, too.
local function import_with_bar(w, request)
  local line = request.line
  local bar = progress.new(w.err, w.terminal and not line.quiet, "files")
  local host = w.sliders.open { workers = line.workers }
  local held
  local function look(now)
    bar:update { done = now.read, jobs = now.files, failed = 0 }
    if now.read == now.files then held = held or w.hold() end
  end
  local ok, series, loaded = pcall(host.import, host, line.into, line.paths, {
    load = verbs.load_options(request), instruments = request.market.instruments, timeframe = line.timeframe, day = line.day_end, day_zone = line.day_zone,
    progress = look,
  })
  bar:clear()
  if not ok then error(series, 0) end
  return series, loaded, held:caught()
end

function import.run(w, request)
  local series, loaded, interrupted = import_with_bar(w, request)
  if interrupted then w.err:write("sliders: interrupted when everything had been stored\n") end
  local status = interrupted and 130 or 0
  if request.line.quiet then return status end
  world.print(w.err, report.loading(loaded, verbs.load_options(request)))
  for _, info in ipairs(series) do
    local what = info.added == 0 and "nothing new" or ("%s new"):format(text.count(info.added))
    w.out:write(("%s %s: %s, %s\n"):format(info.pair, w.sliders.timeframe_format(info.period_ns), text.counted(info.bars, "row"), what))
  end
  return status
end

return import
