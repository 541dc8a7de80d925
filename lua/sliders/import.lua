--- Files into a column store. Methods of sliders.Host.

-- As many files at a time that workers have something to do and a bar moves.
local function step(files, workers)
  return math.max(4 * workers, math.floor(files / 50))
end

local function expect(value, err)
  if value == nil and err ~= nil then error(err, 0) end
  return value
end

local function read_all(import, workers, progress)
  local files, read = import:files()
  if progress then progress { files = files, read = read } end
  while read < files do
    expect(import:read(step(files, workers)))
    files, read = import:files()
    if progress then progress { files = files, read = read } end
  end
end

---@class sliders.ImportOptions
---@field load? sliders.LoadOptions   what the files do not say themselves
---@field instruments? string         a file of instruments
---@field timeframe? string           store bars of this length, made of what the files hold
---@field day? "ny"|"utc"|"source"    where its days end
---@field day_zone? string
---@field progress? fun(now: { files: integer, read: integer })

return function(Host)
  --- Reads files and folders, joins what they hold by pair and period, with each other and with what is stored, and stores it all at once. What was
  --- stored: as Market:pairs() tells it, with `added`, the rows that were not there before; and how the files were read.
  ---@param store string
  ---@param paths string|string[]
  ---@param options? sliders.ImportOptions
  ---@return table[] series, sliders.LoadReport report
  function Host:import(store, paths, options)
    local known = { load = true, instruments = true, timeframe = true, day = true, day_zone = true, progress = true }
    for name in pairs(options or {}) do
      if not known[name] then error(("host:import: no option '%s'"):format(tostring(name))) end
    end
    local import = self:keep(expect(self.core:import(store, options)))
    local function all()
      for _, path in ipairs(type(paths) == "string" and { paths } or paths) do expect(import:find(path)) end
      read_all(import, self:workers(), options and options.progress)
      return expect(import:commit()), import:report()
    end
    local ok, series, report = pcall(all)
    import:free()
    if not ok then error(series, 0) end
    self:tell()
    return series, report
  end
end
