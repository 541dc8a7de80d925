-- Cross-sectional momentum: every month long the currencies that rose most over the past year and short those that fell most, in equal risk.
-- Menkhoff, Sarno, Schmeling and Schrimpf (2012), Journal of Financial Economics 106(3), 660-684.
local sliders = require "sliders"

local CrossSection = sliders.strategy {
  about = "Every month long the currencies that rose most and short those that fell most, in equal risk.",
  account = "shared",
  rebalance = "month",
  window = 60,
  params = {
    lookback = sliders.int(250, 20, 500, { label = "bars of the past return" }),
    held = sliders.int(2, 1, 10, { label = "currencies held on each side" }),
    risk = sliders.number(0.05, 0.005, 0.5, { label = "annual volatility of each position" }),
    cap = sliders.number(1, 0.1, 10, { label = "largest exposure of each" }),
  },
}

-- Of USDJPY the currency is JPY, which rises as the pair falls.
local function way(pair) return pair:sub(1, 3) == "USD" and -1 or 1 end

function CrossSection:signal(bars, p)
  return sliders.roc(bars.close, p.lookback) * way(bars.pair)
end

function CrossSection:allocate(now, p)
  local ranked, weights = { unpack(now.pairs) }, {}
  table.sort(ranked, function(a, b) return now.signal[a] > now.signal[b] or now.signal[a] == now.signal[b] and a < b end)
  for i = 1, math.min(p.held, math.floor(#ranked / 2)) do
    local top, bottom = ranked[i], ranked[#ranked + 1 - i]
    weights[top] = way(top) * math.min(p.risk / now.vol[top], p.cap)
    weights[bottom] = -way(bottom) * math.min(p.risk / now.vol[bottom], p.cap)
  end
  return weights
end

return CrossSection
