-- The hook allocate: what it is told, by pair, and its weights, checked.
local core, vm, own = ...

local error, ipairs, pairs, setmetatable, type = error, ipairs, pairs, setmetatable, type
local format, huge = string.format, math.huge

local why_absent = {
  signal = "the strategy has no hook signal",
  vol = "declare window, the number of daily returns", cov = "declare window, the number of daily returns", rate = "the run has no short rates (--rates)",
}
local known = { time = true, equity = true, pairs = true, signal = true, close = true, weight = true, vol = true, cov = true, rate = true }

local meta_of_now = {
  __index = function(_, name)
    if why_absent[name] then error(format("now.%s is not there: %s", name, why_absent[name]), 2) end
    own.unknown("now", name, known, 2)
  end,
}

local function no_pair(what)
  return {
    __index = function(values, name)
      local hint = type(name) == "string" and core.suggest(name, own.keys_of(values))
      error(format("%s has no pair '%s'%s", what, type(name) == "string" and name or vm.type(name),
        hint and format("; did you mean '%s'?", hint) or ": it cannot be traded yet, or is not in the run"), 2)
    end,
  }
end
local meta_of = {}
for _, name in ipairs { "signal", "close", "weight", "vol", "cov", "rate" } do meta_of[name] = no_pair("now." .. name) end

local function by_pair(names, list, name, first)
  local values = {}
  for i, pair in ipairs(names) do values[pair] = list[first + i] end
  return own.view("now." .. name, setmetatable(values, meta_of[name]))
end

local list_of_pairs = own.list_views "now.pairs"

local function now_of(told)
  local names = told.pairs
  local now = { time = told.time, equity = told.equity, pairs = list_of_pairs(names) }
  for _, name in ipairs { "signal", "close", "weight", "vol", "rate" } do
    if told[name] then now[name] = by_pair(names, told[name], name, 0) end
  end
  if told.cov then
    local cov = {}
    for i, pair in ipairs(names) do cov[pair] = by_pair(names, told.cov, "cov", (i - 1) * #names) end
    now.cov = own.view("now.cov", setmetatable(cov, meta_of.cov))
  end
  return own.view("now", setmetatable(now, meta_of_now))
end

local function check_weight(pair, weight)
  if type(weight) ~= "number" then error(format("allocate: the weight of %s must be a number, not %s", pair, vm.type(weight)), 0) end
  if weight ~= weight then error(format("allocate: the weight of %s is NaN", pair), 0) end
  if weight == huge or weight == -huge then error(format("allocate: the weight of %s is %s", pair, weight > 0 and "inf" or "-inf"), 0) end
end

local function take(weights, names)
  if vm.type(weights) ~= "table" then error(format("allocate must return a table of weights by pair, not %s", weights == nil and "nothing" or vm.type(weights)), 0) end
  for pair in pairs(weights) do
    if type(pair) ~= "string" then error("allocate must return a table of weights by pair: { EURUSD = 0.5 }", 0) end
  end
  local place = {}
  for i, pair in ipairs(names) do place[pair] = i end
  for _, pair in ipairs(own.keys_of(weights)) do
    if not place[pair] then
      local hint = core.suggest(pair, names)
      error(format("allocate gave a weight to '%s', which is not among now.pairs%s", pair, hint and format("; did you mean '%s'?", hint) or ""), 0)
    end
    check_weight(pair, weights[pair])
    core.weigh(place[pair], weights[pair])
  end
end

-- Asks the account's instance.
function own.allocate(account)
  local told = core.now_of_account()
  take(account.allocate(account.self, now_of(told), account.p), told.pairs)
end
