-- Strategies without a sandbox, from Lua and from the command.
local session = require "session"
local build = os.getenv "SLIDERS_BUILD" or session.repository .. "/build"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, _VERSION:match "%d%.%d", package.cpath)
local sliders = require "sliders"

local shell

local reader = [[
local sliders = require "sliders"
local Reader = sliders.strategy {}
function Reader:init() print(io and os and load and "everything" or "the sandbox") end
function Reader:bar(broker) broker:target(1) end
return Reader
]]

setup(function()
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD" }, 60))
  shell:write("reader.lua", reader)
end)

teardown(function() shell:close() end)

local function run(options)
  options.strategy, options.data = shell:path "reader.lua", shell:path "prices.csv"
  return sliders.run(options)
end

describe("a trusted strategy", function()
  for _, vm in ipairs { "lua54", "luajit" } do
    it("has all that its engine has, and the same figures, in " .. vm, function()
      local trusted, plain = run { vm = vm, trusted = true }, run { vm = vm }
      assert.equal("everything\n", trusted.jobs[1].log)
      assert.equal("the sandbox\n", plain.jobs[1].log)
      assert.equal(plain.jobs[1].final_equity, trusted.jobs[1].final_equity)
    end)

    it("is opened by a host that has others in the sandbox, in " .. vm, function()
      local host = sliders.open { workers = 1 }
      local strategy = host:strategy_text("reader.lua", reader, { vm = vm, trusted = true })
      assert.is_true(strategy.trusted)
      assert.is_false(host:strategy(shell:path "reader.lua", vm).trusted)
      host:close()
    end)
  end

  it("is asked for by a name that is spelt right", function()
    local host = sliders.open { workers = 1 }
    local ok, err = pcall(host.strategy, host, shell:path "reader.lua", { trust = true })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("host:strategy: no option 'trust'", 1, true))
    host:close()
  end)

  it("is run and checked by the command", function()
    local said = shell:run "sliders run reader.lua --data prices.csv --trusted --json a.json"
    assert.equal(0, said.status)
    assert.truthy(said.err:find("everything", 1, true))
    assert.truthy(shell:read("a.json"):find('"trusted": true', 1, true))
    said = shell:run "sliders check reader.lua --data prices.csv --trusted"
    assert.equal(0, said.status)
    assert.truthy(said.out:find("luajit and lua54: equal", 1, true))
  end)

  it("has its parameters listed", function()
    shell:write("needs.lua", "assert(io, 'no files') " .. reader)
    assert.equal(1, shell:run("sliders run needs.lua --help").status)
    assert.equal(0, shell:run("sliders run needs.lua --trusted --help").status)
  end)
end)
