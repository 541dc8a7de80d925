-- The libraries of a script: text, numbers, lists and coroutines that answer alike in every engine.
--
-- No function here writes into a table without asking (`table.insert` of LuaJIT would): library tables are shared by all jobs of a state.
local core, vm, own = ...

local error, type, select, pairs, tostring = error, type, select, pairs, tostring
local getmetatable, rawget = getmetatable, rawget
local floor, huge, format = math.floor, math.huge, string.format
local unpack = table.unpack or unpack
local raw_length = rawlen or function(t) return #t end -- LuaJIT: which is raw
local sliders, number, whole, text, sealed, number_text, shown = own.sliders, own.number, own.whole, own.text, own.sealed, own.number_text, own.shown

-- Calls that nest on the C stack: with a stack of C's own, LuaJIT has no limit to them but the end of the process.
local NESTED_MAX = 100
local nested = 0

local function enter(what, level)
  if nested >= NESTED_MAX then error(format("%s: more than %d calls of its kind inside one another", what, NESTED_MAX), level + 1) end
  nested = nested + 1
end

local function leave(...)
  nested = nested - 1
  return ...
end

local function pass(good, ...)
  if not good then error((...), 0) end
  return ...
end

-- ---- Text ----------------------------------------------------------------------------------------------------------

-- Never an address, which would differ from run to run.
local function plain_tostring(x)
  local kind = vm.type(x)
  if kind == "number" then return number_text(x) end
  if kind == "nil" or kind == "boolean" or kind == "string" then return tostring(x) end
  local meta = kind == "table" and getmetatable(x)
  local own_form = type(meta) == "table" and rawget(meta, "__tostring")
  if not own_form then return kind end
  return text(own_form(x), "what __tostring returns", 2)
end

-- Conversions whose output the engines agree on. Floats are written by the core, which rounds alike.
local whole_letters = { d = true, i = true, c = true, x = true, X = true, o = true }
local float_letters = { e = true, E = true, f = true, g = true, G = true }

local function convert(spec, letter, x)
  if letter == "s" then return spec, plain_tostring(x) end
  local known = whole_letters[letter] or float_letters[letter]
  if not known and own.trusted then return spec, x end
  if not known then error(format("string.format has no conversion '%%%s' (it has d i c x X o e E f g G s)", letter), 3) end
  if type(x) ~= "number" then error(format("string.format's %%%s needs a number, not %s", letter, vm.type(x)), 3) end
  if whole_letters[letter] then return spec, whole(x, format("string.format's number for %%%s", letter), 3) end
  return "%s", core.digits(spec, x)
end

