-- What a strategy file declares: parameters and the strategy table.
local core, vm, own = ...

local error, type, pairs, ipairs, setmetatable, rawget = error, type, pairs, ipairs, setmetatable, rawget
local huge, format = math.huge, string.format
local sliders, number, whole, text, unknown, number_text, options_of = own.sliders, own.number, own.whole, own.text, own.unknown, own.number_text, own.options

-- ---- Parameters ------------------------------------------------------------------------------------------------------

-- Of the instance that is being made.
local declared = 0
local parameters = {} -- what parameter() made
local strategies = {} -- what sliders.strategy made

function own.start_counting() declared, parameters, strategies = 0, {}, {} end

local known_options = { label = true, step = true }

-- Tail-called, so that level 2 is the strategy's line.
local function parameter(kind, initial, min, max, options, choices)
  declared = declared + 1
  local p = { kind = kind, initial = initial, min = min, max = max, choices = choices, order = declared, label = "", step = 0 }
  if options ~= nil then
    for name, value in pairs(options_of(options, "sliders." .. kind, 2)) do
      if not known_options[name] then unknown("a parameter", own.first_unknown(options, known_options), known_options, 2) end
      p[name] = value
    end
  end
  text(p.label, "a parameter's label", 2)
  if options and options.step ~= nil and not (number(p.step, "a parameter's step", 2) > 0) then error("a parameter's step must be above 0", 2) end
  if kind == "int" then whole(p.step, "the step of sliders.int", 2) end
  parameters[p] = true
  return p
end

local function ranged(kind, check)
  local what, lowest, highest = "sliders." .. kind .. "'s default", "the lowest value of sliders." .. kind, "the highest value of sliders." .. kind
  sliders[kind] = function(initial, min, max, options)
    check(initial, what, 2)
    if min ~= nil then check(min, lowest, 2) end
    if max ~= nil then check(max, highest, 2) end
    min, max = min or -huge, max or huge
    if initial == huge or initial == -huge then error(what .. " must be finite", 2) end
    if not (min <= initial and initial <= max) then
      error(format("%s %s is outside %s..%s", what, number_text(initial), number_text(min), number_text(max)), 2)
    end
    return parameter(kind, initial, min, max, options)
  end
end
ranged("int", whole)
ranged("number", number)

function sliders.bool(initial, options)
  if type(initial) ~= "boolean" then error("sliders.bool's default must be true or false, not " .. vm.type(initial), 2) end
  return parameter("bool", initial and 1 or 0, 0, 1, options)
end

