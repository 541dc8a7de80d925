--- A progress bar on one line of a terminal; silent anywhere else.

local progress = {}
progress.__index = progress

local width = 32

--- The bar as text: "[########........................] 7/28 jobs, 1 failed". `noun`: of what; jobs.
---@param done integer
---@param jobs integer
---@param failed integer
---@param noun? string
---@return string
function progress.bar(done, jobs, failed, noun)
  local filled = jobs > 0 and math.floor(width * done / jobs) or width
  local bar = ("#"):rep(filled) .. ("."):rep(width - filled)
  local line = ("[%s] %d/%d %s"):format(bar, done, jobs, noun or "jobs")
  return failed > 0 and ("%s, %d failed"):format(line, failed) or line
end

--- A bar on `out`, which `shown` says to be a terminal.
function progress.new(out, shown, noun)
  return setmetatable({ out = out, shown = shown, noun = noun, last = nil }, progress)
end

---@param now sliders.Progress
function progress:update(now)
  if not self.shown then return end
  local line = progress.bar(now.done, now.jobs, now.failed, self.noun)
  if line == self.last then return end
  self.last = line
  self.out:write("\r", line, "\27[K")
  self.out:flush()
end

--- Takes the bar off the line.
function progress:clear()
  if not self.last then return end
  self.last = nil
  self.out:write("\r\27[K")
  self.out:flush()
end

return progress
