-- Pools: any Lua function on the workers. Runs in both interpreters; functions go to the engine of the interpreter's own kind.
local session = require "session"
local build = os.getenv "SLIDERS_BUILD" or session.repository .. "/build"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, _VERSION:match "%d%.%d", package.cpath)
local sliders = require "sliders"

local own_vm = _VERSION == "Lua 5.4" and "lua54" or "luajit"
local other_vm = own_vm == "lua54" and "luajit" or "lua54"

local function refusal(f, ...)
  local good, err = pcall(f, ...)
  assert.is_false(good)
  return err
end

describe("a pool", function()
  local pool

  before_each(function() pool = sliders.pool { workers = 3 } end)
  after_each(function() pool:close() end)

  local function back(x) return pool:submit(function(y) return y end, x):result() end

  it("maps a function over a list in order, whatever the chunk", function()
    local list, want = {}, {}
    for i = 1, 1000 do list[i], want[i] = i, i * i end
    for _, chunk in ipairs { 1, 7, 1000, 5000 } do
      assert.are.same(want, pool:map(function(x) return x * x end, list, { chunk = chunk }))
    end
    assert.are.same(want, pool:map(function(x) return x * x end, list))
    assert.are.same({}, pool:map(function(x) return x end, {}))
  end)

  it("passes nil, booleans, numbers and strings as they are", function()
    local a, b, c, d, e, f = pool:submit(function(...) return select("#", ...), ... end, nil, false, 1.5, "z\0z", nil):result()
    assert.are.same({ 5, nil, false, 1.5, "z\0z", nil }, { a, b, c, d, e, f })
    assert.are.equal(-0.0, back(-0.0))
    assert.are.equal(-math.huge, 1 / back(-0.0))
    assert.are.equal(math.huge, back(math.huge))
    local nan = back(0 / 0)
    assert.are_not.equal(nan, nan)
  end)

  if own_vm == "lua54" then
    it("keeps integers and floats apart", function()
      local kinds = pool:map(function(x) return math.type(x) end, { 1, 1.0, math.maxinteger, math.mininteger, 2.0 ^ 53 })
      assert.are.same({ "integer", "float", "integer", "integer", "float" }, kinds)
      assert.are.equal(math.mininteger, back(math.mininteger))
    end)
  end

  it("keeps cycles, shared tables and metatables", function()
    local shared = { 1 }
    local t = { a = shared, b = shared, [shared] = "key" }
    t.me = t
    setmetatable(t, { __index = { inherited = 7 } })
    local u = back(t)
    assert.are.equal(u, u.me)
    assert.are.equal(u.a, u.b)
    assert.are.equal("key", u[u.a])
    assert.are.equal(7, u.inherited)
    assert.are_not.equal(t, u)
  end)

  it("passes functions with upvalues, also those that they share, and modules by name", function()
    local n = 10
    local function bump() n = n + 1 return n end
    local function read() return n end
    local floor, text = math.floor, string
    local function all(x)
      bump()
      return read() + floor(x), text.upper("a"), math.max(1, 2)
    end
    assert.are.same({ 16, "A", 2 }, { pool:submit(all, 5.5):result() })
    assert.are.equal(10, n)
  end)

  it("passes recursive functions and methods", function()
    local function fib(k) if k < 2 then return k end return fib(k - 1) + fib(k - 2) end
    assert.are.same({ 1, 55, 610 }, pool:map(fib, { 2, 10, 15 }))
    local Account = {}
    Account.__index = Account
    function Account:add(x) self.sum = self.sum + x return self end
    local account = setmetatable({ sum = 1 }, Account)
    local got = pool:submit(function(a) return a:add(2) end, account):result()
    assert.are.equal(3, got.sum)
    assert.are.equal(13, got:add(10).sum)
  end)

  it("visits every entry of a table, however often", function()
    local walk = [[
      local list = { 1, 2, 3, 4, 5 }
      local map, lost = { a = list, b = list, c = list, d = list, e = list }, 0
      local function interpret(...) for _ = 1, 100 do end end
      for _ = 1, 100000 do
        interpret()
        local count = 0
        for _, value in pairs(map) do
          for _ in pairs(value) do end
          count = count + 1
        end
        if count ~= 5 then lost = lost + 1 end
      end
      return lost]]
    assert.equal(0, pool:submit(walk):result())
    assert.has_error(function() pool:submit("for _ in pairs(nil) do end"):result() end)
  end)

  it("passes pairs and next by name, to and fro", function()
    local count = pool:submit(function(t)
      local walk, step = pairs, next
      local function each() local n = 0 for _ in walk(t) do n = n + 1 end return n end
      return step(t) ~= nil and each()
    end, { 1, 2, x = 3 }):result()
    assert.equal(3, count)
    assert.equal(pairs, pool:submit(function() return pairs end):result())
    assert.equal(next, pool:submit(function(f) return f end, next):result())
  end)

  it("gives every call the function as it was: neither upvalues nor globals leak", function()
    local count, seen = 0, {}
    local function step(x)
      count = count + 1
      seen[#seen + 1] = x
      sum = (sum or 0) + x -- luacheck: ignore
      return count .. " " .. #seen .. " " .. sum -- luacheck: ignore
    end
    local plain = 0
    local function plainly(x)
      plain = plain + x
      total = (total or 0) + x -- luacheck: ignore
      return plain + total -- luacheck: ignore
    end
    local list, want, twice = {}, {}, {}
    for i = 1, 100 do list[i], want[i], twice[i] = i, "1 1 " .. i, 2 * i end
    assert.are.same(want, pool:map(step, list, { chunk = 1 }))
    assert.are.same(twice, pool:map(plainly, list, { chunk = 1 }))
  end)

  it("takes the source of a function", function()
    assert.are.same({ 2, 4 }, pool:map("local x = ... return 2 * x", { 1, 2 }))
    assert.matches("fn:1: .*near", tostring(refusal(pool.map, pool, "return return", { 1 })))
  end)

  it("names the path of a value that cannot be passed", function()
    local inner = coroutine.create(function() end)
    local at = "pool_spec.lua:%d+: "
    assert.matches(at .. "args%[2%]%.cb%.inner: a coroutine cannot be passed", refusal(function() pool:submit(print, 1, { cb = { inner = inner } }) end))
    assert.matches(at .. "list%[3%]%[1%]: a userdata", refusal(function() pool:map(print, { 1, 2, { io.stdout } }) end))
    assert.matches(at .. "fn upvalue 'inner': a coroutine", refusal(function() pool:submit(function() return inner end) end))
    assert.matches(at .. "args%[1%] key %[a thread%]: a coroutine", refusal(function() pool:submit(print, { [inner] = 1 }) end))
    assert.matches(at .. "args%[1%] metatable%.__index: a coroutine", refusal(function() pool:submit(print, setmetatable({}, { __index = inner })) end))
    assert.matches("result%[1%]%.x: a coroutine", tostring(refusal(pool.map, pool, function() return { x = coroutine.create(print) } end, { 1 })))
    assert.matches(at .. "fn: a function or the source of one is needed, not number", refusal(function() pool:map(3, {}) end))
    local deep = {}
    for _ = 1, 3000 do deep = { deep } end
    assert.matches("args%[1%]: what is nested deeper than 2000 levels", refusal(function() pool:submit(print, deep) end))
  end)

  it("stays open whatever a call does with it", function()
    for _ = 1, 20 do
      assert.matches("the pool is its host's: a call in it cannot close it", refusal(function() pool:submit(function() pool:close() end):result() end))
      assert.equal(4, pool:submit(function() return pool:submit(function() return 4 end):result() end):result())
    end
  end)

  it("shows what a call raises plainly", function()
    local err = refusal(function() pool:submit(function() error("a\27[2J\r\n\tb\n", 0) end):result() end)
    assert.equal("a?[2J?\n\tb", err.message)
  end)

  it("packs what is nested deeply in a worker too, whose stack is smaller", function()
    local function nest(levels, as_list)
      local value = {}
      for _ = 1, levels do value = as_list and { value } or { inner = value } end
      return value
    end
    for _, as_list in ipairs { true, false } do
      local value, levels = pool:submit(nest, 1990, as_list):result(), 0
      while next(value) do value, levels = value[1] or value.inner, levels + 1 end
      assert.equal(1990, levels)
      assert.matches("result%[1%]: what is nested deeper than 2000 levels", refusal(function() pool:submit(nest, 100000, as_list):result() end))
    end
  end)

  it("hands errors back with the worker's traceback, and what was raised", function()
    local err = refusal(pool.map, pool, function(x) if x > 2 then error("no " .. x) end return x end, { 1, 2, 3, 4 }, { chunk = 1 })
    assert.matches("pool_spec.lua:%d+: no 3", tostring(err))
    assert.matches("traceback", err.detail)
    assert.are.equal("ESCRIPT", err.status)
    local raised = refusal(function() return pool:submit(function() error { code = 7 } end):result() end)
    assert.are.equal(7, raised.value.code)
    assert.are.equal(5, pool:submit(function() return 5 end):result())
  end)

  it("iterates lazily, in order or as calls end", function()
    local asked = 0
    local function source()
      asked = asked + 1
      return asked <= 50 and asked or nil
    end
    local got = {}
    for i, y in pool:imap(function(x) return -x end, source, { window = 4 }) do
      got[i] = y
      assert.is_true(asked <= i + 5)
    end
    for i = 1, 50 do assert.are.equal(-i, got[i]) end
    local seen = {}
    for i, y in pool:imap_unordered(function(x) return x * 2 end, { 1, 2, 3, 4, 5, 6, 7 }, { chunk = 2, window = 2 }) do
      assert.are.equal(2 * i, y)
      seen[#seen + 1] = i
    end
    table.sort(seen)
    assert.are.same({ 1, 2, 3, 4, 5, 6, 7 }, seen)
    local holes = {}
    for i, y in pool:imap(function(x) if x ~= 2 then return x end end, { 1, 2, 3 }) do holes[#holes + 1] = { i, y } end
    assert.are.same({ { 1, 1 }, { 2 }, { 3, 3 } }, holes)
  end)

  it("ends an iteration at the first error", function()
    local got = {}
    local good = pcall(function()
      for i in pool:imap(function(x) if x == 3 then error "three" end return x end, { 1, 2, 3, 4 }) do got[#got + 1] = i end
    end)
    assert.is_false(good)
    assert.are.same({ 1, 2 }, got)
  end)

  it("is used from inside its own calls without a deadlock", function()
    local function outer(n)
      local inner = pool:map(function(x) return x * n end, { 1, 2, 3 })
      local future = pool:submit(function(x) return x + n end, 100)
      for _, y in pool:imap_unordered(function(x) return x end, { 1000 }) do inner[4] = y end
      return inner[1] + inner[2] + inner[3] + inner[4] + future:result()
    end
    local list, want = {}, {}
    for i = 1, 30 do list[i], want[i] = i, 6 * i + 1000 + 100 + i end
    assert.are.same(want, pool:map(outer, list, { chunk = 1 }))
    local function nest(depth) return depth == 0 and 0 or 1 + pool:map(nest, { depth - 1 })[1] end -- luacheck: ignore
  end)

  it("hands on what a call inside a call raised, with its words, place and traceback", function()
    local function outer() return pool:map(function(x) if x == 2 then error("no two") end return x end, { 1, 2 }) end
    local err = refusal(function() return pool:submit(outer):result() end)
    assert.matches("pool_spec.lua:%d+: no two$", tostring(err))
    assert.matches("pool_spec.lua:%d+: no two$", tostring(err.value))
    assert.matches("pool_spec.lua:%d+: in", err.value.detail)
    local caught = pool:submit(function()
      local _, inner = pcall(outer)
      return tostring(inner), inner.status
    end)
    assert.matches("no two$", (caught:result()))
    assert.equal("ESCRIPT", (select(2, caught:result())))
  end)

  it("keeps futures: done, wait, result, cancel", function()
    local slow = pool:submit(function() local x = 0 for i = 1, 2e6 do x = x + i % 7 end return x end)
    assert.is_boolean(slow:done())
    assert.is_true(slow:wait())
    assert.is_true(slow:done())
    assert.are.equal(slow:result(), slow:result())
    local one = sliders.pool { workers = 1 }
    local sign = os.tmpname()
    os.remove(sign)
    local gate = one:submit(function()
      io.open(sign, "w"):close()
      while not require("sliders").cancelled() do end
      return "asked"
    end)
    local queued = one:submit(function() return 1 end)
    local started
    repeat started = io.open(sign) until started
    started:close()
    os.remove(sign)
    assert.is_false(gate:wait(0))
    queued:cancel()
    gate:cancel()
    assert.are.equal("asked", gate:result())
    assert.are.equal("ECANCELED", refusal(queued.result, queued).status)
    assert.is_true(queued:cancel())
    one:close()
  end)

  it("lets 4,096 calls be pending, and then waits for the oldest", function()
    local one = sliders.pool { workers = 1 }
    local gate = os.tmpname()
    os.remove(gate)
    local futures = { one:submit(function(path)
      local file
      repeat file = io.open(path) until file
      file:close()
      return "first"
    end, gate) }
    for i = 2, 4096 do futures[i] = one:submit("return ...", i) end
    assert.is_false(futures[1]:done())
    io.open(gate, "w"):close()
    futures[4097] = one:submit("return ...", 4097)
    assert.is_true(futures[1]:done())
    os.remove(gate)
    assert.are.equal("first", futures[1]:result())
    for i = 2, 4097 do assert.are.equal(i, futures[i]:result()) end
    one:close()
  end)

  it("passes columns by reference, which are good for their call", function()
    local values = {}
    for i = 1, 1000 do values[i] = i / 4 end
    local column = sliders.column(values)
    assert.are.equal(1000, #column)
    assert.are.equal(2.5, column[10])
    local sums = pool:map(function(first)
      local s = 0
      for i = first, first + 9 do s = s + column[i] end
      return s + #column
    end, { 1, 11, 991 })
    assert.are.same({ 55 / 4 + 1000, 155 / 4 + 1000, 9955 / 4 + 1000 }, sums)
    assert.matches("has none at 1001", tostring(refusal(pool.map, pool, function(i) return column[i] end, { 1001 })))
    assert.matches("has none at 0", tostring(refusal(pool.map, pool, function(i) return column[i] end, { 0 })))
    assert.matches("whole numbers", tostring(refusal(pool.map, pool, function() return column.sum end, { 0 })))
    assert.matches("read%-only", tostring(refusal(pool.map, pool, function() column[1] = 2 end, { 0 })))
    assert.are.equal(0.25, pool:submit(function(c) return pool:map(function() return c[1] end, { 1 })[1] end, column):result())
    assert.has_error(function() return sliders.column { 1, "x" } end)
    assert.has_error(function() column[1] = 3 end)
  end)

  it("requires modules of the host's path, and has the host's words for no call", function()
    local spec = "pool_module"
    package.loaded[spec] = nil
    local module = require(spec)
    assert.are.equal("module 3", pool:submit(function(x) return module.name(x) end, 3):result())
    assert.are.equal("module 4", pool:submit("return require 'pool_module'.name(4)"):result())
    assert.matches("sliders.run is there for the host", tostring(refusal(pool.map, pool, function() return require("sliders").run end, { 1 })))
  end)

  it("refuses what it does not know, and work once it is closed", function()
    assert.matches("map has no option 'chunks'", refusal(function() pool:map(print, {}, { chunks = 1 }) end))
    for _, chunk in ipairs { 0, -1, 1.5, 5001, 1e300, math.huge, 0 / 0, "3" } do
      assert.matches("pool_spec.lua:%d+: map's chunk must be a whole number from 1 to 5000", refusal(function() pool:map(print, {}, { chunk = chunk }) end))
    end
    assert.matches("imap's window must be a whole number", refusal(function() pool:imap(print, {}, { window = math.huge }) end))
    local one = pool:submit(function() return 1 end)
    for _, seconds in ipairs { -1, 0 / 0, "1" } do
      assert.matches("pool_spec.lua:%d+: wait takes seconds", refusal(function() one:wait(seconds) end))
    end
    assert.is_true(one:wait(1e300))
    assert.matches("fn: compiled code is no source", refusal(function() pool:submit(string.dump(function() end)) end))
    assert.matches("sliders.pool: workers is 1 to 1024, got 1.5", refusal(function() sliders.pool { workers = 1.5 } end))
    assert.matches("imap takes a list or a function", refusal(function() pool:imap(print, 3) end))
    assert.matches("no option 'worker'; did you mean 'workers'%?", refusal(sliders.pool, { worker = 1 }))
    local future = pool:submit(function() return 1 end)
    pool:close()
    pool:close()
    assert.matches("pool_spec.lua:%d+: the pool is closed", refusal(function() pool:map(print, {}) end))
    assert.has_error(function() future:result() end)
  end)

  it("runs sources in the other engine, and refuses functions there", function()
    local other = sliders.pool { workers = 1, vm = other_vm }
    assert.are.same({ 3 }, other:map("local x = ... return x + 2", { 1 }))
    assert.matches("fn: a function of another Lua than the workers'", refusal(function() other:map(function() end, { 1 }) end))
    other:close()
  end)

  it("serves a host beside its runs", function()
    local host = sliders.open { workers = 2 }
    local shared = host:pool()
    assert.are.same({ 2 }, shared:map(function(x) return 2 * x end, { 1 }))
    host:close()
    assert.has_error(function() shared:map(print, { 1 }) end)
  end)
end)
