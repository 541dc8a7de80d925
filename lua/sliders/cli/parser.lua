--- The command line: what may be said, and how it becomes a request.
--
-- parser.parse(args) returns a request, or nil and one sentence. A request holds command, help (a flag) and the command's own
-- fields; run options stand in request.options as `sliders` wants them. What needs the core (dates, names) is checked later.

local argparse = require "argparse"
local verbs = require "sliders.cli.data.verbs"

local parser = {}

-- ---- Values -------------------------------------------------------------------------------------------------------

local function to_number(text)
  local plain = text:find("^[+-]?%d+%.?%d*[eE]?[+-]?%d*$") or text:find("^[+-]?%.%d+[eE]?[+-]?%d*$")
  return plain and tonumber(text) or nil
end

local function number_where(option, what, accept)
  return function(text)
    local value = to_number(text)
    if value and value < math.huge and accept(value) then return value end
    return nil, ("%s is %s, got '%s'"):format(option, what, text)
  end
end

local capital = number_where("--capital", "a number above 0", function(x) return x > 0 end)
local max_leverage = number_where("--max-leverage", "a number above 0", function(x) return x > 0 end)
local periods_per_year = number_where("--periods-per-year", "a number above 0", function(x) return x > 0 end)

local leverage = number_where("--leverage", "a number above 0", function(x) return x > 0 end)
local slippage = number_where("--slippage", "a number of at least 0", function(x) return x >= 0 end)
local markup = number_where("--rollover-markup", "a number of at least 0", function(x) return x >= 0 end)

-- A number in percent, as a part of one.
local function percent_where(option, what, accept)
  local read = number_where(option, what, accept)
  return function(text)
    local value, why = read(text)
    if value then return value / 100 end
    return nil, why
  end
end

local margin_call = percent_where("--margin-call", "a number above 0", function(x) return x > 0 end)
local vol_target = percent_where("--vol-target", "a number above 0", function(x) return x > 0 end)
local stop_out = percent_where("--stop-out", "a number of at least 0", function(x) return x >= 0 end)

-- "2" pips or "0.01%" of the price as options.
local function spread(text)
  local number, unit = text:match "^(.-)(%%?)$"
  local value = to_number(number)
  if not value or value < 0 or value >= math.huge then
    return nil, ("--spread is a number of at least 0, or such a part of the price as 0.01%%, got '%s'"):format(text)
  end
  if unit == "%" then return { spread_frac = value / 100 } end
  return { spread_pips = value }
end

local fill_modes = { next_open = true, close = true, tradingview = true, backtesting_py = true }
local fill_axes = {
  at = { "next_open", "close" }, path = { "pessimistic", "tradingview", "backtesting_py" }, quotes = { "side", "mid" }, spread_on = { "both", "entry" },
}

local function is_among(word, words)
  for _, other in ipairs(words) do
    if word == other then return true end
  end
  return false
end

-- "close" as it is, "close,quotes=mid" as a table.
local function fill(text)
  local found, count = {}, 0
  for part in (text .. ","):gmatch "([^,]*)," do
    local axis, word = part:match "^([%l_]+)=(.*)$"
    if axis and not fill_axes[axis] then return nil, ("--fill has the parts at, path, quotes and spread_on, got '%s'"):format(part) end
    if axis and not is_among(word, fill_axes[axis]) then
      return nil, ("--fill: %s is %s, got '%s'"):format(axis, table.concat(fill_axes[axis], " or "), word)
    end
    if not axis and (count > 0 or not fill_modes[part]) then
      return nil, ("--fill is next_open, close, tradingview or backtesting_py, parts such as quotes=mid, or both with commas, got '%s'"):format(text)
    end
    if found[axis or "preset"] then return nil, ("--fill: %s is there twice"):format(axis) end
    found[axis or "preset"] = word or part
    count = count + 1
  end
  return count == 1 and found.preset or found
end

local function pyramiding(text)
  local value = text:find "^%d+$" and tonumber(text)
  if value and value <= 1e6 then return math.floor(value) end
  return nil, ("--pyramiding is a whole number up to 1000000, got '%s'; 0 is no limit"):format(text)
