-- Rollovers and stop-outs of the slow broker, from docs/fills.md. Its bars lie in the winter of 1970, when 17:00 New York is 22:00 UTC.
--   options  stop_out, margin_call, rollover ("none", "points", "rates"), swap_long, swap_short, markup,
--            base_rate(day), quote_rate(day) in percent a year, base_year and quote_year in days
--   bars     time, a list of ns, and period_ns

local HOUR = 3600 * 1000000000
local DAY = 24 * HOUR

return function(slow)

-- ---- Rollovers -------------------------------------------------------------------------------------------------------

-- Units held long and held short.
function slow:holdings()
  local longs, shorts = 0, 0
  for _, lot in ipairs(self.lots) do
    if lot.steps > 0 then longs = longs + lot.steps else shorts = shorts - lot.steps end
  end
  return { longs = longs * self.o.step, shorts = shorts * self.o.step }
end

-- What a unit earns in `days` days from one day on, held long and held short.
function slow:earned(day, days, price)
  local o = self.o
  if o.rollover == "points" then return days * o.swap_long / 10 ^ o.digits, days * o.swap_short / 10 ^ o.digits end
  local base, quote = o.base_rate(day), o.quote_rate(day)
  return days * price * ((base - o.markup) / 100 / o.base_year - quote / 100 / o.quote_year),
    days * price * ((quote - o.markup) / 100 / o.quote_year - base / 100 / o.base_year)
end

-- Charges every 17:00 after `from` up to `to` on what was held; `price` is the last one known.
function slow:roll(from, to, held, price)
  if self.o.rollover == "none" then return end
  for day = math.floor(from / DAY) - 1, math.floor(to / DAY) do
    local at, weekday = day * DAY + 22 * HOUR, (day + 3) % 7 + 1
    if at > from and at <= to and weekday <= 5 then
      local days = weekday == 3 and 3 or 1
      local long, short = self:earned(day, days, price)
      for _, side in ipairs { { held.longs, long }, { held.shorts, short } } do
        if side[1] > 0 then
          self.rollover = self.rollover + side[1] * side[2]
          self.rolls = self.rolls + 1
        end
      end
    end
  end
end

-- Before the open of this bar.
function slow:roll_before()
  local time = self.bars.time[self.row]
  self:roll(self.rolled or time, time, self:holdings(), self.row > 1 and self.bars.close[self.row - 1])
  self.rolled = time
end

-- Between its open and its close.
function slow:roll_inside()
  if self.bars.period_ns == 0 then return end
  local close = self.bars.time[self.row] + self.bars.period_ns
  self:roll(self.rolled, close - 1, self.o.path == "backtesting_py" and self:holdings() or self.held, self.bars.open[self.row])
  self.rolled = close - 1
end

-- ---- Margin ----------------------------------------------------------------------------------------------------------

-- Size of all that is held, as margin counts it.
function slow:size()
  if self.o.accounting ~= "hedge" then return math.abs(self:position()) end
  local gross = 0
  for _, lot in ipairs(self.lots) do gross = gross + math.abs(lot.steps) end
  return gross
end

-- The lot that loses most at a point.
function slow:worst_lot(point)
  local worst, least
  for _, lot in ipairs(self.lots) do
    local made = lot.steps * self.o.step * (self:closing_price(point, lot.steps < 0) - lot.price)
    if not worst or made < least then worst, least = lot, made end
  end
  return worst
end

-- Closes trades at a point for as long as equity is too little.
function slow:stop_out(point)
  local o = self.o
  while o.stop_out > 0 and #self.lots > 0 and o.leverage * self:worth(point) < o.stop_out * (self:size() * o.step * point.ref) do
    local lot = self:worst_lot(point)
    self:deal_lot(lot, point, self:seen(point, lot.steps < 0, false), "margin")
    self.stop_outs = self.stop_outs + 1
  end
end

end
