--- Hostile and broken strategies, made from a seed by a grammar: the same text for the same seed in every interpreter.
--
--     local generate = require "generate"
--     local text, tags = generate(seed)
--
-- A tag names a class that no thread can end, because the engine is inside one call of its own all the while (docs/safety.md):
--   pattern   a pattern that goes back again and again       search   a long text in a long text
--   chain     Lua 5.4: __call that leads to __call            wide     Lua 5.4: calls that each pass on one argument more

-- Park and Miller's: the same numbers in every interpreter.
local function random_from(seed)
  local state = 1 + math.fmod(seed * 7919, 2147483646)
  local function draw(n)
    state = math.fmod(state * 16807, 2147483647)
    return 1 + math.floor(state / 2147483647 * n)
  end
  for _ = 1, 5 do draw(2) end
  return draw
end

-- `<name>` stands for one of the rule's alternatives. Below a certain depth only the first `leaves` are taken.
local rules = {
  name = { leaves = 4, "x", "t", "S", "self", "bars", "p", "broker", "held", "_G", "sliders" },
  field = { leaves = 3, "x", "y", "close", "bar", "init", "p", "bars", "__index", "position", "params", "kept" },
  meta = { leaves = 5, "__index", "__newindex", "__call", "__tostring", "__eq", "__lt", "__le", "__concat", "__unm", "__len", "__add", "__gc", "__mode", "__metatable", "__close", "__pairs", "__name" },
  number = { leaves = 9, "0", "1", "-1", "0/0", "1/0", "-1/0", "2^53", "1e308", "0.5", "-0.0", "5e-324", "2^63", "-2^63", "1e15", "100000", "1.5", "math.huge", "2^31" },
  order = { leaves = 3, "units = <number>", "size = <number>", "units = 1000", "limit = <number>", "stop = <number>", "sl = <number>", "tp = <number>", "id = <value>", "tag = <value>", "units = 1000, limit = 0.5",
    "trail = <number>", "oca = <value>", "<field> = <value>", "units = 1000, sl = <number>", "risk = <number>", "expires = <number>" },
  value = { leaves = 9, "nil", "true", "<number>", "'x'", "print", "self", "S", "_G", "string", "{}", "function() <quiet> end", "{ <value>, <value> }", "('x'):rep(<number>)", "bars", "bars.close", "sliders", "p",
    "coroutine.create(<value>)", "setmetatable({}, { <meta> = <value> })", "setmetatable({}, { <meta> = function(...) do <stat> end return <value> end })", "<name>.<field>", "coroutine.wrap(function() <stat> end)", "tostring(<value>)",
    "{ [<value>] = <value> }", "select(<number>, <value>)", "('%s'):format(<value>)", "#<value>", "<value> .. <value>", "<value> + <value>", "not <value>", "(<value>)(<value>)" },
  quiet = { leaves = 2, "", "x = <number>", "local y = { 1 }", "x = (x or 0) + 1" },
  column = { leaves = 2, "bars.close", "bars.high", "sliders.sma(<column>, <number>)", "sliders.ema(<column>, 3)", "<column> + <value>", "<column> - <column>", "sliders.rsi(<column>, <number>)", "bars.<field>", "bars:at(<value>)",
    "sliders.corr(<column>, <column>, <number>)", "(- <column>)", "sliders.cross(<column>, <value>)" },
  call = { leaves = 4, "string.rep(<value>, <number>)", "table.concat(<value>, <value>)", "unpack(<value>, <number>, <number>)", "string.format(<value>, <value>)", "table.insert(<value>, <number>, <value>)", "table.remove(<value>, <number>)",
    "table.sort(<value>, <value>)", "string.gsub(<value>, <value>, <value>)", "('xxxx'):gsub('.', <value>)", "string.byte(<value>, <number>, <number>)", "string.sub(<value>, <number>, <number>)", "math.floor(<value>)", "math.random(<number>, <number>)",
    "setmetatable(<value>, <value>)", "getmetatable(<value>)", "rawget(<value>, <value>)", "next(<value>, <value>)", "tonumber(<value>, <number>)", "error(<value>, <number>)", "select(<number>, <value>)", "require(<value>)",
    "coroutine.resume(<value>)", "coroutine.wrap(<value>)", "coroutine.yield(<value>)", "coroutine.status(<value>)", "pcall(<value>, <value>)", "xpcall(<value>, <value>)", "sliders.strategy(<value>)", "sliders.sma(<value>, <value>)",
    "sliders.round_to(<value>, <value>)", "sliders.pairs_sorted(<value>)", "sliders.sort(<value>)", "sliders.int(<value>, <value>, <value>)", "sliders.choice(<value>, <value>)", "sliders.rate(<value>)", "sliders.<field>(<value>)",
    "bars:first_of(<value>)", "bars:at(<value>)", "print(<value>, <value>)", "assert(<value>)", "string.char(<number>, <number>)", "ipairs(<value>)", "table.unpack(<value>)", "math.fmod(<value>, <value>)", "tostring(<value>)" },
  ordering = { leaves = 3, "broker:target(<number>)", "broker:buy { <order> }", "broker:sell { <order> }", "broker:target(<value>, <value>)", "broker:buy { <order>, <order> }", "broker:close { <order> }", "broker:exit { <order> }",
    "broker:cancel(<value>)", "broker:modify(<value>, { <order> })", "broker:cancel_all()", "broker.<field> = <value>", "print(broker.position, broker.equity, broker.cash)", "for i = 1, 3000 do broker:buy { units = 1000, limit = 0.5 } end",
    "for i = 1, 200 do broker:target(math.fmod(i, 2)) end", "print(broker.trades[<value>])", "held:buy { units = 1000 }", "broker:buy(<value>)" },
  stat = { leaves = 5, "<quiet>", "error(<value>)", "<name>.<field> = <value>", "<ordering>", "x = <value>",
    "while true do <quiet> end", "repeat <quiet> until false", "for i = 1, 1e15 do <quiet> end", "(function() ::again:: <quiet> goto again end)()", "for i = 1, 300 do <stat> end", "local function f() return f() end f()",
    "local t = {} while true do t[#t + 1] = <value> end", "local s = 'x' while true do s = s .. s end", "local t = {} for i = 1, 1e9 do t = { t } end", "local t = {} for i = 1, 1e9 do t[i] = function() return t end end",
    "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(print) end", "kept = kept or {} kept[#kept + 1] = ('x'):rep(1e5)", "local t = {} for i = 1, 1e9 do t['k' .. tostring(i)] = i end", "self.kept = { self.kept }",
    "local function f() <quiet> return f() + 1 end f()", "local function f() pcall(f) f() end f()", "local function f() xpcall(f, f) f() end f()", "local function f() return (('x'):gsub('.', f)) end f()",
    "local function f() coroutine.wrap(f)() f() end f()", "local function f() coroutine.resume(coroutine.create(f)) f() end f()", "local t t = setmetatable({}, { __tostring = function() return ('%s'):format(t) end }) print(t)",
    "local t t = setmetatable({}, { __index = function(_, k) return t[k] .. '' end }) print(t.x)", "local t t = setmetatable({}, { __index = function() return (('x'):gsub('.', t)) end }); ('x'):gsub('.', t)",
    "pcall(function() <stat> end)", "xpcall(function() <stat> end, function(e) <stat> end)", "while true do pcall(function() <stat> end) end", "while true do xpcall(function() <stat> end, function() <stat> end) end",
    "coroutine.wrap(function() <stat> <stat> end)()", "local c = coroutine.create(function() <stat> coroutine.yield(<value>) <stat> end) coroutine.resume(c) coroutine.resume(c)", "while true do coroutine.wrap(function() <stat> end)() end",
    "setmetatable(_G, { __index = function(_, k) <stat> end, __newindex = function() <stat> end })", "setmetatable(<name>, { <meta> = function(...) do <stat> end return <value> end })", "getmetatable(self).<meta> = <value>", "S.<meta> = <value>",
    "<call>", "<call> <call>", "print(<call>)", "for i = 1, 5000 do print(<value>) end", "print(('x'):rep(1e6))", "for i = 1, 400 do sliders.ema(bars.close, i + 1) end", "self.x = <column>", "print(bars.close[<number>])", "bars.close[<number>] = <value>",
    "pcall = <value>", "error = <value>", "string = <value>", "print = <value>", "tostring = <value>", "setmetatable = <value>", "pairs = <value>", "sliders = <value>", "held = broker or held", "for k, v in pairs(<name>) do <name>[k] = v end",
    "for k in sliders.pairs_sorted(<value>) do <stat> end", "table.sort({ 3, 1, 2 }, function() do <stat> end return <value> end)", "local m = {} local t = setmetatable({}, m) m.__mode = 'k' t[{}] = 1 for i = 1, 1000 do self.y = { i } end print(next(t) == nil)",
    "do return <value> end", "do <stat> <stat> end", "if <value> then <stat> else <stat> end", "do local x <close> = <value> end", "local t = {} t[0/0] = 1", "t = { t } t[1] = t", "error(setmetatable({}, { __tostring = function() do <stat> end return <value> end }))" },
  signal = { leaves = 3, "return <column>", "return <number>", "return <value>", "do <stat> end return <column>", "do <stat> end return sliders.sign(<column>)" },
  final = { leaves = 4, "return S", "return S", "return S", "return S", "return S", "return S", "return S", "return S", "return S", "return S", "return S", "return S", "return <value>", "", "return S, <value>", "return { bar = <value>, params = <value> }", "do <stat> end return S" },
  params = { leaves = 4, "", "", "", "", "", "", "", "", "", "", "", "about = 'x'", "params = { n = sliders.int(<number>, <number>, <number>) }", "params = { n = sliders.number(1, 0, 2) }, valid = function(p) do <stat> end return <value> end", "warmup = <number>", "pairs = { 'EURUSD', 'USDJPY' }",
    "account = 'shared'", "<field> = <value>", "params = <value>" },
}