end

local function currency(text)
  if text:find "^%u%u%u$" then return text end
  return nil, ("--currency is three capital letters such as EUR, got '%s'"):format(text)
end

-- What one part of --commission is charged by: the option and how many of its units the number counts.
local function commission_part(part)
  local number, unit = part:match "^(.-)(/?%a*%%?)$"
  local value = to_number(number)
  if not value or value < 0 or value >= math.huge then return nil end
  if unit == "%" then return "commission_frac", value / 100 end
  if unit == "/lot" then return "commission_per_lot", value end
  if unit == "/order" then return "commission_per_order", value end
  if unit == "" and value < 1 then return "commission_frac", value end
  return nil
end

-- "0.002%,1.5/order" as options.
local function commission(text)
  local options = {}
  for part in (text .. ","):gmatch "([^,]*)," do
    local name, value = commission_part(part)
    if not name or options[name] then
      return nil, ("--commission is 0.002%% or 0.00002 of the notional, 3.5/lot, 1.5/order, or several with commas, got '%s'"):format(text)
    end
    options[name] = value
  end
  return options
end

local units = { [""] = 1, K = 2 ^ 10, M = 2 ^ 20, G = 2 ^ 30 }

-- A limit as the run takes it: 0 for none.
local function limit(option, what, read)
  return function(text)
    local value = text == "none" and 0 or read(text)
    if value and value >= 0 and value < 2 ^ 53 then return value end
    return nil, ("%s is %s, or none, got '%s'"):format(option, what, text)
  end
end

local function read_size(text)
  local number, unit = text:match "^(%d+)([KMG]?)$"
  return number and tonumber(number) * units[unit]
end

local limit_memory = limit("--limit-memory", "a size such as 64M or 2G", read_size)
local limit_log = limit("--limit-log", "a size such as 64K or 1M", read_size)
local function read_seconds(text)
  local value = to_number(text)
  return value and value < math.huge and value
end

local limit_bar = limit("--limit-bar", "a number of seconds", read_seconds)
local limit_job = limit("--limit-job", "a number of seconds", read_seconds)
local limit_instructions = limit("--limit-instructions", "a whole number", function(text) return text:find "^%d+$" and tonumber(text) end)
local limit_records = limit("--limit-records", "a whole number", function(text) return text:find "^%d+$" and tonumber(text) end)

local scale = number_where("--scale", "a number above 0", function(x) return x > 0 end)

local function setting(text)
  local name, value = text:match("^([^=]+)=(.*)$")
  if not name then return nil, ("--set is name=value, got '%s'"):format(text) end
  return { name = name, value = value }
end

-- ---- Options ------------------------------------------------------------------------------------------------------

local function usage(lines)
  return "Usage: sliders " .. lines
end

local function add_help(to)
  to:add_help(false)
  to:flag "-h" "--help":description "Show this help and stop."
end

-- What files of data do not say themselves.
local function add_load_options(to)
  to:option "--dialect":argname "NAME":description "What the files are, where they do not show it."
  to:option "--zone":argname "ZONE":description "Their clock: UTC, +05:30, America/New_York, EET-NY."
  to:option "--pair":argname "PAIR":description "Which instrument they are."
  to:option "--ask":argname "FILE":description "The asks for the bids of the one file of --data."
  to:option "--scale":argname "X":convert(scale):description "Divide their prices by this."
  to:option "--date":argname "DATE":description "The day of times that count from midnight."
  to:option "--day-first":choices { "yes", "no" }:argname "yes|no":description "Whether 03/01/2012 is in January."
  to:option "--newest-first":choices { "yes", "no" }:argname "yes|no":description "Whether rows of bars and ticks go back in time."
  to:flag "--lenient":description "Drop bad rows and list them."
end