function sliders.choice(initial, choices, options)
  if type(choices) ~= "table" or vm.type(choices) ~= "table" or #choices == 0 then error("sliders.choice needs a list of words", 2) end
  local index, own_list = {}, {}
  for i, word in ipairs(choices) do
    if type(word) ~= "string" then error("sliders.choice's words must be strings, not " .. vm.type(word), 2) end
    if index[word] then error(format("sliders.choice has '%s' twice", word), 2) end
    index[word], own_list[i] = i - 1, word
  end
  local at = index[initial == nil and 0 or initial]
  if not at then
    local hint = type(initial) == "string" and core.suggest(initial, own_list)
    error(format("sliders.choice's default '%s' is not among the words%s", type(initial) == "string" and initial or vm.type(initial),
      hint and format("; did you mean '%s'?", hint) or ""), 2)
  end
  return parameter("choice", at, 0, #own_list - 1, options, own_list)
end

-- Parameters in order of declaration.
function own.in_order(params)
  local list, n = {}, 0
  if params == nil then return list end
  for name, p in pairs(params) do
    p.name = name
    local at = n -- inserted into the few that are there: cheaper than a sort that calls back
    while at > 0 and list[at].order > p.order do
      list[at + 1] = list[at]
      at = at - 1
    end
    list[at + 1], n = p, n + 1
  end
  return list
end

-- ---- The strategy table ------------------------------------------------------------------------------------------------

own.models = setmetatable({}, { __mode = "k" })       -- what sliders.finmarketpy made
local fields_of_strategy = { about = "string", params = "table", valid = "function", model = "table", warmup = "number", account = "string", pairs = "table", rebalance = "string", window = "number" }

-- An instance is made for every job of a sweep, so what is right is seen in a pass without order; what is not is then named in sorted order.

local function good_params(params)
  local seen = {}
  for name, p in pairs(params) do
    if type(name) ~= "string" or not parameters[p] or seen[p] then return false end
    seen[p] = true
  end
  return true
end

local function good_spec(spec)
  for name, value in pairs(spec) do
    if type(name) ~= "string" or type(value) ~= fields_of_strategy[name] then return false end
  end
  return true
end

local function check_params(params, level)
  if good_params(params) then return end
  local seen = {}
  for _, name in ipairs(own.keys_of(params)) do
    local p = params[name]
    if not parameters[p] then error(format("params.%s must be made by sliders.int, number, bool or choice", name), level + 1) end
    if seen[p] then error(format("params.%s and params.%s are one parameter: make each by a call of its own", seen[p], name), level + 1) end
    seen[p] = name
  end
  for name in pairs(params) do
    if type(name) ~= "string" then error("params must have names: fast = sliders.int(...)", level + 1) end
  end
end

local function check_spec(spec, level)
  if good_spec(spec) then return end
  for _, name in ipairs(own.keys_of(spec)) do
    local want = fields_of_strategy[name]
    if not want then unknown("sliders.strategy", name, fields_of_strategy, level + 1) end
    if type(spec[name]) ~= want then error(format("field '%s' of sliders.strategy must be a %s, not %s", name, want, vm.type(spec[name])), level + 1) end
  end
  error("sliders.strategy takes named fields only", level + 1)
end

-- The names of the pairs that one instance trades together, checked and in order.
function own.pairs_in_order(names)
  local list = {}
  for i, name in ipairs(names or {}) do list[i] = name end
  table.sort(list)
  return list
end

local function check_pairs(names, level)
  local seen, count = {}, 0
  for key, name in pairs(names) do
    count = count + 1
    if type(key) ~= "number" or names[count] == nil then error('pairs must be a list of names: { "AUDUSD", "EURUSD" }', level + 1) end
    if type(name) ~= "string" then error(format("pairs must hold names, not %s", vm.type(name)), level + 1) end
    if seen[name] then error(format("pairs has '%s' twice", name), level + 1) end
    seen[name] = true
  end
  if count == 0 then error("pairs must not be empty", level + 1) end
end

local function check_account(spec, level)
  local account = spec.account
  if account ~= nil and account ~= "split" and account ~= "shared" then
    local hint = core.suggest(account, { "shared", "split" })
    error(format("account must be \"shared\" or \"split\", not '%s'%s", account, hint and format("; did you mean '%s'?", hint) or ""), level + 1)
  end
  if spec.pairs then check_pairs(spec.pairs, level + 1) end
  if spec.pairs and account == "split" then error("pairs that are traded together have one account: account = \"split\" cannot be", level + 1) end
end

local periods = { "day", "week", "month" }

local function check_rebalance(spec, level)
  local known = spec.rebalance == nil
  for _, period in ipairs(periods) do known = known or spec.rebalance == period end
  if not known then
    local hint = core.suggest(spec.rebalance, periods)
    error(format("rebalance must be \"day\", \"week\" or \"month\", not '%s'%s", spec.rebalance, hint and format("; did you mean '%s'?", hint) or ""), level + 1)
  end
  if spec.window and (whole(spec.window, "window", level + 1) < 2 or spec.window > 100000) then error("window must be from 2 to 100000 daily returns", level + 1) end
end

function sliders.strategy(spec)
  if type(spec) ~= "table" or vm.type(spec) ~= "table" then error("sliders.strategy takes a table, not " .. vm.type(spec), 2) end
  check_spec(spec, 2)
  if spec.params then check_params(spec.params, 2) end
  if spec.model and not own.models[spec.model] then error("model must be made by sliders.finmarketpy", 2) end
  if spec.warmup and (whole(spec.warmup, "warmup", 2) < 0 or spec.warmup > 2 ^ 31) then error("warmup must be from 0 to 2147483648 bars", 2) end
  check_account(spec, 2)
  check_rebalance(spec, 2)
  local strategy = {}
  for name, value in pairs(spec) do strategy[name] = value end
  strategy.__index = strategy
  strategies[strategy] = true
  return strategy
end

local hooks = { init = true, bar = true, signal = true, done = true, allocate = true }
local hook_names = own.keys_of(hooks)

local function same_start(a, b) return a:sub(1, 1):lower() == b:sub(1, 1):lower() end

local cleared = {} -- names of functions that were found not to be misspelt hooks, by which hooks are missing

local function all_cleared(strategy, key)
  local names = cleared[key]
  if not names then return false end
  for name, value in pairs(strategy) do
    if type(value) == "function" and not hooks[name] and not names[name] then return false end
  end
  return true
end

local function clear(strategy, key)
  local names = cleared[key] or {}
  for name in pairs(strategy) do names[name] = true end
  cleared[key] = names
end

-- A hook that was meant and not written: the nearest of `wanted` to a function's name.
local function misspelt(strategy, wanted)
  for _, name in ipairs(own.keys_of(strategy)) do
    local hint = not hooks[name] and type(strategy[name]) == "function" and core.suggest(name, wanted)
    if hint and same_start(hint, name) then return name, hint end
  end
end

-- What the file returned, checked; the errors have no line to name.
function own.check_strategy(strategy)
  if type(strategy) ~= "table" or not strategies[strategy] then
    error(format("the file must return the table made by sliders.strategy, not %s", strategy == nil and "nothing" or vm.type(strategy)), 0)
  end
  for _, name in ipairs(hook_names) do
    local hook = rawget(strategy, name)
    if hook ~= nil and type(hook) ~= "function" then error(format("'%s' must be a function, not %s", name, vm.type(hook)), 0) end
  end
  if rawget(strategy, "__gc") ~= nil then error("__gc is not available to strategies", 0) end
  if rawget(strategy, "__mode") ~= nil then error("__mode is not available to strategies", 0) end
  if not strategy.bar and not strategy.signal and not strategy.allocate then
    local name, hint = misspelt(strategy, { "bar", "signal", (strategy.rebalance or strategy.window) and "allocate" or nil })
    error("the strategy defines neither bar nor signal" .. (name and format("; did you mean '%s' by '%s'?", hint, name) or ""), 0)
  end
  if strategy.allocate and strategy.bar then error("the strategy defines both bar and allocate: one of them decides", 0) end
  if strategy.allocate and strategy.account == "split" then error("allocate weighs the pairs of one account: account = \"split\" cannot be", 0) end
  local weighs = strategy.rebalance or strategy.window
  local key = (strategy.init and 1 or 0) + (strategy.done and 2 or 0) + (weighs and not strategy.allocate and 4 or 0)
  if not all_cleared(strategy, key) then
    local missing = {}
    if not strategy.init then missing[#missing + 1] = "init" end
    if not strategy.done then missing[#missing + 1] = "done" end
    if key >= 4 then missing[#missing + 1] = "allocate" end
    local name, hint = misspelt(strategy, missing)
    if name then error(format("the strategy defines '%s'; did you mean the hook '%s'? (if not, give it another name)", name, hint), 0) end
    clear(strategy, key)
  end
  if key >= 4 then error((strategy.rebalance and "rebalance" or "window") .. " has no meaning without the hook allocate", 0) end
  if strategy.bar and strategy.signal then error("the strategy defines both bar and signal: one of them decides", 0) end
  return strategy
end