-- What a thread cannot end: one in fifty strategies has one of these.
local endless_calls = {
  { "pattern", "('a'):rep(30000):find('.-.-.-.-.-b$')" },
  { "pattern", "('a'):rep(30000):gsub('(.-)(.-)(.-)(.-)b', '')" },
  { "search", "('a'):rep(4e7):find(('a'):rep(2e7) .. 'b', 1, true)" },
  { "chain", "local t = {} t.__call = t setmetatable(t, t) t()" },
  { "wide", "local function f(...) return f(1, ...) end f()" },
}

local DEEP = 7

local function expand(draw, name, depth)
  local list = assert(rules[name], name)
  local count = #list
  if depth >= DEEP then count = list.leaves end
  return (list[draw(count)]:gsub("<(%l+)>", function(word)
    if not rules[word] then return nil end -- <close>
    return expand(draw, word, depth + 1)
  end))
end

local function block(draw, statements)
  local lines = {}
  for i = 1, draw(statements) do lines[i] = "  do " .. expand(draw, "stat", 2) .. " end" end
  return table.concat(lines, "\n")
end

local function hook(draw, name, args, locals, ending)
  return ("function S:%s(%s)\n  %s\n%s\n%s\nend\n"):format(name, args, locals, block(draw, 3), ending or "")
