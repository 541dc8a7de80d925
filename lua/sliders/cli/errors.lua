--- Errors as lines for stderr: where and why, and below it the part of the traceback that is the strategy's own.

local errors = {}

-- Frames of the machinery: the state's own prelude, and C.
local function is_inside(line)
  return line:find("^%s*sliders:%d+:") or line:find("^%s*%[C%]:") or line:find("^%s*%[builtin")
end

-- Frames of the traceback in `detail` that lie in files of the user's.
local function frames(detail)
  local found = {}
  local trace = detail:match("stack traceback:\n(.*)$") or ""
  for line in trace:gmatch("[^\n]+") do
    if not is_inside(line) then found[#found + 1] = "    " .. line:gsub("^%s+", "") end
  end
  return found
end

-- What the command calls options whose names in a program are others; the rest differ in dashes alone.
local called = {
  spread_pips = "spread", spread_frac = "spread", slippage_pips = "slippage", commission_frac = "commission", commission_per_lot = "commission",
  commission_per_order = "commission", day = "day-end", day_order = "day-first", row_order = "newest-first", ["load.ask"] = "ask",
}

-- "options.spread_pips" of a program as the command's "--spread".
local function option_of(name)
  return "--" .. (called[name] or name:gsub("_", "-"))
end

--- The lines of one error. `subject` stands before it, unless it begins so itself: a pair's name, or nil.
---@param err any
---@param subject? string
---@return string[]
function errors.lines(err, subject)
  local words, before = tostring(err), subject and subject .. ": " or ""
  words = words:gsub("^options%.([%w_.]+)", option_of):gsub("%(limits%.(%w+)%)", "(--limit-%1)")
  if words:sub(1, #before) == before then before = "" end
  local lines = { ("sliders: %s%s"):format(before, words) }
  local found = frames(type(err) == "table" and err.detail or "")
  if #found > 0 then lines[2] = "  stack traceback:" end
  for _, frame in ipairs(found) do lines[#lines + 1] = frame end
  return lines
end

return errors
