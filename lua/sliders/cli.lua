--- The command `sliders`: reads the command line, runs a command, and turns errors into one line and an exit status.
--
--   0  done, and every job succeeded
--   1  something failed: `sliders: file:line:column: message` on stderr
--   2  the command line makes no sense
--   130  interrupted

local errors = require "sliders.cli.errors"
local params = require "sliders.cli.params"
local parser = require "sliders.cli.parser"
local world = require "sliders.cli.world"

local cli = {}

-- Modules, loaded when they are needed: a run does without the lint.
local commands = {
  run = "sliders.cli.run",
  check = "sliders.cli.check",
  data = "sliders.cli.data",
  strategies = "sliders.cli.strategies",
}

local function usage_error(w, message, command)
  local help = command and ("sliders %s --help"):format(command) or "sliders --help"
  w.err:write(("sliders: %s\nTry `%s`.\n"):format(message, help))
  return 2
end

-- The command's help, and below it the parameters of the strategy that stands on the line.
local function help(w, request)
  w.out:write(parser.help(request.verb and "data " .. request.verb or request.command), "\n")
  if not request.strategy then return 0 end
  local path = world.strategy_path(w, request.strategy)
  local strategy = w.sliders.open({ workers = 1 }):strategy(path, { vm = request.vm, trusted = request.trusted })
  w.out:write(("\nParameters of %s (--set NAME=VALUE):\n"):format(strategy.name))
  if strategy.about ~= "" then world.print(w.out, { "   " .. strategy.about }) end
  world.print(w.out, params.lines(strategy.params, "   "))
  return 0
end

local function perform(w, request)
  if request.version then
    w.out:write("sliders ", w.sliders.version, "\n")
    return 0
  end
  if request.help then return help(w, request) end
  local makes_bars = request.verb == "import" or request.verb == "resample"
  local wrong = world.read_dates(w, request.options) or world.check_timeframe(w, request.options, not makes_bars)
  if wrong then return usage_error(w, wrong, request.verb and "data " .. request.verb or request.command) end
  return require(commands[request.command])(w, request)
end

-- A table tells where and why; a string is what the interpreter raised.
local function failure(w, err)
  if type(err) == "string" and err:find("interrupted!", 1, true) then
    w.err:write("sliders: interrupted\n")
    return 130
  end
  world.print(w.err, errors.lines(err))
  return 1
end

--- Runs the command line; returns the exit status.
---@param args string[]
---@param w table  a world; see sliders.cli.world
---@return integer
function cli.main(args, w)
  local request, wrong = parser.parse(args)
  if not request then return usage_error(w, wrong, parser.command_of(args)) end
  local ok, status = pcall(perform, w, request)
  world.flush(w)
  if not ok then return failure(w, status) end
  if not w.unwritten then return status end
  w.err:write("sliders: cannot write the output: ", w.unwritten, "\n")
  return 1
end

return cli
