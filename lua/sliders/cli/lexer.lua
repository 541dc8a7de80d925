--- Splits Lua source into tokens: just enough for the lint, for the syntax of every Lua.
--
-- A token is {kind = "name"|"number"|"string"|"operator", text, line, column}; comments are left out. The lexer never fails:
-- what no Lua would accept comes out as operators of one byte.

local lexer = {}

-- Longest first.
local operators = { "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>" }

-- The end of a long bracket that opens at `start`, or nil where none opens there.
local function long_bracket_end(source, start)
  local level = source:match("^%[(=*)%[", start)
  if not level then return nil end
  local _, stop = source:find("]" .. level .. "]", start, true)
  return stop or #source
end

local function comment_end(source, start)
  return long_bracket_end(source, start + 2) or (source:find("\n", start, true) or #source + 1) - 1
end

local function quoted_end(source, start)
  local quote = source:sub(start, start)
  local i = start + 1
  while i <= #source do
    local c = source:sub(i, i)
    if c == quote or c == "\n" then return i end
    i = i + (c == "\\" and 2 or 1)
  end
  return #source
end

local function number_end(source, start)
  local exponent = source:match("^0[xX]", start) and "[pP]" or "[eE]"
  local i = start
  while true do
    local _, signed = source:find("^" .. exponent .. "[+-]", i)
    local _, plain = source:find("^[%w_]", i)
    -- "1..2" is a number too (a malformed one), but "1 .. 2" never gets here.
    if not plain then _, plain = source:find("^%.", i) end
    if not (signed or plain) then return i - 1 end
    i = (signed or plain) + 1
  end
end

local function operator_end(source, start)
  for _, operator in ipairs(operators) do
    if source:sub(start, start + #operator - 1) == operator then return start + #operator - 1 end
  end
  return start
end

-- Kind and last byte of the token at `start`.
local function scan(source, start)
  local c = source:sub(start, start)
  if c:find("[%a_]") then
    local _, stop = source:find("^[%w_]+", start)
    return "name", stop
  end
  if c:find("%d") or source:find("^%.%d", start) then return "number", number_end(source, start) end
  if c == '"' or c == "'" then return "string", quoted_end(source, start) end
  if c == "[" then
    local stop = long_bracket_end(source, start)
    if stop then return "string", stop end
  end
  if source:find("^%-%-", start) then return "comment", comment_end(source, start) end
  return "operator", operator_end(source, start)
end

---@param source string
---@return { kind: string, text: string, line: integer, column: integer }[]
function lexer.tokens(source)
  local tokens = {}
  local line, line_start = 1, 1
  local position = source:match("^#[^\n]*()") or 1 -- a first line for the shell
  while position <= #source do
    local newline = source:match("^[ \t\r\v\f]*\n()", position)
    if newline then
      line, line_start, position = line + 1, newline, newline
    else
      position = source:match("^[ \t\r\v\f]*()", position)
      if position > #source then break end
      local kind, stop = scan(source, position)
      local text = source:sub(position, stop)
      if kind ~= "comment" then
        tokens[#tokens + 1] = { kind = kind, text = text, line = line, column = position - line_start + 1 }
      end
      for after in text:gmatch("\n()") do
        line, line_start = line + 1, position + after - 1
      end
      position = stop + 1
    end
  end
  return tokens
end

return lexer
