-- The portfolio's named model: what sliders.finmarketpy takes. What each field means stands in docs/portfolio.md.
local core, vm, own = ...

local error, type, ipairs, pairs = error, type, ipairs, pairs
local floor, huge, format, concat = math.floor, math.huge, string.format, table.concat
local sliders, keys_of, unknown = own.sliders, own.keys_of, own.unknown

-- ---- Kinds of values: each checks one, adds it to the model's options, and says why it cannot ---------------------------

local function numeric(words, test)
  return function(options, name, value)
    if type(value) ~= "number" or not (value > -huge and value < huge and test(value)) then
      return format("%s must be %s, not %s", name, words, type(value) == "number" and own.number_text(value) or vm.type(value))
    end
    options[name] = value
  end
end

local function count(least)
  return numeric(format("a whole number from %d to 1000000", least), function(x) return x == floor(x) and x >= least and x <= 1e6 end)
end
local above = numeric("a number above 0", function(x) return x > 0 end)
local below = numeric("a number below 0", function(x) return x < 0 end)
local at_least_0 = numeric("a number of at least 0", function(x) return x >= 0 end)

-- One number, or a table of them by pair with `default` for the rest.
local function by_pair(options, name, value)
  if type(value) == "number" then return at_least_0(options, name, value) end
  if type(value) ~= "table" or vm.type(value) ~= "table" then return format("%s must be a number or a table by pair, not %s", name, vm.type(value)) end
  for pair in pairs(value) do
    if type(pair) ~= "string" or not pair:find("^%w+$") then return format("%s must name pairs: { EURUSD = 1, default = 2 }", name) end
  end
  for _, pair in ipairs(keys_of(value)) do
    local why = at_least_0(options, name .. "." .. pair, value[pair])
    if why then return why end
  end
end

local function only_by_pair(options, name, value)
  if type(value) == "number" then return name .. " must be a table by pair, not a number" end
  return by_pair(options, name, value)
end

local function one_of(words)
  return function(options, name, value)
    for _, word in ipairs(words) do
      if value == word then
        options[name] = word
        return nil
      end
    end
    local hint = type(value) == "string" and core.suggest(value, words)
    return format("%s must be one of %s, not %s%s", name, concat(words, ", "), type(value) == "string" and "'" .. value .. "'" or vm.type(value),
      hint and format("; did you mean '%s'?", hint) or "")
  end
end

-- ---- Fields -----------------------------------------------------------------------------------------------------------

local fields = {
  signal_delay = count(0), spot_tc_bp = by_pair, spot_rc_bp = by_pair, stop_loss = below, take_profit = above,
  portfolio_combination = one_of { "mean", "sum", "weighted", "weighted-sum" }, portfolio_combination_weights = only_by_pair,
  max_net_exposure = above, max_abs_exposure = above, position_clip_period_shift = count(0), position_clip_rebalance_freq = one_of { "BM" },
}
local needs = { -- a field, and one of those that it has no meaning without
  stop_loss = { "take_profit" }, take_profit = { "stop_loss" }, portfolio_combination_weights = { "portfolio_combination" },
  position_clip_period_shift = { "max_net_exposure", "max_abs_exposure" }, position_clip_rebalance_freq = { "max_net_exposure", "max_abs_exposure" },
}
for _, level in ipairs { "signal_vol_", "portfolio_vol_" } do
  local target = level .. "target"
  fields[target], needs[target] = above, { level .. "max_leverage" }
  for name, kind in pairs { max_leverage = above, periods = count(2), obs_in_year = above, period_shift = count(0), rebalance_freq = one_of { "BM" } } do
    fields[level .. name], needs[level .. name] = kind, { target }
  end
end

local function lacking(options, name)
  for _, other in ipairs(needs[name] or {}) do
    if options[other] ~= nil then return nil end
  end
  return needs[name] and format("%s needs %s", name, concat(needs[name], " or "))
end

local function weights_astray(options)
  local weighted = options.portfolio_combination == "weighted" or options.portfolio_combination == "weighted-sum"
  local given = options.portfolio_combination_weights ~= nil
  if weighted and not given then return format("portfolio_combination '%s' needs portfolio_combination_weights", options.portfolio_combination) end
  if given and not weighted then return "portfolio_combination_weights needs portfolio_combination 'weighted' or 'weighted-sum'" end
end

function sliders.finmarketpy(options)
  options = options == nil and {} or own.options(options, "sliders.finmarketpy", 2)
  local model = { name = "finmarketpy", options = {} }
  for name in pairs(options) do
    if type(name) ~= "string" then error("sliders.finmarketpy takes named fields only", 2) end
  end
  for _, name in ipairs(keys_of(options)) do
    if not fields[name] then unknown("sliders.finmarketpy", name, fields, 2) end
    local why = fields[name](model.options, name, options[name]) or lacking(options, name)
    if why then error("sliders.finmarketpy's " .. why, 2) end
  end
  local why = weights_astray(options)
  if why then error("sliders.finmarketpy's " .. why, 2) end
  own.models[model] = true
  return model
end
