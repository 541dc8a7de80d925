--- A folder of its own in which shell lines run the real command, by the interpreter that runs the specs.
--
--     local session = require "session"
--     local shell = session.open()
--     local said = shell:run "sliders run my.lua --data prices.csv"    -- {status, out, err}
--     shell:close()

local session = {}
session.__index = session

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function output_of(line)
  local pipe = assert(io.popen(line))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("\n$", ""))
end

local repository = output_of("pwd")
local build = os.getenv("SLIDERS_BUILD") or repository .. "/build"
local interpreter = jit and "luajit" or "lua5.4"

session.repository = repository
-- The accounts of every run are looked at: audit.lua.
local audit = ('package.path = %q .. package.path require "audit"'):format(repository .. "/tests/lua/?.lua;")
session.command = table.concat({ interpreter, "-e", quoted(audit), quoted(repository .. "/lua/bin/sliders") }, " ")

function session.open()
  return setmetatable({ folder = output_of("mktemp -d") }, session)
end

function session:close()
  os.execute("rm -rf " .. quoted(self.folder))
end

function session:path(name)
  return self.folder .. "/" .. name
end

function session:write(name, text)
  local file = assert(io.open(self:path(name), "wb"))
  file:write(text)
  file:close()
end

--- The file's text, or nil where there is none.
function session:read(name)
  local file = io.open(self:path(name), "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

--- Names of the folder's files, by name.
function session:files(folder)
  return output_of("cd " .. quoted(self:path(folder or "")) .. " && LC_ALL=C ls")
end

--- Runs a line of shell in the folder; `sliders` is the command.
---@return { status: integer, out: string, err: string }
function session:run(line)
  self:write(".line", table.concat({
    "export SLIDERS_BUILD=" .. quoted(build),
    "unset SLIDERS_ENGINE_PATH COLUMNS",
    "sliders() { " .. session.command .. ' "$@"; }',
    "cd " .. quoted(self.folder),
    line,
  }, "\n"))
  local path = quoted(self:path(""))
  os.execute(("sh %s.line >%s.out 2>%s.err; echo $? >%s.status"):format(path, path, path, path))
  return { status = tonumber(self:read ".status"), out = self:read ".out", err = self:read ".err" }
end

--- A wide CSV of `days` daily prices, the same every time: a slow wave with a jagged edge.
---@param names string[]
---@param days integer
---@return string
function session.prices(names, days)
  local lines, state = { "date," .. table.concat(names, ",") }, 12345
  for day = 0, days - 1 do
    local cells = { ("20%02d-%02d-%02d"):format(math.floor(day / 336), math.floor(day / 28) % 12 + 1, day % 28 + 1) }
    for i, name in ipairs(names) do
      state = math.fmod(state * 16807, 2147483647)
      local price = 1.2 + 0.2 * math.sin(day / 20 + i) + 0.02 * (state / 2147483647)
      cells[i + 1] = ("%.4f"):format(name:find "JPY" and price * 100 or price)
    end
    lines[#lines + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end

return session