-- What every run can be told.
local function add_run_options(to)
  to:option "--data":args "+":count "*":argname "PATH":action "concat":description "Files or folders of prices."
  add_load_options(to)
  to:option "--instruments":argname "FILE":description "Instruments that are new or have other numbers."
  to:option "--rates":argname "FILE":count "*":description "Short rates by currency."
  to:option "--pairs":argname "A,B,...":convert(verbs.pair_list):description "Only these pairs."
  to:option "--set":argname "NAME=VALUE":convert(setting):count "*":description "Set a parameter of the strategy."
  verbs.workers(to)
  to:option "--timeframe":argname "FRAME":description "Bars of this length: 5m, 1h, 4h, 1d, 1w, 1mo; as loaded,\nor made of shorter ones. Or ticks."
  to:option "--day-end":choices { "ny", "utc", "source" }:argname "DAY"
    :description "Where its days end: ny (17:00 New York, default),\nutc, or source, the clock of --day-zone."
  to:option "--day-zone":argname "ZONE":description "A zone such as Europe/Athens."
  to:option "--side":choices { "bid", "mid", "both" }:argname "SIDE"
    :description "Side of prices whose data do not say it; bid also takes\nthe bids of data of both, on which both insists."
  to:option "--from":argname "DATE":description "First day of trading; earlier bars warm up."
  to:option "--to":argname "DATE":description "Last day."
  to:flag "--cold":description "Hide the bars before --from."
  to:option "--capital":argname "X":convert(capital):description "Total over all pairs; default 100000."
  to:option "--spread":argname "PIPS":convert(spread)
    :description "Full bid-ask spread; default 0. Or 0.01% of the price,\nwhere only entries pay it."
  to:option "--slippage":argname "PIPS":convert(slippage):description "On market and stop fills; default 0."
  to:option "--commission":argname "FORM":convert(commission):description "Each side: 0.002% of the notional, 3.5/lot, 1/order,\nor several, with commas."
  to:option "--currency":argname "CCY":convert(currency):description "The account's; default USD."
  to:option "--leverage":argname "X":convert(leverage):description "Largest position over equity; default 30."
  to:option "--margin-call":argname "PCT":convert(margin_call):description "Percent of the margin that an order which opens\nmust leave; default 100."
  to:option "--stop-out":argname "PCT":convert(stop_out):description "Percent of the margin below which positions are\nclosed; default 50, 0: never."
  to:option "--accounting":choices { "net", "hedge" }:argname "KIND":description "net (default): a sale closes what is held; hedge."
  to:option "--pyramiding":argname "N":convert(pyramiding)
    :description "Most trades that are open on one side at once; default 0:\nno limit, or 1 with --fill tradingview."
  to:option "--sizing":choices { "call", "fill" }:argname "WHEN"
    :description "At which price targets and fractions are sized: the close\nof the call, or that of the fill; default: the fill mode's."
  to:option "--rollover":choices { "none", "points", "rates" }:argname "KIND"
    :description "Over night: none (default), the instruments' points,\nor --rates."
  to:option "--rollover-markup":argname "PCT":convert(markup):description "Percent a year taken from rates that are earned."
  to:flag "--close-at-end":description "Close open trades on the last bar."
  to:option "--fill":argname "MODE":convert(fill)
    :description("Fill rules: next_open (default), close, tradingview\nor backtesting_py; what differs from them with commas:\n"
      .. "at=close, path=tradingview, quotes=mid, spread_on=entry.")
  to:option "--account":choices { "split", "shared" }:argname "KIND"
    :description "Whether each pair trades a part of the capital\n(split) or all pairs one account (shared);\ndefault: as the strategy declares, else split."
  to:flag "--trusted":description "No sandbox: the strategy may read and write files, and\nmuch more. Only for code that you trust."
  to:option "--limit-memory":argname "SIZE":convert(limit_memory)
    :description "Memory of a job's Lua state, as 512M; default 1G;\nnone: no limit, here and for the next."
  to:option "--limit-records":argname "N":convert(limit_records):description "Orders, trades and rollovers of a job; default 10000000."
  to:option "--limit-log":argname "SIZE":convert(limit_log):description "What a job may print; default 1M."
  to:option "--limit-bar":argname "S":convert(limit_bar):description "Seconds of one call of a hook; default 10."
  to:option "--limit-job":argname "S":convert(limit_job):description "Seconds of a job; default none."
  to:option "--limit-instructions":argname "N":convert(limit_instructions)
    :description "Instructions of Lua in a job; default none. Ends also\nwhat never returns; nothing is compiled meanwhile."
  to:option "--isolation":choices { "thread", "process" }:argname "KIND"
    :description "Where jobs run: thread (default), or process: a crash\ncosts its own job."
  to:option "--weights":choices { "sum", "equal", "inverse_vol", "vol_target" }:argname "RULE"
    :description "How pairs become a portfolio: sum (default),\nequal, inverse_vol or vol_target."
  to:option "--vol-target":argname "PCT":convert(vol_target):description "Percent a year that vol_target aims at; default 10."
  to:option "--max-leverage":argname "X":convert(max_leverage):description "Most that vol_target invests of the equity; default 5."
  to:option "--periods-per-year":argname "N":convert(periods_per_year)
    :description "By which figures are made annual; default 260, of bars\nlonger than a day as many as a year has."
