-- sliders.host: the functions and indicators that the host program has added.
local core, vm, own = ...

local error, type = error, type
local format = string.format

local function count_text(n, what)
  return format("%d %s%s", n, what, n == 1 and "" or "s")
end

-- A function of numbers. Its arguments are counted: a forgotten one would be read as NaN.
local function calling(name, args, call)
  local label = "sliders.host." .. name
  return function(...)
    if select("#", ...) ~= args then error(format("%s takes %s, not %d", label, count_text(args, "number"), (select("#", ...))), 2) end
    for i = 1, args do
      local x = select(i, ...)
      if type(x) ~= "number" then error(format("%s's argument %d must be a number, not %s", label, i, vm.type(x)), 2) end
    end
    return call(...)
  end
end

-- An indicator: its columns, then its options.
local function computing(name, inputs, options)
  local label = "host." .. name
  local takes = count_text(inputs, "column") .. (options > 0 and " and " .. count_text(options, "number") or "")
  return function(...)
    if select("#", ...) ~= inputs + options then error(format("sliders.%s takes %s, not %d arguments", label, takes, (select("#", ...))), 2) end
    local ins, numbers = {}, {}
    for i = 1, inputs do ins[i] = own.series((select(i, ...)), format("sliders.%s's argument %d", label, i), 2) end
    for i = 1, options do numbers[i] = own.number((select(inputs + i, ...)), format("sliders.%s's argument %d", label, inputs + i), 2) end
    return own.apply(label, ins, own.unpack(numbers))
  end
end

local words = {}
for name, extension in pairs(core.extensions()) do
  words[name] = extension.call and calling(name, extension.args, extension.call) or computing(name, extension.inputs, extension.options)
end
own.sliders.host = own.sealed("sliders.host", words)
