--- `sliders data check`: what may be wrong with prices, as a table and as JSON.
--
-- The paths are read as a run reads them, together, but leniently, so that what a run would refuse is listed here row by row: those are errors. What can be
-- read is then looked through for what no single row shows: warnings. The exit status is 1 where there is an error.

local json = require "sliders.cli.json"
local report = require "sliders.cli.report"
local text = require "sliders.cli.text"
local verbs = require "sliders.cli.data.verbs"
local world = require "sliders.cli.world"

local check = {
  about = "Report bad rows, gaps, spikes, and changes of clock or time frame.",
  usage = "check PATH... [--gap LENGTH] [--all] [--json FILE] [--quiet]",
}

function check.declare(command, add_load_options)
  verbs.paths(command, add_load_options)
  verbs.pair_names(command)
  command:option "--gap":argname "LENGTH":convert(verbs.length_of("--gap"))
    :description "Tell of holes of more open market than this: 30m, 4h, 1d.\nDefault: more than one bar and an hour."
  command:flag "--all":description "Print every finding, pauses too, not the first ten of a kind."
  command:option "--json":argname "FILE":convert(verbs.path_of("--json")):description "Write all findings as JSON; -: to stdout."
  command:flag "--quiet":description "Print nothing; for --json and the exit status."
end

function check.check(line)
  if #line.paths == 0 then return "missing PATH" end
  return line.json == "-" and not line.quiet and "--json - goes with --quiet: the findings are printed to standard output too" or nil
end

-- ---- What there is to say -----------------------------------------------------------------------------------------

-- The lines that were dropped from each file, in order.
local function dropped_lines(loaded)
  local of = {}
  for _, note in ipairs(loaded.notes) do
    of[note.file] = of[note.file] or {}
    if note.kind == "dropped" and note.line then table.insert(of[note.file], note.line) end
  end
  for _, lines in pairs(of) do table.sort(lines) end
  return of
end

