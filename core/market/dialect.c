/* The table of dialects, and telling them apart. */
#include "market/dialect.h"

#include "market/decimal.h"
#include "market/stamp.h"

#include <string.h>
#include <strings.h>

#define BAR "open high low close"
#define QUOTE_BAR "open high low close volume ask_open ask_high ask_low ask_close ask_volume"

/* In the order in which they are tried: special ones before those that they look like. */
static const sld__dialect dialects[] = {
  { { "histdata", "HistData ASCII and NinjaTrader minutes: 20240102 165000;O;H;L;C;V", "America/New_York" },
    NULL,
    { { "99999999 999999", "time " BAR " volume" } },
    0 },
  { { "histdata_ticks", "HistData ASCII ticks: 20240102 165000123,bid,ask,volume", "America/New_York" },
    NULL,
    { { "99999999 999999999", "time bid ask volume" } },
    0 },
  { { "histdata_mt", "HistData MetaTrader minutes: 2024.01.02,16:50,O,H,L,C,0 with six decimals and no volumes", "America/New_York" },
    NULL,
    { { "9999.99.99|99:99", "date clock " BAR " volume" } },
    0 },
  { { "dukascopy_ticks", "Dukascopy ticks: 2014.01.01 22:00:58.616,bid,ask,bid volume,ask volume, or columns Ask and Bid beside Gmt time", "UTC" },
    "gmt time|ask|bid",
    { { "9999.99.99 99:99:99.999", "time bid ask volume ask_volume" } },
    0 },
  { { "mt5_ticks", "MetaTrader 5 ticks: <DATE> <TIME> <BID> <ASK> <LAST> <VOLUME> <FLAGS>, an unchanged side left empty", "floating" },
    "<date>|<time>|<bid>|<ask>|<flags>",
    { { NULL, NULL } },
    SLD__CARRY | SLD__SKIP_VOL },
  { { "mt5", "MetaTrader 5 bars: <DATE> <TIME> <OPEN> <HIGH> <LOW> <CLOSE> <TICKVOL> <VOL> <SPREAD>", "floating" },
    "<date>|<open>|<high>|<low>|<close>|<tickvol>",
    { { NULL, NULL } },
    SLD__SKIP_VOL },
  { { "metastock", "Metastock and Forex Tester: <TICKER>,<DTYYYYMMDD>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>", "UTC" },
    "<ticker>|<dtyyyymmdd>",
    { { NULL, NULL } },
    0 },
  { { "mt4", "MetaTrader 4 bars: 2024.01.02,16:50,O,H,L,C,V", "floating" },
    NULL,
    { { "9999.99.99|99:99", "date clock " BAR " volume" }, { "9999.99.99 99:99", "time " BAR " volume" }, { "9999.99.99", "time " BAR " volume" } },
    0 },
  { { "lean", "LEAN quote and trade bars: 20240102 16:00 or milliseconds since midnight, bid O,H,L,C, size, ask O,H,L,C, size", "UTC" },
    NULL,
    { { "99999999 99:99", "time " QUOTE_BAR }, { "#", "milliseconds " QUOTE_BAR }, { "99999999 99:99", "time " BAR " volume" }, { "#", "milliseconds " BAR " volume" } },
    0 },
  { { "lean_ticks", "LEAN quotes: milliseconds since midnight,bid,ask", "UTC" }, NULL, { { "#", "milliseconds bid ask" } }, 0 },
  { { "truefx", "TrueFX ticks: USD/JPY,20240102 21:59:58.017,bid,ask", "UTC" }, NULL, { { "AAA/AAA", "pair time bid ask" } }, SLD__JUNK_DIGITS },
  { { "dukascopy", "Dukascopy candles: Gmt time or Local time,Open,High,Low,Close,Volume", "UTC" }, "gmt time|open", { { NULL, NULL } }, 0 },
  { { "dukascopy_local", "Dukascopy candles in local time: 03.01.2024 06:50:00.000 GMT+0900", "UTC" }, "local time|open", { { NULL, NULL } }, 0 },
  { { "investing", "Investing.com: \"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\", newest first", "UTC" },
    "date|price|open|high|low|change %",
    { { NULL, NULL } },
    SLD__NEWEST_FIRST | SLD__THOUSANDS },
  { { "yahoo", "Yahoo Finance: Date,Open,High,Low,Close,Adj Close,Volume", "UTC" }, "date|open|adj close", { { NULL, NULL } }, 0 },
  { { "oanda", "OANDA candles by the names of their columns: time, complete, volume, bid.o or openBid, mid.o or openMid and so on", "UTC" }, "time|complete|volume", { { NULL, NULL } }, 0 },
  { { "fred", "FRED and H.10: a date and series such as DEXUSEU", "UTC" }, "observation_date", { { NULL, NULL } }, SLD__RATES | SLD__FRED_NAMES },
  { { "fed", "Federal Reserve data download: Time Period and series such as RXI$US_N.B.EU", "UTC" }, "time period", { { NULL, NULL } }, SLD__RATES | SLD__FRED_NAMES },
  { { "ecb", "European Central Bank reference rates: Date,USD,JPY,..., newest first", "UTC" }, "date|usd|jpy|gbp", { { NULL, NULL } }, SLD__RATES | SLD__EURO_BASE },
  { { "bars", "any table of bars: columns by name, or a time, O, H, L, C and perhaps a volume", "UTC" },
    NULL,
    { { "d|:", "date clock " BAR " volume" }, { "d|:", "date clock " BAR }, { "*", "time " BAR " volume" }, { "*", "time " BAR } },
    0 },
  { { "quotes", "any table of ticks with columns time, bid and ask", "UTC" }, NULL, { { NULL, NULL } }, 0 },
  { { "rates", "a date and a column of rates for each pair", "UTC" }, NULL, { { NULL, NULL } }, SLD__RATES | SLD__FRED_NAMES },
  { { "rates_list", "a date, the name of a series and its rate in each row", "UTC" }, NULL, { { NULL, NULL } }, SLD__RATES },
};
enum { DIALECT_COUNT = sizeof dialects / sizeof dialects[0] };