end

-- `sliders data VERB`; the verbs' own modules are read when they are asked for.
local function add_data(root, commands)
  local data = root:command "data":description "Look at prices on the disk, and keep them in a store."
    :usage(usage "data VERB ...")
    :require_command(false)
    :command_target "verb"
  add_help(data)
  commands.data = data
  for _, name in ipairs(verbs.names) do
    local verb = verbs.load(name)
    local command = data:command(name):description(verb.about):usage(usage("data " .. verb.usage))
    add_help(command)
    verb.declare(command, add_load_options)
    commands["data " .. name] = command
  end
end

local function build()
  local root = argparse "sliders"
    :description "Backtests a strategy over many currency pairs at once."
    :usage(usage "COMMAND ...")
    :require_command(false)
    :command_target "command"
    :help_description_margin(30)
  add_help(root)
  root:flag "--version":description "Show the version and stop."

  local run = root:command "run":description "Run a strategy over every pair and put the results together."
    :usage(usage "run STRATEGY --data PATH... [options]")
  add_help(run)
  run:argument "STRATEGY":target "strategy":args "?":description "A path, or the name of a shipped strategy."
  add_run_options(run)
  run:option "--vm":choices { "luajit", "lua54" }:argname "VM":description "Engine of the strategy: luajit (default\nwhere present) or lua54."
  run:option "--json":argname "FILE":convert(verbs.path_of "--json"):description "Write the whole result as JSON; -: to standard output."
  run:option "--csv":argname "DIR":convert(verbs.path_of "--csv"):description "Write equity.csv, trades.csv and orders.csv."
  run:flag "--quiet":description "No table; errors only."

  local check = root:command "check":description "Look for what a strategy must not do: read the future, differ between engines."
    :usage(usage "check STRATEGY --data PATH... [options]")
  add_help(check)
  check:argument "STRATEGY":target "strategy":args "?":description "A path, or the name of a shipped strategy."
  add_run_options(check)

  local strategies = root:command "strategies":description "List the strategies that come along, with their parameters."
    :usage(usage "strategies")
  add_help(strategies)

  local commands = { run = run, check = check, strategies = strategies }
  add_data(root, commands)
  return root, commands
end

-- ---- Requests -----------------------------------------------------------------------------------------------------

local function limits(parsed)
  local given = {
    memory = parsed.limit_memory, records = parsed.limit_records, log = parsed.limit_log,
    bar = parsed.limit_bar, job = parsed.limit_job, instructions = parsed.limit_instructions,
  }
  return next(given) and given or nil
end

local function run_options(parsed)
  local set
  local fees, width = parsed.commission or {}, parsed.spread or {}
  for _, one in ipairs(parsed.set or {}) do
    set = set or {}
    set[one.name] = one.value
  end
  return {
    pairs = parsed.pairs,
    set = set,
    timeframe = parsed.timeframe,
    side = parsed.side,
    day = parsed.day_end,
    day_zone = parsed.day_zone,
    from = parsed.from,
    to = parsed.to,
    at = parsed.at,
    cold = parsed.cold,
    capital = parsed.capital,
    spread_pips = width.spread_pips,
    spread_frac = width.spread_frac,
    slippage_pips = parsed.slippage,
    commission_frac = fees.commission_frac,
    commission_per_lot = fees.commission_per_lot,
    commission_per_order = fees.commission_per_order,
    currency = parsed.currency,
    leverage = parsed.leverage,
    accounting = parsed.accounting,
    pyramiding = parsed.pyramiding,
    sizing = parsed.sizing,
    margin_call = parsed.margin_call,
    stop_out = parsed.stop_out,
    rollover = parsed.rollover,
    rollover_markup = parsed.rollover_markup,
    close_at_end = parsed.close_at_end,
    fill = parsed.fill,
    weights = parsed.weights,
    vol_target = parsed.vol_target,
    max_leverage = parsed.max_leverage,
    periods_per_year = parsed.periods_per_year,
    account = parsed.account,
    limits = limits(parsed),
    isolation = parsed.isolation,
  }
