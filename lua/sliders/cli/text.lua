--- Numbers and tables as text, equal in every interpreter.

local text = {}

local undefined = "-"

-- "-0.00" says nothing that "0.00" does not.
local function without_minus_zero(s)
  if s:find("^%-[0.,]*$") or s:find("^%-[0.,]*%%$") then return s:sub(2) end
  return s
end

local function is_number(x)
  return type(x) == "number" and x == x
end

local function infinite(x)
  if x == math.huge then return "inf" end
  if x == -math.huge then return "-inf" end
  return nil
end

-- From here on the digits of a double are not those of a price or an amount any more.
local immense = 1e15

local function fixed(x, form)
  if infinite(x) then return infinite(x) end
  if math.abs(x) >= immense then return ("%.3e"):format(x) end
  return (form:format(x))
end

--- A number with so many decimals; NaN and nil are "-".
---@param x number?
---@param decimals integer
---@return string
function text.number(x, decimals)
  if not is_number(x) then return undefined end
  return without_minus_zero(fixed(x, "%." .. decimals .. "f"))
end

--- A fraction in percent: 0.1234 is "12.34%".
---@param x number?
---@return string
function text.percent(x)
  if not is_number(x) then return undefined end
  local percent = x * 100
  return infinite(percent) or without_minus_zero(fixed(percent, "%.2f") .. "%")
end

--- Whole digits in groups of three: "1234567.8" is "1,234,567.8".
local function grouped(s)
  local sign, whole, rest = s:match("^(%-?)(%d+)(.*)$")
  if not whole then return s end
  whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. whole .. rest
end

--- Money with two decimals and grouped digits.
---@param x number?
---@return string
function text.money(x)
  return grouped(text.number(x, 2))
end

--- A whole number with grouped digits.
---@param n number?
---@return string
function text.count(n)
  return grouped(text.number(n, 0))
end

--- "1 bar", "2,000 bars".
---@param n integer
---@param noun string
---@return string
function text.counted(n, noun)
  return ("%s %s%s"):format(text.count(n), noun, n == 1 and "" or "s")
end

--- A number that reads back equal: the shortest of 15 to 17 digits.
---@param x number
---@return string
function text.plain(x)
  for digits = 15, 17 do
    local s = ("%." .. digits .. "g"):format(x)
    if tonumber(s) == x then return s end
  end
  return ("%.17g"):format(x)
end

--- Lines of a table: the first column to the left, the others to the right, two spaces between. No trailing blanks.
---@param rows string[][]  each as long as the first
---@return string[]
function text.table(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
  end
  local lines = {}
  for r, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      local blanks = (" "):rep(widths[i] - #cell)
      cells[i] = i == 1 and cell .. blanks or blanks .. cell
    end
    lines[r] = (table.concat(cells, "  "):gsub("%s+$", ""))
  end
  return lines
end

--- Lines of a list: every column to the left, two spaces between. No trailing blanks.
---@param rows string[][]
---@param indent? string
---@return string[]
function text.list(rows, indent)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
  end
  local lines = {}
  for r, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do cells[i] = cell .. (" "):rep(widths[i] - #cell) end
    lines[r] = ((indent or "") .. table.concat(cells, "  "):gsub("%s+$", ""))
  end
  return lines
end

return text
