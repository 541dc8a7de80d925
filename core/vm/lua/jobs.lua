-- A job in a worker's state: an instance of the strategy, its parameters and bars, and its hooks in order.
--
-- The chunk is loaded once and called once per job: fresh file-level locals, globals and modules each time, and the same prototypes, so
-- that compiled traces stay. Returns the functions that the engine calls: adopt, declare, valid, begin, run, finish, allocate.
local core, vm, own = ...

local error, type, ipairs, setmetatable, rawset = error, type, ipairs, setmetatable, rawset
local format = string.format
local wrap, unknown, in_order = own.wrap, own.unknown, own.in_order

local chunk

local function instance()
  own.phase = "load"
  own.start_counting()
  return own.check_strategy(vm.call_in(chunk, own.environment()))
end

-- Takes the strategy's chunk. Instances made before the first trace is recorded keep its prototypes from being specialised to one.
local function adopt(loaded)
  chunk = loaded
  for _ = 1, vm.early_instances do instance() end
end

-- Reports what the strategy declares through core.declare*.
local function declare()
  local strategy = instance()
  core.declare(strategy.about or "", strategy.init ~= nil, strategy.bar ~= nil, strategy.signal ~= nil, strategy.done ~= nil, strategy.valid ~= nil,
    strategy.allocate ~= nil, strategy.warmup or -1)
  for _, p in ipairs(in_order(strategy.params)) do core.declare_param(p.name, p.kind, p.initial, p.min, p.max, p.step, p.label, p.choices or {}) end
  if strategy.account then core.declare_account(strategy.account) end
  if strategy.allocate then core.declare_allocate(strategy.rebalance or "month", strategy.window or 0) end
  for _, pair in ipairs(own.pairs_in_order(strategy.pairs)) do core.declare_pair(pair) end
  local model = strategy.model
  if model then
    if not strategy.signal then error("a model needs the signal hook", 0) end
    core.declare_model(model.name)
    for _, name in ipairs(own.keys_of(model.options)) do core.declare_model_option(name, model.options[name]) end
  end
end

local function no_param(p, name) unknown("p", name, p, 2) end
local meta_of_p = { __index = no_param, __newindex = no_param, __metatable = false }

-- The table `p` of a job from the values in order of declaration.
local function settings(strategy, values)
  local p = {}
  local params = in_order(strategy.params)
  for i = 1, #params do
    local param, value = params[i], values[i]
    if param.kind == "bool" then value = value ~= 0
    elseif param.kind == "choice" then value = param.choices[value + 1]
    elseif param.kind == "int" then value = vm.integer(value) end
    p[param.name] = value
  end
  return setmetatable(p, meta_of_p)
end

local function valid()
  local strategy = instance()
  return not strategy.valid or not not strategy.valid(settings(strategy, core.values()))
end

local known_bars = { open = true, high = true, low = true, close = true, volume = true, time = true, ask = true, bid = true, ask_open = true, ask_high = true, ask_low = true, ask_close = true,
  pair = true, base = true, quote = true, pip = true, lot = true, at = true, first_of = true }

local lazy_columns = {
  __index = function(bars, name)
    if not known_bars[name] then unknown("bars", name, known_bars, 2) end
    if own.phase ~= "init" then error(format("bars.%s must first be named in init", name), 2) end
    local id = core.base(name)
    if not id then error(format("%s has no %s", bars.pair, name), 2) end
    local column = wrap(id)
    rawset(bars, name, column)
    return column
  end,
}

local function make_bars()
  local pair, pip, lot, base_currency, quote_currency = core.pair()
  local open, high, low, close = core.prices()
  return own.sealed_bars(setmetatable({
    pair = pair, pip = pip, lot = lot, base = base_currency, quote = quote_currency, at = own.at, first_of = own.first_of,
    open = wrap(open), high = wrap(high), low = wrap(low), close = wrap(close),
  }, lazy_columns))
end

local account -- who allocates: the instance that trades all pairs, or one of its own beside those of the pairs
local crew = {} -- the instances of the running job by place: self, p, broker and hooks. One, unless several take turns on one account

local function signal_column(strategy, self, bars, p)
  local column = strategy.signal(self, bars, p)
  local id = vm.id(column)
  id = id and core.join(id) or type(column) == "number" and core.constant(column)
  return id or error(format("signal must return a column, not %s", column == nil and "nothing" or vm.type(column)), 0)
end

-- An instance that belongs to no pair, for allocate.
local function account_instance()
  local strategy = instance()
  if not strategy.allocate then return nil end
  local self, p = setmetatable({}, strategy), settings(strategy, core.values())
  self.p = p
  return { self = self, p = p, allocate = strategy.allocate }
end

-- Whether the strategy accepts the job's parameters: asked of the job's own instance, so that a grid makes no second one to ask.
local function accepted(strategy)
  if not strategy.valid then return true end
  core.ask()
  return core.answer(strategy.valid(settings(strategy, core.values())))
end

-- Makes the job's instance and runs init and signal; tells the engine the signal's column and the declared warm-up. `place` counts the instances of
-- one account, each of which begins in turn.
local function begin(place)
  local list = core.pairs()
  if place == 1 then crew, account = {}, nil end
  if place == 1 and not list and core.allocates() then account = account_instance() end
  own.forget_columns()
  local strategy = instance()
  if not accepted(strategy) then return end
  local self = setmetatable({}, strategy)
  local p = settings(strategy, core.values())
  if list and strategy.allocate then account = { self = self, p = p, allocate = strategy.allocate } end
  local bars = list and own.bars_of_pairs(list) or make_bars()
  self.bars, self.p, own.bars = bars, p, bars
  own.phase = "init"
  if strategy.init then strategy.init(self, bars, p) end
  local id
  if strategy.signal and list then own.signals_of_pairs(bars, strategy.signal(self, bars, p))
  elseif strategy.signal then id = signal_column(strategy, self, bars, p) end
  own.phase = "bar"
  crew[place] = { self = self, p = p, broker = list and own.account_of_pairs(bars) or vm.broker(), bar = strategy.bar, done = strategy.done }
  core.began(id or -1, strategy.warmup or -1)
end

-- Hooks take turns as their bars close.
local function take_turns()
  local next_place = vm.next
  local place = next_place()
  while place > 0 do
    local job = crew[place]
    job.bar(job.self, job.broker, job.p)
    place = next_place()
  end
end

local function run()
  if not core.alone() then return take_turns() end
  local job = crew[1]
  vm.drive(job.bar, job.self, job.broker, job.p)
end

local function allocate() own.allocate(account) end

local function finish(place, completed)
  local ended = crew[place]
  own.phase, own.bars, crew[place], account = "done", nil, nil, nil
  if completed and ended and ended.done then ended.done(ended.self, ended.broker, ended.p) end
  own.forget_columns()
end

return adopt, declare, valid, begin, run, finish, allocate
