--- A world without the core: files that collect what is written, and a host that answers from tables.

local fake = {}

local function file()
  return {
    text = "",
    write = function(self, ...)
      self.text = self.text .. table.concat({ ... })
      return self
    end,
    flush = function() end,
  }
end

local nan = 0 / 0

--- A job with figures.
function fake.job(fields)
  local made = {
    pair = "EURUSD", state = "done", log = "", capital = 100000, final_equity = 110000, realised = 10000, unrealised = 0, order_count = 1,
    rejected_count = 0, trade_count = 1, open_count = 0, bar_count = 3, buy_and_hold = 0.05,
    costs = { spread = 1, slippage = 2, commission = 3, rollover = 0 },
    figures = { total_return = 0.1, annual_return = 0.02, sharpe = nan, max_drawdown = -0.2 },
    orders = {}, trades = {}, equity = { 1, 2, 3 }, close_time = { 1, 2, 3 },
    data = { pair = "EURUSD", first_time = 0, last_time = 86400e9, period_ns = 1, one_price = false },
  }
  for name, value in pairs(fields or {}) do made[name] = value end
  return made
end

--- A world whose runs give `jobs`. `world.ran` is the list of option tables of its runs, `world.wrote` the files asked for.
function fake.world(jobs)
  local world = { out = file(), err = file(), terminal = false, ran = {}, wrote = {} }
  function world.hold() return { caught = function() return false end, release = function() end } end

  local result = {
    jobs = jobs or { fake.job() },
    portfolio = {
      rule = "sum", label = "", complete = true, count = 0, costs = 6, buy_and_hold = 0.05, equity = {}, time = {},
      figures = { total_return = 0.1, annual_return = 0.02, sharpe = nan, max_drawdown = -0.2 },
    },
  }
  function result:write_json(path) world.wrote[#world.wrote + 1] = path end
  function result:write_csv(dir) world.wrote[#world.wrote + 1] = dir end

  local market = { report = { sources = {}, notes = {} } }
  function market:pairs()
    return { { pair = "EURUSD", first_time = 0, last_time = 86400e9, period_ns = 1, one_price = false } }
  end

  local host = {}
  world.host = host
  function host:strategy(path, options)
    if world.broken then error(world.broken, 0) end
    local vm = options and options.vm or "luajit"
    return { name = path:match("([^/]*)%.lua$"), vm = vm, about = "Does a thing.", source = world.source or "", params = world.params or {} }
  end
  function host:market(paths, options)
    world.loaded = paths
    world.market_options = options
    return market
  end
  function host:run(_, _, options)
    world.ran[#world.ran + 1] = options
    if options.progress then options.progress { jobs = 2, done = 1, failed = 0, finished = false } end
    return result
  end
  function host:probe(vm)
    return vm == world.other, "no such engine here"
  end

  world.sliders = {
    version = "1.2.3",
    open = function(options)
      world.opened = options
      return host
    end,
    suggest = function(word, names)
      for _, name in ipairs(names) do
        if name:sub(1, 3) == word:sub(1, 3) then return name end
      end
      return nil
    end,
    time_parse = function(text)
      if not text:find("^%d+%-%d+%-%d+") then error("1:1: a date expected", 0) end
      return tonumber(text:sub(1, 4)) * 365 * 86400 * 1000000000
    end,
    time_format = function(time) return ("day %d"):format(math.floor(time / 86400e9)) end,
  }
  world.core = {
    files = function() return { "sma_cross.lua", "momentum.lua", "README.md" } end,
    real_path = function(path) return path end,
    json_check = function() return true end,
    csv_check = function() return true end,
  }
  return world
end

return fake
