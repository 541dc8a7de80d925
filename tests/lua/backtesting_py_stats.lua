-- The statistics of a job as backtesting.py defines them, from its equity, its trades and the bars alone. Names are that project's; durations are in seconds.

local second = 1000000000

local function mean(x)
  local sum = 0
  for _, value in ipairs(x) do sum = sum + value end
  return sum / #x
end

local function covariance(x, y)
  local mx, my, sum = mean(x), mean(y), 0
  for i = 1, #x do sum = sum + (x[i] - mx) * (y[i] - my) end
  return sum / (#x - 1)
end

local function geometric_mean(returns)
  local sum = 0
  for _, value in ipairs(returns) do
    if value <= -1 then return 0 end
    sum = sum + math.log(1 + value)
  end
  return math.exp(sum / #returns) - 1
end

local function log_changes(x)
  local changes = {}
  for i = 2, #x do changes[#changes + 1] = math.log(x[i] / x[i - 1]) end
  return changes
end

-- Returns of the last values of the calendar days that have one.
local function day_returns(bars, equity)
  local returns, last, day = {}, nil, nil
  local function close_day(value)
    if last then returns[#returns + 1] = value / last - 1 end
    last = value
  end
  for i, time in ipairs(bars.time) do
    local this = math.floor(time / (86400 * second))
    if day and this ~= day then close_day(equity[i - 1]) end
    day = this
  end
  close_day(equity[#equity])
  return returns
end

local function returns_of(out, bars, equity)
  local monthly = bars.period_ns >= 28 * 86400 * second -- and then one value a month
  local year, returns = monthly and 12 or 252, day_returns(bars, equity)
  local g = geometric_mean(returns)
  local downside = 0
  for _, r in ipairs(returns) do downside = downside + math.min(r, 0) ^ 2 end
  local days = (bars.time[#bars.time] - bars.time[1]) / second / 86400
  out["Return (Ann.) [%]"] = 100 * ((1 + g) ^ year - 1)
  out["Volatility (Ann.) [%]"] = 100 * math.sqrt((covariance(returns, returns) + (1 + g) ^ 2) ^ year - (1 + g) ^ (2 * year))
  out["CAGR [%]"] = 100 * ((equity[#equity] / equity[1]) ^ (365.25 / days) - 1)
  out["Sharpe Ratio"] = out["Return (Ann.) [%]"] / out["Volatility (Ann.) [%]"]
  out["Sortino Ratio"] = out["Return (Ann.) [%]"] / 100 / (math.sqrt(downside / #returns) * math.sqrt(year))
end

-- An episode lies between two bars at the running maximum that are more than a bar apart; the last bar ends one too.
local function drawdowns_of(out, bars, equity)
  local peak, depth, from, worst = -math.huge, 0, 1, 0
  local depths, spans = {}, {}
  for i, value in ipairs(equity) do
    peak = math.max(peak, value)
    local fall = 1 - value / peak
    worst = math.max(worst, fall)
    if fall == 0 or i == #equity then
      if i > from + 1 then
        depths[#depths + 1], spans[#spans + 1] = math.max(depth, fall), (bars.time[i] - bars.time[from]) / second
      end
      depth, from = 0, i
    else
      depth = math.max(depth, fall)
    end
  end
  local step = bars.period_ns >= 86400 * second and 86400 or bars.period_ns / second
  out["Max. Drawdown [%]"], out["Avg. Drawdown [%]"] = -100 * worst, -100 * mean(depths)
  out["Max. Drawdown Duration"] = math.max((table.unpack or unpack)(spans))
  out["Avg. Drawdown Duration"] = math.ceil(mean(spans) / step) * step
  out["Equity Peak [$]"] = peak
end

local function exposure(trades, count)
  local covered, bars = {}, 0
  for _, t in ipairs(trades) do
    for i = t.entry_bar, t.exit_bar do covered[i] = true end
  end
  for i = 0, count - 1 do
    if covered[i] then bars = bars + 1 end
  end
  return 100 * bars / count
end

local function trades_of(out, bars, trades)
  local returns, nets, spans, wins, losses, commissions = {}, {}, {}, {}, {}, 0
  for i, t in ipairs(trades) do
    local commission = t.units * (t.exit_price - t.entry_price) - t.net
    commissions = commissions + commission
    returns[i] = (t.units > 0 and 1 or -1) * (t.exit_price / t.entry_price - 1) - commission / (math.abs(t.units) * t.entry_price)
    nets[i], spans[i] = t.net, (bars.time[t.exit_bar + 1] - bars.time[t.entry_bar + 1]) / second
    local side = t.net > 0 and wins or losses
    if t.net ~= 0 then side[#side + 1] = t.net end
  end
  local gained, lost, best, worst, longest = 0, 0, -math.huge, math.huge, 0
  for i, r in ipairs(returns) do
    gained, lost = gained + math.max(r, 0), lost + math.max(-r, 0)
    best, worst, longest = math.max(best, r), math.min(worst, r), math.max(longest, spans[i])
  end
  local share, step = #wins / #trades, bars.period_ns >= 86400 * second and 86400 or bars.period_ns / second
  out["# Trades"], out["Win Rate [%]"] = #trades, 100 * share
  out["Best Trade [%]"], out["Worst Trade [%]"], out["Avg. Trade [%]"] = 100 * best, 100 * worst, 100 * geometric_mean(returns)
  out["Max. Trade Duration"], out["Avg. Trade Duration"] = longest, math.ceil(mean(spans) / step) * step
  out["Profit Factor"], out["Expectancy [%]"] = gained / lost, 100 * mean(returns)
  out["SQN"] = math.sqrt(#nets) * mean(nets) / math.sqrt(covariance(nets, nets))
  out["Kelly Criterion"] = share - (1 - share) / (mean(wins) / -mean(losses))
  out["Commissions [$]"] = commissions
end

-- `first`: the bar, counted from 0, on which every indicator has a value.
return function(job, bars, first)
  local equity, closes, out = job.equity, bars.close, {}
  out["Duration"] = (bars.time[#bars.time] - bars.time[1]) / second
  out["Exposure Time [%]"] = exposure(job.trades, #closes)
  out["Equity Final [$]"], out["Return [%]"] = equity[#equity], 100 * (equity[#equity] / equity[1] - 1)
  out["Buy & Hold Return [%]"] = 100 * (closes[#closes] / closes[first + 1] - 1)
  returns_of(out, bars, equity)
  drawdowns_of(out, bars, equity)
  out["Calmar Ratio"] = out["Return (Ann.) [%]"] / -out["Max. Drawdown [%]"]
  local ours, market = log_changes(equity), log_changes(closes)
  out["Beta"] = covariance(ours, market) / covariance(market, market)
  out["Alpha [%]"] = out["Return [%]"] - out["Beta"] * out["Buy & Hold Return [%]"]
  trades_of(out, bars, job.trades)
  return out
end
