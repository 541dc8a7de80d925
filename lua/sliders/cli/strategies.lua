--- `sliders strategies`: those that come along, each with its sentence and parameters.

local find = require "sliders.cli.find"
local params = require "sliders.cli.params"
local world = require "sliders.cli.world"

---@return integer exit status
return function(w)
  local host = w.sliders.open { workers = 1 }
  for i, shipped in ipairs(find.shipped(w.core)) do
    local strategy = host:strategy(shipped.path)
    if i > 1 then w.out:write("\n") end
    w.out:write(strategy.name, "\n")
    if strategy.about ~= "" then w.out:write("  ", strategy.about, "\n") end
    world.print(w.out, params.lines(strategy.params, "  "))
  end
  return 0
end
