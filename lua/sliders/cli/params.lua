--- A strategy's parameters as lines for help and listing.

local text = require "sliders.cli.text"

local params = {}

local plain = text.plain

local function initial(param)
  if param.kind == "bool" then return param.initial ~= 0 and "true" or "false" end
  if param.kind == "choice" then return param.choices[math.floor(param.initial) + 1] end
  return plain(param.initial)
end

local function range(param)
  if param.kind == "bool" then return "true or false" end
  if param.kind == "choice" then return table.concat(param.choices, ", ") end
  local span = ("%s to %s"):format(plain(param.min), plain(param.max))
  if param.step ~= 0 then span = ("%s by %s"):format(span, plain(param.step)) end
  return param.kind == "int" and span .. ", whole" or span
end

--- One line per parameter: name, default, range, label.
---@param list table[]
---@param indent string
---@return string[]
function params.lines(list, indent)
  local rows = {}
  for i, param in ipairs(list) do
    rows[i] = { param.name, initial(param), range(param), param.label }
  end
  return text.list(rows, indent)
end

return params
