--- Runs hostile strategies beside innocent ones, and looks whether the host and the innocent take harm.
--
--   lua run.lua --vm VM --isolation thread|process FIRST LAST
--
-- For every seed from FIRST to LAST: the strategy is opened, and runs with limits while an innocent run goes on in the same host; the innocent's bytes must be
-- those of a run alone. What is tagged as a class that no thread can end is left to processes. At the end no descriptor may be left and memory must not
-- have grown. The seed that runs is on the standard error, so that a host that is gone can be asked for its last one; the last line of the standard output
-- is "N passed, N failed, N left to processes".
local folder = arg[0]:match "^(.*)/" or "."
local root = folder .. "/../.."
local build = os.getenv "SLIDERS_BUILD" or root .. "/build"
package.path = ("%s/?.lua;%s/lua/?.lua;%s/lua/?/init.lua;%s"):format(folder, root, root, package.path)
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, _VERSION:match "%d%.%d", package.cpath)

local sliders = require "sliders"
local generate = require "generate"

local options = { vm = "luajit", isolation = "thread" }
local numbers = {}
do
  local i = 1
  while arg[i] do
    local name = arg[i]:match "^%-%-(%l+)$"
    if name then
      options[name] = arg[i + 1]
      i = i + 1
    else numbers[#numbers + 1] = tonumber(arg[i]) end
    i = i + 1
  end
end
local first, last = numbers[1] or 1, numbers[2] or 100
local in_processes = options.isolation == "process"

local innocent_text = [[
local sliders = require "sliders"
local S = sliders.strategy { params = { n = sliders.int(5, 2, 50) } }
function S:init(bars, p) self.fast, self.slow = sliders.ema(bars.close, p.n), sliders.sma(bars.close, 3 * p.n) print(bars.pair, sliders.random()) end
function S:bar(broker)
  if self.bars.close[0] > 1.2 * self.slow[0] then print(("%.5f"):format(self.bars.close[0])) end
  broker:target(self.fast[0] > self.slow[0] and 0.5 or -0.5)
end
return S
]]

-- Daily bars that wander, the same every time.
local function wander(pair, price, seed)
  local bars, state = { pair = pair, time = {}, open = {}, high = {}, low = {}, close = {}, period_ns = 86400e9, side = "mid" }, seed
  for i = 1, 60 do
    state = math.fmod(state * 16807, 2147483647)
    local close = price * (1 + 0.02 * (state / 2147483647 - 0.5))
    bars.time[i] = math.floor(i * 86400e9)
    bars.open[i], bars.close[i], bars.high[i], bars.low[i] = price, close, math.max(price, close) * 1.001, math.min(price, close) * 0.999
    price = close
  end
  return bars
end

local host = sliders.open { workers = 2 }
local market = host:market()
market:add(wander("EURUSD", 1.1, 11))
market:add(wander("USDJPY", 110, 12))
market:add(wander("USDCAD", 1.3, 13))

local file = os.tmpname()
local function bytes_of(result)
  result:write_json(file)
  local handle = assert(io.open(file, "rb"))
  local text = handle:read "*a"
  handle:close()
  return text
end

local innocent = host:strategy_text("innocent.lua", innocent_text, options.vm)
local want = bytes_of(host:run(innocent, market))

-- In processes nothing is counted: what does not end is ended from outside.
local limits = { memory = 24 * 2 ^ 20, records = 2000, log = 20000, instructions = 200000, bar = 10, job = 20 }
if in_processes then limits.instructions, limits.bar, limits.job = 0, 0.1, 0.3 end
local open_limits = { memory = 24 * 2 ^ 20, instructions = 500000 }

local function status(name)
  for line in io.lines "/proc/self/status" do
    local value = line:match("^" .. name .. ":%s*(%d+)")
    if value then return tonumber(value) end
  end
end

-- Pipes left out: one leads to the program that counts.
local function descriptors()
  local pipe = assert(io.popen "ls -l /proc/$PPID/fd | grep -vc pipe:")
  local count = tonumber(pipe:read "*a")
  pipe:close()
  return count
end

local function collect()
  collectgarbage()
  collectgarbage() -- what the first one's finalisers have let go of
end

local endings = {}
local function note(what) endings[what] = (endings[what] or 0) + 1 end

-- The hostile strategy beside the innocent one; nil, or what is wrong.
local function attack(text)
  local beside = host:start(innocent, market)
  local how = { vm = options.vm, limits = open_limits, isolation = in_processes and "process" or nil }
  local opened, strategy = pcall(host.strategy_text, host, "hostile.lua", text, how)
  if opened then
    local started, run = pcall(host.start, host, strategy, market, { limits = limits, keep = "all", isolation = in_processes and "process" or nil })
    if started then
      run:wait()
      local result = run:result()
      for _, job in ipairs(result.jobs) do note(job.error and job.error.status or job.state) end
      bytes_of(result)
      result.core:free()
      run.core:free()
    else note("refused " .. run.status) end
    strategy:free()
  else note("not opened: " .. tostring(strategy.status)) end
  beside:wait()
  local got = bytes_of(beside:result())
  beside.core:free()
  if got ~= want then return "the innocent run's bytes are others" end
end

local passed, failed, left, at_first = 0, 0, 0, nil
for seed = first, last do
  local text, tags = generate(seed)
  if next(tags) and not in_processes then left = left + 1
  else
    io.stderr:write(seed, "\n")
    local good, wrong = pcall(attack, text)
    if good and not wrong then passed = passed + 1
    else
      failed = failed + 1
      print(("seed %d: %s"):format(seed, tostring(wrong)))
    end
  end
  if seed == first + math.floor((last - first) / 4) then
    collect()
    at_first = { memory = status "VmRSS", descriptors = descriptors() }
  end
end
os.remove(file)
collect()

local function look(good, what)
  if good then passed = passed + 1 else
    failed = failed + 1
    print(what)
  end
end
local memory, open_files = status "VmRSS", descriptors()
look(open_files <= at_first.descriptors, ("descriptors: %d, %d after a quarter"):format(open_files, at_first.descriptors))
look(memory < at_first.memory + 65536, ("memory: %d KiB, %d after a quarter"):format(memory, at_first.memory))
innocent:free()
market:free()
host:close()

local names = {}
for name in pairs(endings) do names[#names + 1] = name end
table.sort(names)
for i, name in ipairs(names) do names[i] = ("%s %d"):format(name, endings[name]) end
print(("%s, %s, seeds %d to %d: %s; %d MiB"):format(options.vm, options.isolation, first, last, table.concat(names, ", "), math.floor(memory / 1024)))
print(("%d passed, %d failed, %d left to processes"):format(passed, failed, left))
os.exit(failed == 0 and 0 or 1)