end

local function load_options(parsed)
  local options = {
    dialect = parsed.dialect,
    zone = parsed.zone,
    pair = parsed.pair,
    ask = parsed.ask,
    scale = parsed.scale,
    date = parsed.date,
    lenient = parsed.lenient,
  }
  if parsed.day_first then options.day_first = parsed.day_first == "yes" end
  if parsed.newest_first then options.newest_first = parsed.newest_first == "yes" end
  return next(options) and options or nil
end

-- What may be missing beside --help may not be missing without it.
local function missing(request)
  if not request.command then return "a command is required: run, check, data or strategies" end
  if request.command == "strategies" then return nil end
  if request.command == "data" then
    if not request.verb then return ("a verb is required: data %s"):format(table.concat(verbs.names, ", ")) end
    return verbs.load(request.verb).check(request.line)
  end
  if not request.strategy and #(request.data or {}) > 1 then return "missing STRATEGY: it stands before --data, which takes all that follows" end
  if not request.strategy then return "missing STRATEGY" end
  if not request.data then return "missing --data PATH" end
  local options = request.options
  if options.weights ~= "vol_target" then
    if options.vol_target then return "--vol-target goes with --weights vol_target" end
    if options.max_leverage then return "--max-leverage goes with --weights vol_target" end
  end
  if request.json == "-" and not request.quiet then return "--json - goes with --quiet: the table is written to standard output too" end
  return nil
end

-- "--spread -1" as "--spread=-1": argparse takes "-1" for an option.
local function join_negative_numbers(args)
  local joined = {}
  for _, arg in ipairs(args) do
    local before = joined[#joined]
    if arg:find("^%-[%d.]") and before and before:find("^%-%-[^=]+$") then joined[#joined] = before .. "=" .. arg
    else joined[#joined + 1] = arg end
  end
  return joined
end

---@param args string[]
---@return table?, string?  a request, or nil and what is wrong
function parser.parse(args)
  local ok, parsed = build():pparse(join_negative_numbers(args))
  if not ok then return nil, (parsed:gsub("\n", "; "):gsub("Did you", "did you")) end
  local request = {
    command = parsed.command,
    help = parsed.help or false,
    version = parsed.version or false,
    verb = parsed.verb,
    line = parsed,
    strategy = parsed.strategy,
    market = { instruments = parsed.instruments, rates = parsed.rates and #parsed.rates > 0 and parsed.rates or nil, load = load_options(parsed) },
    data = type(parsed.data) == "table" and #parsed.data > 0 and parsed.data or nil, -- true: the command of that name
    workers = parsed.workers,
    vm = parsed.vm,
    trusted = parsed.trusted or false,
    json = parsed.json,
    csv = parsed.csv,
    quiet = parsed.quiet or false,
    options = run_options(parsed),
  }
  if request.help or request.version then return request end
  local lacking = missing(request)
  if lacking then return nil, lacking end
  return request
end

--- The help of a command, of "data VERB", or of all.
---@param command? string
---@return string
function parser.help(command)
  local root, commands = build()
  return (commands[command] or root):get_help()
end

--- The command that the line begins with, "data VERB" included; nil: none that is known.
---@param args string[]
---@return string?
function parser.command_of(args)
  local _, commands = build()
  local two = ("%s %s"):format(args[1], args[2])
  return commands[two] and two or commands[args[1]] and args[1] or nil
end

return parser
