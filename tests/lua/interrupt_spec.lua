-- Ctrl-C at the command: what is complete is written, what is not is named, and the status is 130.
local session = require "session"

local shell

setup(function()
  shell = session.open()
  shell:write("prices.csv", session.prices({ "EURUSD", "GBPUSD", "USDJPY" }, 60))
  shell:write("hold.lua", [[
local sliders = require "sliders"
local Hold = sliders.strategy {}
function Hold:bar(broker) broker:target(1) end
return Hold
]])
  shell:write("loop.lua", [[
local sliders = require "sliders"
local Loop = sliders.strategy {}
function Loop:bar() while true do end end
return Loop
]])
end)

teardown(function() shell:close() end)

-- Runs the command, which is sent SIGINT at a moment of interrupting.lua.
local function interrupted(moment, line)
  local command = session.command:gsub(" %-e ", " -e 'package.path = \"" .. session.repository .. "/tests/lua/?.lua;\" .. package.path' -l interrupting -e ", 1)
  return shell:run(("rm -f *.gate *.taken; INTERRUPT=%s %s %s"):format(moment, command, line))
end

describe("Ctrl-C", function()
  it("starts no other job, ends those that run, and says which were not run, in table, JSON and CSV", function()
    local said = interrupted("run", "run hold.lua --data prices.csv --workers 1 --json r.json --csv r")
    assert.equal("sliders: interrupted: no other job starts, those that run end; once more to stop at once\n"
      .. "sliders: interrupted: 3 of 3 jobs not run: EURUSD, GBPUSD, USDJPY\n", said.err)
    assert.equal(130, said.status)
    assert.truthy(said.out:find("\nEURUSD +cancelled\nGBPUSD +cancelled\nUSDJPY +cancelled\n"), said.out)
    assert.truthy(said.out:find("; incomplete, some pairs are left out\n", 1, true), said.out)
    local json = shell:read "r.json"
    assert.truthy(json:find('\n "unfinished": 3\n', 1, true))
    assert.equal(3, select(2, json:gsub('"state": "cancelled"', "")))
    assert.equal("pair,set,state,message\n"
      .. "EURUSD,0,cancelled,\"not started, the run was cancelled\"\n"
      .. "GBPUSD,0,cancelled,\"not started, the run was cancelled\"\n"
      .. "USDJPY,0,cancelled,\"not started, the run was cancelled\"\n", shell:read "r/unfinished.csv")
  end)

  it("does the same to jobs in processes of their own, which it does not reach", function()
    local said = interrupted("run", "run hold.lua --data prices.csv --workers 1 --isolation process --quiet --csv far")
    assert.equal(130, said.status)
    assert.equal("sliders: interrupted: 3 of 3 jobs not run: EURUSD, GBPUSD, USDJPY\n", said.err)
    assert.equal(4, select(2, shell:read("far/unfinished.csv"):gsub("\n", "")))
    said = interrupted("twice", "run loop.lua --data prices.csv --isolation process --workers 1 --quiet")
    assert.same({ status = 130, out = "", err = "sliders: interrupted\n" }, said)
  end)

  it("is followed by a whole run whose files are as if it had never been", function()
    interrupted("run", "run hold.lua --data prices.csv --workers 1 --csv again --json again.json --quiet")
    for _, name in ipairs { "again", "fresh" } do
      assert.equal(0, shell:run(("sliders run hold.lua --data prices.csv --csv %s --json %s.json --quiet"):format(name, name)).status)
    end
    assert.equal("equity.csv\norders.csv\ntrades.csv", shell:files "again")
    assert.equal(shell:read "fresh.json", shell:read "again.json")
  end)

  it("a second time stops at once, though a strategy never ends, and writes nothing", function()
    local said = interrupted("twice", "run loop.lua --data prices.csv --json no.json --csv no")
    assert.equal(130, said.status)
    assert.equal("", said.out)
    assert.equal("sliders: interrupted: no other job starts, those that run end; once more to stop at once\nsliders: interrupted\n", said.err)
    assert.is_nil(shell:read "no.json")
    assert.equal("", shell:run("ls -d no").out)
  end)

  it("while results are written waits for them", function()
    local said = interrupted("write", "run hold.lua --data prices.csv --json late.json")
    assert.equal(130, said.status)
    assert.equal("sliders: interrupted when every job had been run\n", said.err)
    assert.truthy(said.out:find("\nPORTFOLIO ", 1, true))
    assert.is_nil(shell:read("late.json"):find("unfinished", 1, true))
  end)

  it("is left alone by the module in a program of one's own", function()
    shell:write("program.lua", [[
local sliders = require "sliders"
local host = sliders.open { workers = 2 }
host:run(host:strategy "hold.lua", host:market "prices.csv")
local good, err = pcall(function()
  io.popen("kill -INT $PPID"):close()
  for _ = 1, 1e9 do end
end)
print(good, err)
host:close()
]])
    local interpreter = session.command:match("^%S+")
    local said = shell:run(('LUA_PATH="%s/lua/?.lua;%s/lua/?/init.lua;;" LUA_CPATH="$SLIDERS_BUILD/lua/%s/?.so;;" %s program.lua'):format(
      session.repository, session.repository, _VERSION:match "%d%.%d", interpreter))
    assert.equal("", said.err)
    assert.matches("^false\t.*interrupted!\n$", said.out)
    assert.equal(0, said.status)
  end)

  it("while data are read stops at once", function()
    assert.same({ status = 130, out = "", err = "sliders: interrupted\n" }, interrupted("load", "run hold.lua --data prices.csv"))
  end)

  it("while an import reads files stores nothing", function()
    assert.same({ status = 130, out = "", err = "sliders: interrupted\n" }, interrupted("read", "data import prices.csv --into store"))
    assert.equal("", shell:run("ls -d store").out)
  end)

  it("while an import stores what it read waits for it", function()
    local said = interrupted("store", "data import prices.csv --into whole")
    assert.equal(130, said.status)
    assert.truthy(said.err:find("sliders: interrupted when everything had been stored\n", 1, true), said.err)
    assert.equal("EURUSD\nGBPUSD\nUSDJPY", shell:files "whole")
    assert.equal("", shell:run("sliders data import prices.csv --into whole --quiet").err)
  end)
end)