-- Without a callback of gsub's: forms of a script's own may format in turn, as deep as they like.
local function plain_format(layout, ...)
  text(layout, "string.format's first argument", 2)
  local values, n, plain, at = { ... }, 0, {}, 1
  while true do
    local first, last, spec, rest, letter = string.find(layout, "(%%[-+ #0]*%d?%d?(%.?%d?%d?)(.?))", at)
    plain[#plain + 1] = string.sub(layout, at, (first or 0) - 1)
    if not first then break end
    if rest ~= "" and string.sub(rest, 1, 1) ~= "." then error(format("string.format's width and precision have at most two digits: '%s'", spec), 2) end
    if letter ~= "%" then
      n = n + 1
      spec, values[n] = convert(spec, letter, values[n])
    end
    plain[#plain + 1], at = spec, last + 1
  end
  local good, made = pcall(format, table.concat(plain), unpack(values, 1, n))
  return good and made or error(made, 2) -- flags that the conversion does not have, in the engine's words
end

local LONGEST = 2 ^ 27 -- bytes; longer strings are a mistake, and end the engines in different ways

local function plain_rep(s, n, separator)
  text(s, "string.rep's first argument", 2)
  whole(n, "string.rep's count", 2)
  separator = separator == nil and "" or text(separator, "string.rep's separator", 2)
  local each = #s + #separator
  if n <= 0 or each == 0 then return "" end
  if each * n > LONGEST then error(format("string.rep would make a string of more than %d bytes", LONGEST), 2) end
  return string.rep(s, n, separator)
end

-- A table may answer by a function too.
local function plain_gsub(s, pattern, replacement, count)
  if type(replacement) ~= "function" and not (type(replacement) == "table" and getmetatable(replacement)) then return string.gsub(s, pattern, replacement, count) end
  enter("string.gsub", 2)
  return pass(leave(pcall(string.gsub, s, pattern, replacement, count)))
end

local strings = {
  byte = string.byte, char = string.char, find = string.find, format = plain_format, gmatch = string.gmatch, gsub = plain_gsub, len = string.len,
  lower = string.lower, match = string.match, rep = plain_rep, reverse = string.reverse, sub = string.sub, upper = string.upper,
}

-- Strings keep their methods, but scripts reach neither the table that holds them nor what is not in the sandbox.
local meta_of_strings = getmetatable ""
meta_of_strings.__index = strings
meta_of_strings.__metatable = false

-- ---- Numbers -------------------------------------------------------------------------------------------------------

function sliders.round_to(x, step)
  number(x, "round_to's number", 2)
  if not (number(step, "round_to's step", 2) > 0) then error("round_to's step must be above 0", 2) end
  return floor(x / step + 0.5) * step
end

function sliders.pow(x, y) return core.pow(number(x, "pow's base", 2), number(y, "pow's exponent", 2)) end
function sliders.random() return core.random() end

local function extreme(name, better)
  return function(first, ...)
    local best = number(first, name, 2)
    for i = 1, select("#", ...) do
      local x = select(i, ...)
      if type(x) ~= "number" then error(format("%s takes numbers, not %s", name, vm.type(x)), 2) end
      if x ~= x then return x end
      if better(x, best) then best = x end
    end
    return best
  end
end

local function random(low, high)
  local u = core.random()
  if low == nil then return u end
  if high == nil then low, high = 1, low end
  whole(low, "math.random's lowest number", 2)
  whole(high, "math.random's highest number", 2)
  if low > high then error("math.random's interval is empty", 2) end
  return low + floor(u * (high - low + 1))
end

-- As floats: Lua 5.4's integers know neither -0 nor fmod(x, 0).
local function fmod(x, y)
  return math.fmod(number(x, "fmod's first argument", 2) * 1.0, number(y, "fmod's second argument", 2) * 1.0)
end

local function modf(x)
  local whole_part, rest = math.modf(number(x, "modf's argument", 2))
  return whole_part + 0, rest + 0 -- no negative zero: the engines disagree about it
end

local function atan(y, x)
  if x then return core.atan2(y, x) end
  return core.atan(y)
end

local function log(x, base)
  if base then return core.log(x) / core.log(base) end
  return core.log(x)
end

local maths = {
  abs = math.abs, ceil = vm.ceil, floor = vm.floor, sqrt = math.sqrt, fmod = fmod, modf = modf, huge = huge, pi = math.pi,
  max = extreme("math.max", function(a, b) return a > b end), min = extreme("math.min", function(a, b) return a < b end),
  exp = core.exp, sin = core.sin, cos = core.cos, tan = core.tan, asin = core.asin, acos = core.acos, atan = atan, pow = core.pow, log = log, random = random,
}

-- ---- Lists ---------------------------------------------------------------------------------------------------------

local function list_of(t, what, level)
  if vm.type(t) ~= "table" then error(format("%s takes a list, not a %s", what, vm.type(t)), level + 1) end
  return t
end

local function writable(t, what, level)
  list_of(t, what, level + 1)
  if shown[t] or getmetatable(t) == false then error(what .. " cannot change what is read-only", level + 1) end
  return t
end

-- As LuaJIT has it in any case: `__len` is not asked.
local function length(t)
  return raw_length(shown[t] or t)
end

-- Room at `at`, and the gap at `at` closed. The engines' own functions would ask `__len`, and go on for as long as it says.
local function move_up(t, at, n)
  for i = n, at, -1 do t[i + 1] = t[i] end
end

local function move_down(t, at, n)
  for i = at, n do t[i] = t[i + 1] end
end

local function insert(t, ...)
  writable(t, "table.insert", 2)
  local count, n = select("#", ...), length(t)
  if count == 1 then
    t[n + 1] = (...)
    return
  end
  local at, value = ...
  if count ~= 2 then error("table.insert takes a list, a position and a value", 2) end
  if whole(at, "table.insert's position", 2) < 1 or at > n + 1 then error(format("table.insert's position %.0f is outside 1..%d", at, n + 1), 2) end
  if not getmetatable(t) then return table.insert(t, at, value) end
  move_up(t, at, n)
  t[at] = value
end

local function remove(t, at)
  writable(t, "table.remove", 2)
  local n = length(t)
  if at ~= nil and (whole(at, "table.remove's position", 2) < 1 or at > n + 1) then error(format("table.remove's position %.0f is outside 1..%d", at, n + 1), 2) end
  at = at or n
  if at > n or n == 0 then return nil end
  if not getmetatable(t) then return table.remove(t, at) end
  local value = t[at]
  move_down(t, at, n)
  return value
end

local function concat(t, separator, first, last)
  list_of(t, "table.concat", 2)
  first = first == nil and 1 or whole(first, "table.concat's first index", 2)
  last = last == nil and length(t) or whole(last, "table.concat's last index", 2)
  local words = {}
  for i = first, last do
    local x = t[i]
    if type(x) == "number" then x = number_text(x) end
    if type(x) ~= "string" then error(format("table.concat takes strings and numbers, not %s (index %.0f)", vm.type(x), i), 2) end
    words[#words + 1] = x
  end
  return table.concat(words, separator == nil and "" or text(separator, "table.concat's separator", 2))
end

local function unpacker(what)
  return function(t, first, last)
    list_of(t, what, 2)
    first = first == nil and 1 or whole(first, what .. "'s first index", 2)
    last = last == nil and length(t) or whole(last, what .. "'s last index", 2)
    if last - first >= 2 ^ 24 then error("too many results to unpack", 2) end -- beyond its integers LuaJIT would take others
    return unpack(shown[t] or t, first, last)
  end
end

local function merge_sort(list, before)
  local n, from, to, width = #list, list, {}, 1
  while width < n do
    for low = 1, n, 2 * width do
      local mid, high = low + width, low + 2 * width
      if mid > n + 1 then mid = n + 1 end
      if high > n + 1 then high = n + 1 end
      local i, j = low, mid
      for k = low, high - 1 do
        if i < mid and (j >= high or not before(from[j], from[i])) then to[k], i = from[i], i + 1 else to[k], j = from[j], j + 1 end
      end
    end
    from, to = to, from
    width = 2 * width
  end
  if from ~= list then for i = 1, n do list[i] = from[i] end end
end

local function less(a, b) return a < b end

-- table.sort is stable here, so that ties keep their order in both engines.
local function sort(list, before)
  writable(list, "table.sort", 2)
  if before ~= nil and type(before) ~= "function" then error("table.sort's order must be a function, not " .. vm.type(before), 2) end
  local sorted = {}
  for i = 1, length(list) do sorted[i] = list[i] end
  merge_sort(sorted, before or less)
  for i = 1, #sorted do list[i] = sorted[i] end
end
sliders.sort = sort

-- Iterates a table's entries by key: numbers first, then strings. The order of `pairs` differs between runs.
function sliders.pairs_sorted(t)
  local names = {}
  list_of(t, "pairs_sorted", 2)
  for name in pairs(shown[t] or t) do
    if type(name) ~= "string" and type(name) ~= "number" then error("pairs_sorted takes number and string keys only", 2) end
    names[#names + 1] = name
  end
  merge_sort(names, function(a, b)
    if type(a) == type(b) then return a < b end
    return type(a) == "number"
  end)
  local i = 0
  return function()
    i = i + 1
    if names[i] ~= nil then return names[i], t[names[i]] end
  end
end

-- ---- Coroutines ----------------------------------------------------------------------------------------------------

local catching -- catching.lua: of the job

local function create(f)
  if type(f) ~= "function" then error("coroutine.create takes a function, not " .. vm.type(f), 2) end
  return catching.create(f)
end

local function resume(...)
  enter("coroutine.resume", 2)
  return catching.passed(leave(coroutine.resume(...)))
end

local function wrap(f)
  if type(f) ~= "function" then error("coroutine.wrap takes a function, not " .. vm.type(f), 2) end
  local thread = catching.create(f)
  return function(...) return pass(resume(thread, ...)) end
end

local function yield(...)
  local thread, is_main = coroutine.running()
  if not thread or is_main then error("coroutine.yield outside a coroutine", 2) end
  return coroutine.yield(...)
end

-- ---- The libraries -------------------------------------------------------------------------------------------------

own.library_fields = {
  math = maths,
  string = strings,
  table = { concat = concat, insert = insert, remove = remove, sort = sort, unpack = unpacker "table.unpack" },
  coroutine = { create = create, resume = resume, status = coroutine.status, wrap = wrap, yield = yield },
}
own.libraries = {}
for name, fields in pairs(own.library_fields) do own.libraries[name] = sealed(name, fields) end
own.tostring, own.unpack = plain_tostring, unpacker "unpack"

function own.start_libraries(of_job)
  nested, catching = 0, of_job
end