const sld_dialect *sld_dialect_at(size_t i) {
  return i < DIALECT_COUNT ? &dialects[i].public : NULL;
}

const sld__dialect *sld__dialect_find(const char *name) {
  for (size_t i = 0; i < DIALECT_COUNT; i++)
    if (strcmp(dialects[i].public.name, name) == 0) return &dialects[i];
  return NULL;
}

const char *sld__dialect_suggest(const char *word) {
  const char *names[DIALECT_COUNT];
  for (size_t i = 0; i < DIALECT_COUNT; i++) names[i] = dialects[i].public.name;
  return sld_suggest(word, names, DIALECT_COUNT);
}

const sld__dialect *sld__dialect_bars(void) {
  return sld__dialect_find("bars");
}

const sld__dialect *sld__dialect_quotes(void) {
  return sld__dialect_find("quotes");
}

const sld__dialect *sld__dialect_rates(void) {
  return sld__dialect_find("rates");
}

const sld__dialect *sld__dialect_rates_list(void) {
  return sld__dialect_find("rates_list");
}

static bool is_number(const sld__field *field) {
  double number;
  return sld__decimal_parse(&number, field->start, field->size) == SLD__DECIMAL_OK;
}

bool sld__dialect_is_time(const sld__field *field) {
  sld__stamp stamp;
  bool is_one;
  if (!sld__stamp_parse_as(&stamp, field->start, field->size, SLD_DAY_FIRST)) return true;
  sld__stamp_day_order(field->start, field->size, &is_one);
  return is_one;
}

bool sld__dialect_is_name(const sld__field *field) {
  return !is_number(field) && !sld__dialect_is_time(field);
}

/* ---- By the header ---- */

static bool has_name(const sld__field *names, size_t count, const char *name, size_t size) {
  for (size_t i = 0; i < count; i++)
    if (names[i].size == size && strncasecmp(names[i].start, name, size) == 0) return true;
  return false;
}

static bool has_marks(const sld__field *names, size_t count, const char *marks) {
  for (const char *p = marks; *p;) {
    size_t size = strcspn(p, "|");
    if (!has_name(names, count, p, size)) return false;
    p += size + (p[size] == '|');
  }
  return true;
}

