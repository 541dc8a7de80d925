--- Looks at the accounts of every run that a program makes through `sliders`: accounts.lua. Required before the first `require "sliders"`; the specs do so
-- by .busted, and session.lua in front of the command.
--
-- audit.counts is how many jobs, rows and rows with something open were looked at.

local accounts = require "accounts"

local audit = { counts = accounts }

local function watch(sliders, host)
  local Host = getmetatable(host)
  if Host.audited then return end
  Host.audited = true
  local start = Host.start
  function Host:start(strategy, market, options)
    local run = start(self, strategy, market, options)
    local Run = getmetatable(run)
    run.asked = { market = market, options = options or {} }
    if not Run.audited then
      local result_of = Run.result
      Run.audited = true
      function Run:result()
        local result = result_of(self)
        if result and self.asked then
          -- A copy is looked at, for what the program reads must not depend on it.
          accounts.check(result_of(self), self.asked.market, self.asked.options, sliders)
          self.asked = nil
        end
        return result
      end
    end
    return run
  end
end

--- Puts the look into a module that was just loaded.
function audit.install(sliders)
  local open = sliders.open
  function sliders.open(options)
    local host = open(options)
    watch(sliders, host)
    return host
  end
  return sliders
end

local folder = debug.getinfo(1, "S").source:match("^@(.*)tests/lua/[^/]*$")

package.preload.sliders = function(...) return audit.install(assert(loadfile(folder .. "lua/sliders/init.lua"))(...)) end

return audit