-- The files that a pair's rows of one period came from, in order of time; not those of the asks for other files' bids.
local function sources_of(loaded, info)
  local sources = {}
  for _, source in ipairs(loaded.sources) do
    local fits = source.pair == info.pair and source.period_ns == info.period_ns and source.rows > 0
    if fits and not source.asks then sources[#sources + 1] = source end
  end
  table.sort(sources, function(a, b) return a.first_time < b.first_time end)
  return sources
end

-- Whether two files, the second of which begins later, hold rows of the same time. Ticks of one instant may be parted between two files.
local function overlap(before, after)
  if after.period_ns == 0 then return after.first_time < before.last_time end
  return after.first_time <= before.last_time
end

-- Whether any do: then which row came from where is not known.
local function any_overlap(sources)
  for i = 2, #sources do
    if overlap(sources[i - 1], sources[i]) then return true end
  end
  return false
end

-- A function from a row of a pair to the file and line that it came from, as far as that is known.
local function places(loaded, info)
  local dropped, sources, rows = dropped_lines(loaded), sources_of(loaded, info), 0
  for _, source in ipairs(sources) do rows = rows + source.rows end
  if any_overlap(sources) or rows ~= info.bars then return function() return nil end end -- some are of a store, or of columns of rates
  return function(row)
    for _, source in ipairs(sources) do
      if row <= source.rows then
        if not source.first_line then return source.file end
        local line = source.first_line + row - 1
        for _, gone in ipairs(dropped[source.file] or {}) do
          if gone >= source.first_line and gone <= line then line = line + 1 end
        end
        return source.file, line
      end
      row = row - source.rows
    end
    return nil
  end
end

local function error_finding(fields)
  fields.level = "error"
  return fields
end

-- Rows that a run would refuse, and what the reader warns of.
local function from_notes(found, loaded)
  for _, note in ipairs(loaded.notes) do
    local finding = { file = note.file, line = note.line, column = note.column, message = note.message }
    if note.kind == "dropped" then
      finding.kind = "row"
      found[#found + 1] = error_finding(finding)
    elseif note.kind == "warning" then
      finding.kind, finding.level = "file", "warning"
      found[#found + 1] = finding
    end
  end
end

-- ---- Between files ------------------------------------------------------------------------------------------------

-- Files that begin before the one before them ends.
local function from_overlaps(found, format, sources, info, period)
  local last = sources[1]
  for i = 2, #sources do
    local source = sources[i]
    if overlap(last, source) then
      found[#found + 1] = {
        level = "warning", kind = "overlap", pair = info.pair, period = period, file = source.file, time = format(source.first_time),
        message = ("the file begins here, and %s goes on until %s"):format(last.file, format(last.last_time)),
      }
    end
    if source.last_time > last.last_time then last = source end
  end
end

local function any_covers(sources, others)
  for _, a in ipairs(sources) do
    for _, b in ipairs(others) do
      if a.first_time <= b.last_time and b.first_time <= a.last_time then return true end
    end
  end
  return false
end

-- A pair whose files go on in another period: a run would take one of the two.
local function from_periods(found, w, loaded, infos)
  for _, info in ipairs(infos) do
    local sources, before = sources_of(loaded, info), nil
    for _, other in ipairs(infos) do
      if other.pair == info.pair and other.first_time < info.first_time and not any_covers(sources, sources_of(loaded, other)) then before = other end
    end
    if before and #sources > 0 then
      local period, was = w.sliders.timeframe_format(info.period_ns), w.sliders.timeframe_format(before.period_ns)
      found[#found + 1] = {
        level = "warning", kind = "period", pair = info.pair, period = period, file = sources[1].file,
        time = w.sliders.time_format(info.first_time, not info.date_only),
        message = ("%s from here on, %s in the files before: a run takes one of them"):format(period, was),
      }
    end
  end
end

-- ---- Within a series ----------------------------------------------------------------------------------------------

-- What is found by looking through one pair; returns its summary.
local function from_series(found, w, market, info, gap_ns)
  local function format(time) return w.sliders.time_format(time, not info.date_only) end
  local period = w.sliders.timeframe_format(info.period_ns)
  local place, sources = places(market.report, info), sources_of(market.report, info)
  local checked = market:check(info.pair, { timeframe = period, gap_ns = gap_ns })
  from_overlaps(found, format, sources, info, period)
  for _, finding in ipairs(checked.findings) do
    local file, line = place(finding.row)
    local pause = finding.kind == "pause"
    found[#found + 1] = {
      level = pause and "note" or "warning", kind = finding.kind, pair = info.pair, period = period, row = finding.row, file = file, line = line,
      time = format(finding.time), ["until"] = (pause or finding.kind == "gap") and format(finding["until"]) or nil, message = finding.message,
    }
  end
  return {
    pair = info.pair, period = period, rows = info.bars, first = format(info.first_time), last = format(info.last_time),
    open_hours = (checked.open_ns - checked.pause_ns) / 3.6e12, missing_hours = checked.missing_ns / 3.6e12, pause_hours = checked.pause_ns / 3.6e12,
    gaps = checked.gaps, small_gaps = checked.small_gaps, pauses = checked.pauses,
  }
end

-- ---- Loading ------------------------------------------------------------------------------------------------------

-- Which of the paths an error is of: the one that it names or that holds what it names, or the first that has it when it is read alone.
local function blamed(w, request, paths, fault)
  for i, path in ipairs(paths) do
    local behind = fault.file:sub(1, #path) == path and fault.file:sub(#path + 1)
    if behind and (behind:find "^[/:]" or behind == "" or path:find "/$") then return i end
  end
  for i, path in ipairs(paths) do
    local ok, market = pcall(verbs.market, w, request, { path }, true)
    if not ok then return i end
    market:free()
  end
  return nil
end

-- Loads the paths together and leniently. One that cannot be read at all, or not with the others, is an error, and the rest is loaded without it.
local function load(found, w, request)
  local paths = {}
  for i, path in ipairs(request.line.paths) do paths[i] = path end
  while #paths > 0 do
    local ok, market = pcall(verbs.market, w, request, paths, true)
    if ok then
      from_notes(found, market.report)
      return market
    end
    if type(market) ~= "table" or market.file:find "^options%." then error(market, 0) end -- of no file
    local i = blamed(w, request, paths, market)
    local place = { file = market.file ~= "" and market.file or paths[i or 1], kind = "file", message = market.message }
    if (market.line or 0) > 0 then place.line, place.column = market.line, market.column end
    found[#found + 1] = error_finding(place)
    if not i then return nil end
    table.remove(paths, i)
  end
  return nil
end

-- ---- Saying it ----------------------------------------------------------------------------------------------------

local most = 10

-- "EURUSD.csv:17:5", "EURUSD 1h row 17".
local function where(finding)
  if not finding.file then return ("%s %s row %s"):format(finding.pair, finding.period, text.count(finding.row)) end
  local place = finding.file
  if finding.line then place = ("%s:%d"):format(place, finding.line) end
  if finding.column then place = ("%s:%d"):format(place, finding.column) end
  return place
end

local function finding_lines(found, all)
  local lines, seen, left = {}, {}, {}
  for _, finding in ipairs(found) do
    local key = ("%s %s"):format(finding.level, finding.kind)
    seen[key] = (seen[key] or 0) + 1
    if all or (seen[key] <= most and finding.level ~= "note") then
      local at = finding.time and (" at " .. finding.time) or ""
      lines[#lines + 1] = ("%s: %s: %s%s: %s"):format(where(finding), finding.level, finding.kind, at, finding.message)
    elseif finding.level ~= "note" then
      if not left[key] then left[#left + 1] = key end
      left[key] = (left[key] or 0) + 1
    end
  end
  for _, key in ipairs(left) do lines[#lines + 1] = ("... and %s more of: %s"):format(text.count(left[key]), key) end
  return lines
end

-- "461 hours", "21 minutes".
local function length(hours)
  if hours >= 1 then return text.counted(math.floor(hours + 0.5), "hour") end
  return text.counted(math.floor(hours * 60 + 0.5), "minute")
end

-- One line for all pauses of a pair.
local function pause_lines(series)
  local lines = {}
  for _, s in ipairs(series) do
    local line = "%s %s: note: %s at weekends, on holidays or at hours that lack as a rule, %s in all; --all lists them"
    if s.pauses > 0 then lines[#lines + 1] = line:format(s.pair, s.period, text.counted(s.pauses, "pause"), length(s.pause_hours)) end
  end
  return lines
end

local function summary_lines(series)
  local rows = { { "pair", "period", "rows", "first", "last", "open hours", "missing", "gaps", "smaller" } }
  for _, s in ipairs(series) do
    local missing = s.open_hours > 0 and text.percent(s.missing_hours / s.open_hours) or "-"
    local hours, gaps, smaller = text.count(s.open_hours), text.count(s.gaps), text.count(s.small_gaps)
    rows[#rows + 1] = { s.pair, s.period, text.count(s.rows), s.first, s.last, hours, missing, gaps, smaller }
  end
  return #series > 0 and text.table(rows) or {}
end

local function counted(found)
  local count = { error = 0, warning = 0, note = 0 }
  for _, finding in ipairs(found) do count[finding.level] = count[finding.level] + 1 end
  return count.error, count.warning
end

local function show(w, line, found, series, errors, warnings)
  local lines = finding_lines(found, line.all)
  if not line.all then
    for _, pauses in ipairs(pause_lines(series)) do lines[#lines + 1] = pauses end
  end
  world.print(w.out, lines)
  if #lines > 0 and #series > 0 then w.out:write("\n") end
  world.print(w.out, summary_lines(series))
  w.out:write(("%s, %s\n"):format(text.counted(errors, "error"), text.counted(warnings, "warning")))
end

local function write_json(w, path, findings)
  local words = json.encode(findings)
  if path == "-" then
    w.out:write(words)
    return
  end
  local file, why = io.open(path, "wb")
  if not file then world.fail(why) end
  file:write(words)
  local ok, unwritten = file:close()
  if not ok then world.fail(("%s: %s"):format(path, unwritten)) end
end

function check.run(w, request)
  local line = request.line
  local found, series = {}, {}
  world.expect_writable(w, line.json)
  local market = load(found, w, request)
  if market then
    local infos = verbs.series(w, market, line.pairs)
    from_periods(found, w, market.report, infos)
    for _, info in ipairs(infos) do series[#series + 1] = from_series(found, w, market, info, line.gap) end
    if not line.quiet then world.print(w.err, report.idle(market.report.sources, verbs.load_options(request))) end
    market:free()
  end
  local errors, warnings = counted(found)
  if not line.quiet then show(w, line, found, series, errors, warnings) end
  if line.json then write_json(w, line.json, { errors = errors, warnings = warnings, findings = json.array(found), series = json.array(series) }) end
  return errors == 0 and 0 or 1
end

return check
