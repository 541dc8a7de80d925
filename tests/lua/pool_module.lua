-- A module that pool_spec.lua's functions use.
local module = {}

function module.name(x) return "module " .. x end

return module
