-- The turtles' rule: enter on a new extreme of `entry` bars, leave on the opposite extreme of `exit` bars,
-- with a stop a few average ranges away.
local sliders = require "sliders"

local Breakout = sliders.strategy {
  about = "Enters on a new high or low, leaves on a shorter opposite one, with a stop by average range.",
  params = {
    entry = sliders.int(55, 10, 200, { label = "bars of the channel that is entered on" }),
    exit = sliders.int(20, 5, 100, { label = "bars of the channel that is left on" }),
    range = sliders.int(20, 5, 100, { label = "bars in the average true range" }),
    stop = sliders.number(2, 0.5, 10, { step = 0.5, label = "average ranges from entry to stop" }),
  },
  valid = function(p) return p.exit < p.entry end,
}

function Breakout:init(bars, p)
  self.high, self.low = bars.high:rolling_max(p.entry), bars.low:rolling_min(p.entry)
  self.exit_high, self.exit_low = bars.high:rolling_max(p.exit), bars.low:rolling_min(p.exit)
  self.range = sliders.atr(bars, p.range)
end

function Breakout:bar(broker, p)
  local close, held = self.bars.close[0], broker.position
  local stop = p.stop * self.range[0]
  -- x[1]: the channels end with the bar before, or no close could ever leave them.
  if held > 0 and close <= self.exit_low[1] or held < 0 and close >= self.exit_high[1] then
    broker:close()
  elseif held == 0 and close > self.high[1] then
    broker:buy { fraction = 1, sl_dist = stop }
  elseif held == 0 and close < self.low[1] then
    broker:sell { fraction = 1, sl_dist = stop }
  end
end

return Breakout
