--- A host and a folder of its own, for specs of host programs.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local hosted = { sliders = require "sliders", engines = build .. "/core/vm/lua" }

--- A host, and the path of a new folder.
---@param workers integer
function hosted.open(workers)
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir '" .. folder .. "'"))
  return hosted.sliders.open { workers = workers, engine_dir = hosted.engines }, folder
end

function hosted.close(host, folder)
  host:close()
  os.execute("rm -rf '" .. folder .. "'")
end

function hosted.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

return hosted
