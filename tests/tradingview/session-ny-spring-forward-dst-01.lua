local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars) self.time = bars.time end

-- New York is four hours behind UTC in summer: until 2025-11-02 06:00 and from 2026-03-08 07:00 UTC, within the list's days.
local winter_begins, winter_ends = 1762063200, 1772953200

local function in_session(time)
  local offset = time >= winter_begins and time < winter_ends and 5 or 4
  local clock = tv.clock(time - offset * 3600)
  return clock >= 930 and clock < 1600
end

function S:bar(broker)
  local before, now, position = self.before, in_session(self.time[0]), broker.position
  if now and not before and position == 0 then tv.entry(broker, "L", "long", 1, { tag = "session open" }) end
  if before and not now and position > 0 then broker:close { id = "L", tag = "session close" } end
  self.before = now
end

return S
