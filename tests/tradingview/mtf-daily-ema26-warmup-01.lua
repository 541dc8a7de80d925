local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy {}

function S:init(bars)
  local ema = bars:at("1d", { day = "utc" }).close:ema(26)
  self.up, self.down = ema:gt(ema:shift(1)), ema:lt(ema:shift(1))
end

function S:bar(broker)
  tv.close_and_flip(broker, self.up[0] == 1, self.down[0] == 1, "daily EMA rising", "daily EMA falling", "flip to long", "flip to short")
end

return S
