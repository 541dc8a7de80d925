--- A second account of several pairs, slow and plain: docs/portfolio.md ("shared"), written down once more. Each pair is a slow broker (slow_broker.lua)
-- whose money is the account's.
--   books  {bars =, options =} by pair in order of name; bars have time, closes and period_ns, and are quoted in the account's currency

local slow = require "slow_broker"

local account = {}
account.__index = account

-- Sums that all books add to.
local sums = { realised = true, spread = true, slippage = true, commission = true, rollover = true }

local Book = setmetatable({}, { __index = slow })
function Book.__index(book, key)
  if sums[key] then return rawget(book, "account")[key] end
  return Book[key]
end
function Book.__newindex(book, key, value)
  if sums[key] then rawget(book, "account")[key] = value else rawset(book, key, value) end
end

-- What the account is worth with this book marked at a point and the others where they stand.
function Book:worth(point) return self.account:worth(self, point) end

function Book:elsewhere()
  local size = 0
  for _, other in ipairs(self.account.books) do
    if other ~= self then size = size + other:notional() end
  end
  return size
end

function Book:notional()
  local gross = 0
  for _, lot in ipairs(self.lots) do gross = gross + math.abs(lot.steps) end
  return gross == 0 and 0 or gross * self.o.step * self.at.ref
end

-- Marked at the close that it has come to, and the account with it.
function Book:mark()
  self.at = self:point "close"
  self.account:settle()
end

function account.new(capital, books)
  local self = setmetatable({ capital = capital, books = {}, equity = {}, instant = 0 }, account)
  for name in pairs(sums) do self[name] = 0 end
  for i, of in ipairs(books) do
    local book = slow.new(of.options, of.bars)
    for name in pairs(sums) do book[name] = nil end
    book.account, book.begun, book.last, book.stale = self, 0, #of.bars.time, true
    self.books[i] = setmetatable(book, Book)
  end
  return self
end

function account:cash() return self.books[1]:cash() end

function account:worth(book, point)
  local open
  for _, other in ipairs(self.books) do
    local profit = other == book and other:profit(point) or other ~= book and other.at and other:profit(other.at) or 0
    open = open and open + profit or profit
  end
  return self:cash() + open
end

-- Sets equity down where books read it.
function account:settle()
  local equity = self:worth()
  self.equity[self.instant] = equity
  for _, book in ipairs(self.books) do book.equity[book.row] = equity end
  if equity <= 0 then
    self.ruined = true
    for _, book in ipairs(self.books) do book.ruined = true end
  end
end

-- ---- Stop-out --------------------------------------------------------------------------------------------------------

function account:is_below()
  local o, size = self.books[1].o, 0
  for _, book in ipairs(self.books) do size = size + book:notional() end
  return o.stop_out > 0 and o.leverage * self:worth() < o.stop_out * size
end

-- Closes the largest loss among the books that have a price now; `here` is {book, point, row} of each.
function account:stop_out(here)
  while self:is_below() do
    local worst, least, place
    for _, one in ipairs(here) do
      local lot = one.book:worst_lot(one.point)
      local made = lot and lot.steps * one.book.o.step * (one.book:closing_price(one.point, lot.steps < 0) - lot.price)
      if lot and (not worst or made < least) then worst, least, place = lot, made, one end
    end
    if not worst then return end
    local book = place.book
    book:in_row(place.row, function() book:deal_lot(worst, place.point, book:seen(place.point, worst.steps < 0, false), "margin") end)
    book.stop_outs = book.stop_outs + 1
  end
end

-- ---- Steps -----------------------------------------------------------------------------------------------------------

-- Does what is done in a row that has begun.
function Book:in_row(row, what)
  local now = self.row
  self.row = row
  what()
  self.row = now
end

function Book:begins() return self.begun == self.row and self.row < self.last and self.bars.time[self.row + 1] end

function Book:begin()
  self.begun = self.begun + 1
  self:in_row(self.begun, function() self.at = self:point "open" end)
end

function Book:deal_open()
  self:in_row(self.begun, function()
    self:roll_before()
    self["open_" .. self.o.path](self)
    self.held = self:holdings()
  end)
end

-- Bars that open before an instant, in order of time: all of one time are marked, then all deal.
function account:open_until(instant)
  while true do
    local next
    for _, book in ipairs(self.books) do
      local time = book:begins()
      if time and time < instant and (not next or time < next) then next = time end
    end
    if not next then return end
    local here = {}
    for _, book in ipairs(self.books) do
      if book:begins() == next then
        book:begin()
        here[#here + 1] = { book = book, point = book.at, row = book.begun }
      end
    end
    for _, one in ipairs(here) do one.book:deal_open() end
    self:stop_out(here)
    for _, one in ipairs(here) do one.book.held = one.book:holdings() end
  end
end

function Book:closes_by(row, instant)
  return row <= self.last and self.bars.closes[row] <= instant
end

-- What lies between open and close of the bars of a book that close by now: one bar, or ticks.
function Book:deal_rest(instant)
  self.stale = not self:closes_by(self.row + 1, instant)
  while self:closes_by(self.row + 1, instant) do
    if self.begun == self.row then
      self:begin()
      self:deal_open()
    end
    local row = self.begun
    self:in_row(row, function()
      self["rest_" .. self.o.path](self)
      self:roll_inside()
    end)
    if not self:closes_by(row + 1, instant) then break end
    self.row = row
    self.at = self:point "close"
    self:see_close()
  end
end

--- Brings the account to the next instant. False: it is ruined.
function account:step(instant)
  if self.ruined then return false end
  for _, book in ipairs(self.books) do
    if book.row > 0 then book:end_hook() end
  end
  if self.ruined then return false end
  self:open_until(instant)
  self.instant = self.instant + 1
  local here = {}
  for _, book in ipairs(self.books) do book:deal_rest(instant) end
  for _, book in ipairs(self.books) do
    if not book.stale then
      book.row = book.begun
      book.at = book:point "close"
      here[#here + 1] = { book = book, point = book.at, row = book.row }
    end
  end
  self:stop_out(here)
  self:settle()
  if self.ruined then return false end
  for _, one in ipairs(here) do one.book:see_close() end
  return true
end

--- Ends the job, pair by pair.
function account:finish(instants)
  if not self.ruined then
    for _, book in ipairs(self.books) do book:end_hook() end
  end
  for _, book in ipairs(self.books) do book:finish() end
  for k = self.instant + 1, instants do self.equity[k] = self.equity[self.instant] end
end

return account
