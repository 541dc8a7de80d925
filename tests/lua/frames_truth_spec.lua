-- Days of real hourly quotes as a strategy sees them: New York's are trading days, UTC's are not.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local sliders = require "sliders"

local path = (os.getenv "SLIDERS_SHARED" or "../shared") .. "/data/lean/oanda/hour/eurusd.zip"
local vm = jit and "luajit" or "lua54"

local file = io.open(path, "rb")
if not file then
  if os.getenv "CI" == "true" then error("no " .. path) end
  print("skipped: no " .. path)
  return
end
file:close()

-- Prints each finished day once: its start, and the weekday on which it ends.
local source = [[
local sliders = require "sliders"
local S = sliders.strategy { warmup = 0 }
function S:init(bars)
  self.time = bars:at("1d", { day = "%s" }).time
  self.ends = sliders.weekday(self.time + 86400 - 3600, "%s")
end
function S:bar()
  local time, fresh = self.time, 1
  if time[0] ~= time[0] or time[0] == self.last then return end
  while self.last and time[fresh] ~= self.last do fresh = fresh + 1 end -- behind a hole two days may end at once
  self.last = time[0]
  for k = fresh - 1, 0, -1 do
    print(string.format("%%.0f %%d", time[k], self.ends[k]))
  end
end
return S]]

local host, market

setup(function()
  host = sliders.open { workers = 1, engine_dir = build .. "/core/vm/lua" }
  market = host:market(path)
end)

local function days(ends, zone)
  local job = host:run(host:strategy_text("days.lua", source:format(ends, zone), vm), market, {}).jobs[1]
  if job.state ~= "done" then error(tostring(job.error or job.state)) end
  local list = {}
  for line in job.log:gmatch "[^\n]+" do
    local day, weekday = line:match "^(%S+) (%S+)$"
    list[#list + 1] = { time = tonumber(day), weekday = tonumber(weekday) }
  end
  return list
end

describe("hourly EURUSD of twelve years", function()
  it("has 3,112 New York days, none a Saturday or a Sunday", function()
    local list, weekends = days("ny", "America/New_York"), 0
    for _, day in ipairs(list) do weekends = weekends + (day.weekday >= 6 and 1 or 0) end
    assert.equal(3112, #list)
    assert.equal(0, weekends)
  end)

  it("has 3,738 UTC days, 620 of them Sundays", function()
    local list, sundays = days("utc", "UTC"), 0
    for _, day in ipairs(list) do sundays = sundays + (day.weekday == 7 and 1 or 0) end
    assert.equal(3738 - 1, #list) -- the last is not over
    assert.equal(620, sundays)
  end)
end)
