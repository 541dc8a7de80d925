--- Warns of what makes a strategy's results differ between the engines, from its source alone.
--
-- A lexer sees no types: "%" between integers is harmless and warned of all the same. Every rule says what to write instead.
-- `sliders check` also runs both engines, so a warning is a place to look at, not a verdict.

local lexer = require "sliders.cli.lexer"

local lint = {}

local bits = "bit operators do not load in LuaJIT; use arithmetic"

-- Operators, wherever they stand.
local operators = {
  ["%"] = "`%` of numbers that are not whole differs between the engines; use sliders.round_to(x, step), or x - math.floor(x / n) * n",
  ["^"] = "`^` differs by a last digit between the engines and between cold and warm code; use x*x, or sliders.pow(x, y)",
  ["//"] = "`//` does not load in LuaJIT; use math.floor(a / b)",
  ["&"] = bits,
  ["|"] = bits,
  ["~"] = bits,
  ["<<"] = bits,
  [">>"] = bits,
}

local clock = "there is no clock and no file for a strategy: a result would differ from run to run; use bars.time"

-- Global names, and fields of libraries as "library.field". The sandbox makes tostring, print, table.sort, math.random and powers
-- of `math` the same in both engines, so they are not here.
local names = {
  pairs = "`pairs` visits keys in an order of the engine's own; use sliders.pairs_sorted(t), or ipairs for a list",
  next = "`next` visits keys in an order of the engine's own; use sliders.pairs_sorted(t)",
  ["goto"] = "`goto` follows other rules for repeated labels in each engine; use a function with an early return",
  ["table.concat"] = "`table.concat` writes the number 3 as 3.0 in one engine only; put tostring(x) for an item that may be a number",
  os = clock,
  io = clock,
  __mode = "`__mode` makes a table forget when memory is collected, which differs from run to run; take out what is no longer needed",
  __len = "`__len` of tables is not asked in LuaJIT; write a function",
  __pairs = "`__pairs` is not asked in LuaJIT; write a function",
}

local function at(token, advice)
  return { line = token.line, column = token.column, message = advice }
end

-- Whether the token is a field (`x.name`, `x:name`) or a key in a table constructor (`name = `).
local function is_field(tokens, i)
  local before, after = tokens[i - 1], tokens[i + 1]
  if before and (before.text == "." or before.text == ":") then return true end
  local in_constructor = before and (before.text == "{" or before.text == ",")
  return in_constructor and after and after.text == "=" or false
end

local function name_warning(tokens, i)
  local token, dot, field = tokens[i], tokens[i + 1], tokens[i + 2]
  if is_field(tokens, i) and not token.text:find "^__" then return nil end
  if names[token.text] then return at(token, names[token.text]) end
  local path = dot and dot.text == "." and field and token.text .. "." .. field.text
  if path and names[path] then return at(token, names[path]) end
  -- `local x <const>`: the only place where "<" follows a name that follows "local".
  local before, after = tokens[i - 1], tokens[i + 1]
  if before and before.text == "local" and after and after.text == "<" then
    return at(after, "attributes like <const> do not load in LuaJIT; leave them out")
  end
  return nil
end

-- Where the call that ends with the ")" at `i` begins: the index of the called name, or 0.
local function call_start(tokens, i)
  local depth = 0
  while i > 0 do
    local text = tokens[i].text
    if text == ")" then depth = depth + 1 elseif text == "(" then depth = depth - 1 end
    i = i - 1
    if depth == 0 then break end
  end
  return i
end

-- `..` is safe only between what is plainly text: string literals, tostring(x) and other concatenations of them.
local function is_text(token)
  return token == nil or token.kind == "string" or token.text == ".." or token.text == "tostring"
end

local function concat_warning(tokens, i)
  local left, right = tokens[i - 1], tokens[i + 1]
  if left and left.text == ")" then left = tokens[call_start(tokens, i - 1)] or left end
  if is_text(left) and is_text(right) then return nil end
  return at(tokens[i], "`..` writes the number 3 as 3.0 in one engine only; where a side may be a number, write tostring(x)")
end

local function number_warning(token)
  if token.text:find("^%d+[uU]?[lL][lL]$") or token.text:find("^0[xX]%x+[uU]?[lL][lL]$") then
    return at(token, "64-bit literals do not load in Lua 5.4; write a plain number")
  end
  return nil
end

-- A literal with %s that is formatted: `string.format("%s"` or `("%s"):format`.
local function format_warning(tokens, i)
  if not tokens[i].text:find("%%%-?%d*s") then return nil end
  local function text(offset) return tokens[i + offset] and tokens[i + offset].text end
  local formatted = text(-2) == "format" and text(-1) == "(" or text(2) == ":" and text(3) == "format"
  return formatted and at(tokens[i], "`%s` writes the number 3 as 3.0 in one engine only; where the value may be a number, give tostring(x)") or nil
end

local function warning_at(tokens, i)
  local token = tokens[i]
  if token.kind == "string" then
    local name = token.text:match "^[\"'](__%a+)[\"']$"
    if name and names[name] then return at(token, names[name]) end
    return format_warning(tokens, i)
  end
  if token.kind == "name" then return name_warning(tokens, i) end
  if token.kind == "number" then return number_warning(token) end
  if token.kind ~= "operator" then return nil end
  if token.text == ".." then return concat_warning(tokens, i) end
  return operators[token.text] and at(token, operators[token.text])
end

--- Warnings in the order of the text.
---@param source string
---@return { line: integer, column: integer, message: string }[]
function lint.warnings(source)
  local tokens = lexer.tokens(source)
  local found = {}
  for i = 1, #tokens do
    found[#found + 1] = warning_at(tokens, i)
  end
  return found
end

--- The modules that the source requires by a literal name, but for "sliders" itself.
---@param source string
---@return string[]
function lint.requires(source)
  local tokens = lexer.tokens(source)
  local found = {}
  for i, token in ipairs(tokens) do
    if token.text == "require" and not is_field(tokens, i) then
      local name = tokens[i + 1]
      if name and name.text == "(" then name = tokens[i + 2] end
      local text = name and name.kind == "string" and name.text:match("^[\"'](.*)[\"']$")
      if text and text ~= "sliders" then found[#found + 1] = text end
    end
  end
  return found
end

return lint