end

local pieces = { "end", "(", ")", "do", "\0", "\27Lua", "[[", "]]", "--[[", "'", "function", "nil", "=", "...", "\255\254", "0x", "goto", "\n", "return", "%", ("("):rep(300), ("{"):rep(300), ("a."):rep(5000) }

-- Broken text: something is missing, twice there or in between.
local function broken(draw, text)
  for _ = 1, draw(3) do
    local from, kind = draw(#text), draw(4)
    local to = math.min(#text, from + draw(30))
    if kind == 1 then text = text:sub(1, from - 1) .. text:sub(to)
    elseif kind == 2 then text = text:sub(1, to) .. text:sub(from)
    elseif kind == 3 then text = text:sub(1, from) .. pieces[draw(#pieces)] .. text:sub(from + 1)
    else text = text:sub(1, from) end
  end
  return text
end

--- The strategy of a seed, and the tags of what no thread can end.
---@param seed integer
---@return string, table<string, boolean>
return function(seed)
  local draw, tags = random_from(seed), {}
  local parts = { "local sliders = require 'sliders'\n", ("local S = sliders.strategy { %s }\n"):format(expand(draw, "params", 3)) }
  local function add(text) parts[#parts + 1] = text end
  if draw(10) == 1 then add(block(draw, 2) .. "\n") end
  if draw(2) == 1 then add(hook(draw, "init", "bars, p", "local broker = held")) end
  local uses_signal = draw(4) == 1
  if uses_signal then add(hook(draw, "signal", "bars, p", "local broker = held", "do " .. expand(draw, "signal", 2) .. " end")) end
  if not uses_signal or draw(20) == 1 then add(hook(draw, "bar", "broker, p", "local bars = self.bars held = broker")) end
  if draw(4) == 1 then add(hook(draw, "done", "broker, p", "local bars = self.bars")) end
  if draw(50) == 1 then
    local one = endless_calls[draw(#endless_calls)]
    tags[one[1]] = true
    add(("function S:init(bars, p)\n  %s\nend\n"):format(one[2]))
  end
  add(expand(draw, "final", 2) .. "\n")
  local text = table.concat(parts)
  if draw(6) == 1 then text = broken(draw, text) end
  return text, tags
end
