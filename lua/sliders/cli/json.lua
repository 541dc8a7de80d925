--- Values as JSON text: keys by name, equal bytes for equal values in every interpreter.
--
-- Tables with [1], and empty ones made by json.array, are arrays; others are objects. NaN and infinities are null, which JSON has instead.

local text = require "sliders.cli.text"

local json = {}

local Array = {}

--- Marks a table as an array, which an empty one does not show itself.
---@param list table
---@return table
function json.array(list)
  return setmetatable(list, Array)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quoted(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function number(x)
  if x ~= x or x == math.huge or x == -math.huge then return "null" end
  if math.type and math.type(x) == "integer" then return ("%d"):format(x) end
  if x == math.floor(x) and x > -9e18 and x < 9e18 then return ("%.0f"):format(x) end
  return text.plain(x)
end

local encode

local function members(value, indent)
  local names, lines = {}, {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do lines[i] = ("%s%s: %s"):format(indent, quoted(name), encode(value[name], indent)) end
  return lines
end

local function elements(value, indent)
  local lines = {}
  for i, element in ipairs(value) do lines[i] = indent .. encode(element, indent) end
  return lines
end

function encode(value, indent)
  if type(value) == "string" then return quoted(value) end
  if type(value) == "number" then return number(value) end
  if type(value) ~= "table" then return tostring(value) end
  local array = value[1] ~= nil or getmetatable(value) == Array
  local lines = array and elements(value, indent .. "  ") or members(value, indent .. "  ")
  local open, close = array and "[" or "{", array and "]" or "}"
  if #lines == 0 then return open .. close end
  return ("%s\n%s\n%s%s"):format(open, table.concat(lines, ",\n"), indent, close)
end

--- The text of a value, with a final newline.
---@param value any
---@return string
function json.encode(value)
  return encode(value, "") .. "\n"
end

return json
