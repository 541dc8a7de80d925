local compare = require "sliders.cli.compare"

local nan = 0 / 0

local function order(fields)
  local made = {
    id = 1, time = 10, bar = 9, kind = "target", reduce_only = false, parent = 0, group = 0, target = 1, units = 1000, stop_loss_dist = nan,
    take_profit_dist = nan, state = "filled", reason = "none", fill_time = 10, fill_bar = 10, stop_loss = nan, take_profit = nan, price = 1.5,
    reference = 1.5, spread_cost = 0, slippage_cost = 0, commission = 0,
  }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

local function job(fields)
  local made = {
    pair = "EURUSD", state = "done", log = "", capital = 1, final_equity = 2, realised = 0, unrealised = 0, order_count = 1, rejected_count = 0,
    trade_count = 0, open_count = 0, bar_count = 3, buy_and_hold = nan, orders = { order() }, trades = {}, equity = { 1, 1, 2 }, figures = { sharpe = nan },
  }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

local function result(...)
  return { jobs = { ... } }
end

local function text(time)
  return "t" .. ("%d"):format(time)
end

local function before(full, cut, to)
  return compare.before(full, cut, to, { EURUSD = 1 }, text)
end

describe("comparing two engines", function()
  it("finds equal results equal, undefined figures too", function()
    assert.is_nil(compare.whole(result(job()), result(job())))
  end)

  it("tells the first field that differs, to the last bit", function()
    local other = job { orders = { order { price = 1.5 + 2 ^ -52 } } }
    assert.equal("EURUSD: order 1: price is 1.5000000000000002, not 1.5", compare.whole(result(job()), result(other)))
  end)

  it("tells -0 from 0", function()
    assert.equal("EURUSD: realised is -0, not 0", compare.whole(result(job()), result(job { realised = -0.0 })))
  end)

  it("tells a missing order", function()
    assert.equal("EURUSD: 0 orders, not 1", compare.whole(result(job()), result(job { orders = {} })))
  end)

  it("compares figures, logs and equity", function()
    assert.equal("EURUSD: sharpe is 1, not nan", (compare.whole(result(job()), result(job { figures = { sharpe = 1 } })):gsub("-nan", "nan")))
    assert.equal("EURUSD: log is 3.0, not ", compare.whole(result(job()), result(job { log = "3.0" })))
    assert.equal("EURUSD: equity 2 is 0, not 1", compare.whole(result(job()), result(job { equity = { 1, 0, 2 } })))
  end)

  it("compares the portfolio's weights", function()
    local function with(weight)
      return {
        jobs = {},
        portfolio = { complete = true, count = 2, costs = 0, buy_and_hold = 0, equity = { 1, 1 }, weights = { { 0 }, { weight } }, figures = {} },
      }
    end
    assert.is_nil(compare.whole(with(1), with(1)))
    assert.equal("PORTFOLIO: point 2: weight 1 is 2, not 1", compare.whole(with(1), with(2)))
  end)
end)

describe("comparing with cut data", function()
  it("accepts equal pasts and counts their orders", function()
    local later = order { id = 2, time = 30, bar = 29 }
    local count, difference = before(result(job { orders = { order(), later } }), result(job()), 20)
    assert.equal(1, count)
    assert.is_nil(difference)
  end)

  it("accepts an order of the last bar, which expires without the next", function()
    local cut = job { orders = { order { state = "expired", fill_bar = -1, fill_time = 0, price = nan, reference = nan } }, equity = { 1, 1 } }
    local _, difference = before(result(job()), result(cut), 9)
    assert.is_nil(difference)
  end)

  it("leaves out a stop that the first hidden bar triggers at its open", function()
    local stop = order { id = 2, kind = "stop_loss", time = 10, bar = 10, fill_time = 10, fill_bar = 10 }
    local count, difference = before(result(job { orders = { order(), stop } }), result(job { equity = { 1, 1 } }), 9)
    assert.equal(1, count)
    assert.is_nil(difference)
  end)

  it("finds a decision that changes", function()
    local _, difference = before(result(job()), result(job { orders = { order { units = -1000 } } }), 20)
    assert.equal("EURUSD: order 1 of t10: units is -1000, not 1000", difference)
  end)

  it("finds an order that the cut data do not bring about, and one that only they do", function()
    local _, lost = before(result(job()), result(job { orders = {} }), 20)
    assert.equal("EURUSD: order 1 of t10: is not sent", lost)
    local _, new = before(result(job { orders = {} }), result(job()), 20)
    assert.equal("EURUSD: order 1 of t10: is sent only then", new)
  end)

  it("finds a fill that changes although its bar is visible", function()
    local _, difference = before(result(job()), result(job { orders = { order { price = 1.6 } } }), 20)
    assert.equal("EURUSD: order 1 of t10: price is 1.6000000000000001, not 1.5", difference)
  end)

  it("finds an equity that changes", function()
    local _, difference = before(result(job()), result(job { equity = { 1, 3 } }), 20)
    assert.equal("EURUSD: equity 2 is 3, not 1", difference)
  end)

  it("reports a job that fails on cut data", function()
    local _, difference = before(result(job()), result(job { state = "failed", error = "x.lua:1: boom" }), 20)
    assert.equal("EURUSD: x.lua:1: boom", difference)
  end)
end)
