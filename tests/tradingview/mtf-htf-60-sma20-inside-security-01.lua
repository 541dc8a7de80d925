local sliders = require "sliders"
local tv = require "tv"
local S = sliders.strategy { warmup = 0 }

function S:init(bars)
  self.time, self.close = bars.time, bars.close
  self.hours = {}
end

function S:bar(broker)
  local last_close, last_mean = self.hour_close, self.hour_mean
  if tv.clock(self.time[0]) % 100 == 45 then
    local hours = self.hours
    hours[#hours + 1] = self.close[0]
    self.hour_close, self.hour_mean = self.close[0], nil
    if #hours >= 20 then
      local sum = 0
      for i = #hours - 19, #hours do sum = sum + hours[i] end
      self.hour_mean = sum / 20
    end
  end
  local close, mean = self.hour_close, self.hour_mean
  if mean and last_mean and close > mean and last_close <= last_mean then tv.entry(broker, "L", "long", 1) end
  if mean and close < mean and broker.position > 0 then broker:close { id = "L" } end
end

return S
