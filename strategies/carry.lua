-- Carry: every month long the currencies with the highest short rates and short those with the lowest, in equal risk.
-- Needs --rates, and --rollover rates to be paid what it is after.
-- Lustig, Roussanov and Verdelhan (2011), Review of Financial Studies 24(11), 3731-3777.
local sliders = require "sliders"

local Carry = sliders.strategy {
  about = "Every month long the currencies with the highest short rates and short those with the lowest; needs --rates.",
  account = "shared",
  rebalance = "month",
  window = 60,
  params = {
    held = sliders.int(2, 1, 10, { label = "currencies held on each side" }),
    risk = sliders.number(0.05, 0.005, 0.5, { label = "annual volatility of each position" }),
    cap = sliders.number(1, 0.1, 10, { label = "largest exposure of each" }),
  },
}

-- Of USDJPY the currency is JPY, which is held by selling the pair.
local function way(pair) return pair:sub(1, 3) == "USD" and -1 or 1 end

function Carry:allocate(now, p)
  local ranked, weights = {}, {}
  for _, pair in ipairs(now.pairs) do
    if now.rate[pair] == now.rate[pair] then ranked[#ranked + 1] = pair end -- a rate may be missing
  end
  local function yield(pair) return way(pair) * now.rate[pair] end -- of the base less that of the quote currency
  table.sort(ranked, function(a, b) return yield(a) > yield(b) or yield(a) == yield(b) and a < b end)
  for i = 1, math.min(p.held, math.floor(#ranked / 2)) do
    local top, bottom = ranked[i], ranked[#ranked + 1 - i]
    weights[top] = way(top) * math.min(p.risk / now.vol[top], p.cap)
    weights[bottom] = -way(bottom) * math.min(p.risk / now.vol[bottom], p.cap)
  end
  return weights
end

return Carry
