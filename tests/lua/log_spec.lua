-- What a host is told without asking: sliders.open { log = }.
local session = require "session"
local build = os.getenv "SLIDERS_BUILD" or session.repository .. "/build"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, _VERSION:match "%d%.%d", package.cpath)
local sliders = require "sliders"

local shell

setup(function()
  shell = session.open()
  shell:write("EURUSD.csv", "time,close\n2024-01-02 10:00,1.1\nwhat\n2024-01-02 11:00,1.2\n")
  shell:write("talk.lua", [[
local sliders = require "sliders"
local Talk = sliders.strategy {}
function Talk:init(bars) print("trading", bars.pair) end
function Talk:bar() error("no more", 0) end
return Talk
]])
end)

teardown(function() shell:close() end)

-- A sink, and what it was told: "level pair message", without the folder.
local function notebook()
  local lines = {}
  return function(record)
    local pair = record.pair and (" " .. record.pair .. "/" .. record.ordinal) or ""
    lines[#lines + 1] = record.level .. pair .. " " .. record.message:gsub(shell.folder .. "/", "")
  end, lines
end

local loading = "warning EURUSD.csv:3:5: 1 field where the header has 2"
local running = { "print EURUSD/0 trading\tEURUSD", "error EURUSD/0 talk.lua:4: no more" }

describe("the log of a host", function()
  it("tells of rows that were dropped, of what strategies print, and of jobs that failed", function()
    local log, lines = notebook()
    local host = sliders.open { workers = 2, log = log }
    local market = host:market(shell:path "EURUSD.csv", { load = { lenient = true } })
    assert.same({ loading }, lines)
    host:market():load(shell:path "EURUSD.csv", { lenient = true })
    assert.same({ loading, loading }, lines)
    host:import(shell:path "store", shell:path "EURUSD.csv", { load = { lenient = true } })
    assert.same({ loading, loading, loading }, lines)
    host:run(host:strategy(shell:path "talk.lua"), market)
    assert.same({ loading, loading, loading, running[1], running[2] }, lines)
    host:close()
    assert.equal(5, #lines)
  end)

  it("is an option of one run too", function()
    local log, lines = notebook()
    sliders.run { strategy = shell:path "talk.lua", data = shell:path "EURUSD.csv", load = { lenient = true }, log = log }
    assert.same({ loading, running[1], running[2] }, lines)
  end)

  it("tells of a future that failed and that nobody asked, at the latest when the host is closed", function()
    local log, lines = notebook()
    local host = sliders.open { workers = 1, log = log }
    local pool = host:pool()
    local asked, lost = pool:submit "error('asked', 0)", pool:submit "error('lost', 0)"
    assert.is_false(pcall(asked.result, asked))
    lost:wait()
    pool:close()
    host:close()
    assert.same({ "error lost" }, lines)
  end)

  it("raises what the sink raises, from the call that told it", function()
    local host = sliders.open { workers = 1, log = function(record) error("sink: " .. record.level, 0) end }
    local good, err = pcall(host.market, host, shell:path "EURUSD.csv", { load = { lenient = true } })
    assert.is_false(good)
    assert.equal("sink: warning", err)
    host:close()
  end)
end)