const sld__dialect *sld__dialect_of_header(const sld__field *names, size_t count) {
  for (size_t i = 0; i < DIALECT_COUNT; i++)
    if (dialects[i].marks && has_marks(names, count, dialects[i].marks)) return &dialects[i];
  return NULL;
}

/* ---- By the first row ---- */

static bool is_date(const sld__field *field) {
  sld__stamp stamp;
  return !sld__stamp_parse_as(&stamp, field->start, field->size, SLD_DAY_FIRST) && stamp.date_only;
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Milliseconds of a day, with or without a fraction: fewer digits than any date or time since 1970 has. */
static bool is_millis(const sld__field *field) {
  size_t digits = 0;
  while (digits < field->size && is_digit(field->start[digits])) digits++;
  return digits >= 1 && digits <= 8 && (digits == field->size || field->start[digits] == '.') && is_number(field);
}

static bool field_fits(const char *shape, size_t size, const sld__field *field) {
  int64_t ns;
  if (size == 1 && *shape == '*') return sld__dialect_is_time(field);
  if (size == 1 && *shape == 'd') return is_date(field);
  if (size == 1 && *shape == ':') return !sld__stamp_time_of_day(&ns, field->start, field->size);
  if (size == 1 && *shape == '#') return is_millis(field);
  if (size != field->size) return false;
  for (size_t i = 0; i < size; i++) {
    char c = field->start[i];
    bool fits = shape[i] == '9' ? is_digit(c) : shape[i] == 'A' ? is_letter(c) : shape[i] == c;
    if (!fits) return false;
  }
  return true;
}

static size_t words(const char *text) {
  size_t count = 1;
  for (; *text; text++) count += *text == ' ';
  return count;
}

static bool form_fits(const sld__dialect_form *form, const sld__field *fields, size_t count) {
  if (words(form->columns) != count) return false;
  size_t i = 0;
  for (const char *p = form->shape; *p; i++) {
    size_t size = strcspn(p, "|");
    if (i == count || !field_fits(p, size, &fields[i])) return false;
    p += size + (p[size] == '|');
  }
  return true;
}

/* HistData's MetaTrader files have the form of the terminal's own, but for prices padded to six decimals and volumes of nothing but 0. */
static bool padded(const sld__field *fields, size_t count) {
  if (fields[count - 1].size != 1 || *fields[count - 1].start != '0') return false;
  for (size_t i = 2; i + 1 < count; i++) {
    const char *point = memchr(fields[i].start, '.', fields[i].size);
    if (!point || fields[i].start + fields[i].size - point - 1 != 6) return false;
  }
  return true;
}

/* LEAN's quotes are three bare numbers, as much else is; but bid and ask are nearly the same. */
static bool quoted(const sld__field *fields) {
  double bid;
  double ask;
  bool numbers = sld__decimal_parse(&bid, fields[1].start, fields[1].size) == SLD__DECIMAL_OK && sld__decimal_parse(&ask, fields[2].start, fields[2].size) == SLD__DECIMAL_OK;
  return numbers && bid > 0.0 && ask < 1.05 * bid && bid < 1.05 * ask;
}

/* What the form alone does not tell. */
static bool belongs(const sld__dialect *d, const sld__field *fields, size_t count) {
  if (strcmp(d->public.name, "histdata_mt") == 0) return padded(fields, count);
  return strcmp(d->public.name, "lean_ticks") != 0 || quoted(fields);
}

const sld__dialect *sld__dialect_of_row(const sld__dialect *told, const sld__field *fields, size_t count, const sld__dialect_form **form) {
  for (size_t i = 0; i < DIALECT_COUNT; i++) {
    const sld__dialect *d = &dialects[i];
    if (told && told != d) continue;
    for (size_t k = 0; k < SLD__FORMS_MAX && d->forms[k].shape; k++) {
      if (!form_fits(&d->forms[k], fields, count)) continue;
      if (!told && !belongs(d, fields, count)) continue;
      *form = &d->forms[k];
      return d;
    }
  }
  return NULL;
}
