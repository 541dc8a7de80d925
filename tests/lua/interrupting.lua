--- Sends the command SIGINT at moments that do not depend on time. Loaded before the command (-l interrupting); $INTERRUPT names the moment, and
--- $INTERRUPT.gate a file that keeps the worker from any job until it is there.

local moment = os.getenv "INTERRUPT"

local function touch(path) io.open(path, "w"):close() end

local function await(path)
  local file
  repeat file = io.open(path) until file
  file:close()
end

local function interrupt()
  io.popen("kill -INT $PPID"):close() -- os.execute would have it ignored meanwhile
end

-- Has the host's only worker wait at the gate, and returns what opens it.
local function hold_worker(host)
  local pool = host:pool()
  local future = pool:submit(function(name)
    touch(name .. ".taken")
    await(name .. ".gate")
  end, moment)
  await(moment .. ".taken")
  return function()
    touch(moment .. ".gate")
    future:wait()
    pool:close()
  end
end

local moments = {}

-- Interrupts when a run has started, and calls `drained` when that has been noticed.
local function at_start(host, drained)
  local start = host.start
  function host.start(...)
    local run = start(...)
    local drain = run.drain
    function run.drain(self)
      drain(self)
      drained()
    end
    interrupt()
    return run
  end
end

-- When a run has started; no job has.
function moments.run(host) at_start(host, hold_worker(host)) end

-- When a run has started, and again as soon as that has been noticed.
function moments.twice(host) at_start(host, interrupt) end

-- While results are written.
function moments.write(host)
  local run = host.run
  function host.run(...)
    local result = run(...)
    local write = result.write_json
    function result.write_json(...)
      interrupt()
      return write(...)
    end
    return result
  end
end

-- While data are read.
function moments.load(host)
  local market = host.market
  function host.market(...)
    interrupt()
    return market(...)
  end
end

local function at_progress(host, at)
  local import = host.import
  function host.import(self, store, paths, options)
    local progress = options.progress
    function options.progress(now)
      progress(now)
      if at(now) then interrupt() end
    end
    return import(self, store, paths, options)
  end
end

-- While files of an import are read; and when all are.
function moments.read(host) at_progress(host, function(now) return now.read < now.files end) end
function moments.store(host) at_progress(host, function(now) return now.read == now.files end) end

local require_really, patched = require, false

function require(name) -- luacheck: ignore
  local module = require_really(name)
  if name == "sliders" and not patched then
    patched = true
    local open = module.open
    function module.open(options)
      local host = open(options)
      moments[moment](host)
      return host
    end
  end
  return module
end
