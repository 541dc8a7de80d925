/* What the first row of bars or quotes shows. */
#include "market/layout.h"

#include "market/files.h"
#include "market/instrument.h"
#include "market/read.h"
#include "market/stamp.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- Names ---- */

static const char *base_name(const char *file) {
  const char *slash = strrchr(file, '/');
  return slash ? slash + 1 : file;
}

/* The instrument that a folder of the path is called after: the nearest. */
static const sld_instrument *instrument_of_folder(const sld__instruments *own, const char *file) {
  const char *end = base_name(file);
  while (end > file) {
    const char *stop = end - 1; /* the slash */
    const char *start = stop;
    while (start > file && start[-1] != '/') start--;
    const sld_instrument *found;
    if (stop - start <= 15 && sld__instrument_in_text(own, &found, start, (size_t)(stop - start)) == 1 && strlen(found->pair) == (size_t)(stop - start)) return found;
    end = start;
  }
  return NULL;
}

static sld_status name_pair(sld__layout *layout, const sld__source *source, sld_error *err) {
  layout->instrument = source->told->instrument;
  if (layout->instrument) return SLD_OK;
  const char *name = base_name(source->file);
  size_t found = sld__instrument_in_text(source->own, &layout->instrument, name, strlen(name));
  if (found == 1) return SLD_OK;
  layout->instrument = found == 0 ? instrument_of_folder(source->own, source->file) : NULL;
  if (layout->instrument) return SLD_OK;
  return sld__fail_at(err, SLD_ENAME, source->file, 0, 0, "the file's name holds %s; name it after its pair (EURUSD.csv) or write a file of the same name ending in .json: {\"pair\": \"EURUSD\"}",
                      found == 0 ? "no known instrument" : "more than one instrument");
}

/* "USD/JPY", "usdjpy", "EUR_USD": the letters alone. */
static sld_status name_pair_by_ticker(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  char pair[16];
  char word[SLD__WORD_SIZE];
  size_t size = 0;
  for (size_t i = 0; i < layout->ticker.size && size + 1 < sizeof pair; i++) {
    char c = layout->ticker.start[i];
    if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
    if (c >= 'A' && c <= 'Z') pair[size++] = c;
  }
  pair[size] = '\0';
  layout->instrument = sld__instrument_find(source->own, pair);
  if (layout->instrument) return SLD_OK;
  return sld__text_fail(text, SLD_ENAME, layout->ticker.start, err, "'%s' is no known instrument", sld__field_word(&layout->ticker, word));
}

/* Where the name of a file says that it holds asks, by a word that stands by itself, as in eurusd-m1-ask.csv; else NULL. */
static const char *ask_in(const char *name) {
  for (const char *p = name; *p; p++) {
    bool starts = p == name || !((p[-1] >= 'a' && p[-1] <= 'z') || (p[-1] >= 'A' && p[-1] <= 'Z'));
    if (starts && strncasecmp(p, "ask", 3) == 0 && !((p[3] >= 'a' && p[3] <= 'z') || (p[3] >= 'A' && p[3] <= 'Z'))) return p;
  }
  return NULL;
}

/* Asks alone are no data. Where the bids lie beside them in a file of the same name but for that word, it is said what their description has to say. */
static sld_status asks_alone(const char *file, const char *word, sld_error *err) {
  char bids[4096];
  size_t length = strlen(file);
  const char *name = base_name(file);
  if (length < sizeof bids) {
    memcpy(bids, file, length + 1);
    memcpy(bids + (word - file), word[0] == 'A' ? word[1] == 'S' ? "BID" : "Bid" : "bid", 3);
    if (sld__os_is_file(bids))
      return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "the file's name says that these are asks; a file %.*s.json can say so: {\"ask\": \"%.200s\"}", (int)sld__files_stem(base_name(bids)), base_name(bids), name);
  }
  return sld__fail_at(err, SLD_EVALUE, file, 0, 0, "the file's name says that these are asks; tell the file of the bids about it by \"ask\", or tell a side");
}

static bool named_mid(const sld__layout *layout) {
  for (size_t i = 0; i < layout->count && layout->has_header; i++)
    if (layout->kinds[i] == SLD__CLOSE) return sld__column_is_mid(layout->names[i].start, layout->names[i].size);
  return false;
}

static sld_status choose_side(sld__layout *layout, const sld__source *source, sld_error *err) {
  layout->side_named = named_mid(layout);
  layout->side = layout->has[SLD__ASK_CLOSE] ? SLD_BOTH : layout->side_named ? SLD_MID : source->told->has_side ? source->told->side : SLD_BID;
  if (layout->side_named && (layout->side == SLD_BOTH || (source->told->has_side && source->told->side != SLD_MID)))
    return sld__fail_at(err, SLD_EVALUE, source->file, 0, 0, "the file's columns are mids, but %s", layout->side == SLD_BOTH ? "there are asks beside them" : "another side is told");
  if (layout->side == SLD_BOTH && source->told->has_side) return sld__fail_at(err, SLD_EVALUE, source->file, 0, 0, "the file has both sides, but its side is told to be %s", sld_side_name(source->told->side));
  if (source->asks && layout->side == SLD_BOTH) return sld__fail_at(err, SLD_EVALUE, source->file, 0, 0, "asks are expected, but the file has both sides");
  const char *word = ask_in(base_name(source->file));
  if (source->asks || layout->side == SLD_BOTH || source->told->has_side || !word) return SLD_OK;
  return asks_alone(source->file, word, err);
}

/* The one day that eight digits of the file's name mean. */
static bool date_of_name(const char *file, int64_t *midnight) {
  bool found = false;
  const char *name = base_name(file);
  for (const char *p = name; *p;) {
    size_t digits = strspn(p, "0123456789");
    sld__stamp stamp;
    if (digits == 8 && !sld__stamp_parse(&stamp, p, 8)) {
      if (found && stamp.time != *midnight) return false;
      *midnight = stamp.time;
      found = true;
    }
    p += digits ? digits : 1;
  }
  return found;
}

/* ---- Numbers ---- */

/* Takes out the commas between groups of three digits; false where they stand elsewhere. */
static bool ungroup(const sld__field *field, char *out, size_t *size) {
  size_t digits = 0; /* since the last comma */
  bool grouped = false;
  *size = 0;
  for (size_t i = 0; i < field->size; i++) {
    char c = field->start[i];
    if (c == ',') {
      if (grouped ? digits != 3 : digits < 1 || digits > 3) return false;
      grouped = true;
      digits = 0;
      continue;
    }
    if (c == '.' && grouped && digits != 3) return false;
    if (c == '.') grouped = false;
    if (c >= '0' && c <= '9') digits++;
    out[(*size)++] = c;
  }
  return !grouped || digits == 3;
}

/* 271.38K as 271.38e3, which is read exactly. */
static void spell_unit(char *text, size_t *size) {
  if (*size == 0) return;
  char unit = text[*size - 1];
  const char *power = unit == 'K' ? "e3" : unit == 'M' ? "e6" : unit == 'B' ? "e9" : NULL;
  if (!power) return;
  memcpy(text + *size - 1, power, 2);
  *size += 1;
}

sld__decimal_fault sld__layout_number(const sld__layout *layout, const sld__field *field, double *out) {
  char text[SLD__DECIMAL_MAX + 2];
  size_t size = field->size;
  if (layout->decimal == '.' && !sld__layout_habit(layout, SLD__THOUSANDS)) return sld__decimal_parse(out, field->start, size);
  if (size > SLD__DECIMAL_MAX) return SLD__DECIMAL_TEXT;
  if (sld__layout_habit(layout, SLD__THOUSANDS)) {
    if (!ungroup(field, text, &size)) return SLD__DECIMAL_TEXT;
    spell_unit(text, &size);
    return sld__decimal_parse(out, text, size);
  }
  for (size_t i = 0; i < size; i++) {
    if (field->start[i] == '.') return SLD__DECIMAL_TEXT;
    text[i] = field->start[i] == ',' ? '.' : field->start[i];
  }
  return sld__decimal_parse(out, text, size);
}

static bool is_price(int kind) {
  return kind < SLD__VALUES && kind != SLD__VOLUME;
}

static sld_status look_at_decimals(sld__layout *layout, const sld__source *source, const sld__text *text, const sld__field *fields, sld_error *err) {
  if (text->separator == ',' || sld__layout_habit(layout, SLD__THOUSANDS)) return SLD_OK;
  for (size_t i = 0; i < layout->count; i++)
    if (is_price(layout->kinds[i]) && memchr(fields[i].start, ',', fields[i].size) && !memchr(fields[i].start, '.', fields[i].size)) layout->decimal = ',';
  if (layout->decimal == '.') return SLD_OK;
  return sld__report_note(source->report, err, SLD_NOTE_FOUND, source->file, text->line, 0, "decimals are written with a comma");
}

/* Prices of more than two million pips are points: as many decimals are missing as the instrument has. */
static sld_status look_at_scale(sld__layout *layout, const sld__source *source, const sld__text *text, const sld__field *fields, sld_error *err) {
  if (source->told->scale != 0.0) return SLD_OK;
  double most = SLD__READ_MAX_PIPS * layout->instrument->pip;
  double points = sld__decimal_tens[layout->instrument->digits];
  for (size_t i = 0; i < layout->count; i++) {
    double price;
    if (!is_price(layout->kinds[i])) continue;
    if (sld__layout_number(layout, &fields[i], &price) != SLD__DECIMAL_OK || price <= most || price / points > most) return SLD_OK;
  }
  layout->scale = points;
  return sld__report_note(source->report, err, SLD_NOTE_FOUND, source->file, text->line, 0, "prices are in points: they are divided by %.0f, for the %d decimals of the pair", points, layout->instrument->digits);
}

/* ---- Times ---- */

static const sld__field *field_of(const sld__layout *layout, const sld__field *fields, int kind) {
  for (size_t i = 0; i < layout->count; i++)
    if (layout->kinds[i] == kind) return &fields[i];
  return NULL;
}

static const sld__field *date_field(const sld__layout *layout, const sld__field *fields) {
  const sld__field *field = field_of(layout, fields, SLD__TIME);
  return field ? field : field_of(layout, fields, SLD__DATE);
}

/* Looks through the file for a day above 12. */
static sld_day_order prove_order(const sld__layout *layout, sld__text text, sld__field *fields) {
  for (;;) {
    bool more;
    bool is_one;
    sld_status status = sld__layout_row(layout, &text, fields, &more, NULL);
    if (status == SLD_OK && !more) return SLD_DAY_UNTOLD;
    if (status != SLD_OK) continue;
    const sld__field *date = date_field(layout, fields);
    sld_day_order order = sld__stamp_day_order(date->start, date->size, &is_one);
    if (order != SLD_DAY_UNTOLD) return order;
  }
}

static sld_status look_at_order(sld__layout *layout, const sld__source *source, const sld__text *before, const sld__text *text, sld__field *fields, sld_error *err) {
  char word[SLD__WORD_SIZE];
  bool is_one = false;
  const sld__field *date = date_field(layout, fields);
  layout->day_order = source->told->day_order;
  if (date) sld__stamp_day_order(date->start, date->size, &is_one);
  if (is_one) layout->used |= SLD__TOLD_DAY_ORDER;
  if (!is_one || layout->day_order != SLD_DAY_UNTOLD) return SLD_OK;
  const sld__field first = *date;
  layout->day_order = prove_order(layout, *before, fields);
  if (layout->day_order == SLD_DAY_UNTOLD)
    return sld__text_fail(text, SLD_EPARSE, first.start, err, "'%s': is the day or the month first? every date of the file can be read both ways; tell it by day_first", sld__field_word(&first, word));
  return sld__report_note(source->report, err, SLD_NOTE_FOUND, source->file, text->line, 0, "dates have the %s first: the file has days above 12 in that place",
                          layout->day_order == SLD_DAY_FIRST ? "day" : "month");
}

static bool dotted(const sld__field *field) {
  return field->size >= 10 && field->start[4] == '.' && field->start[7] == '.' && (field->size == 10 || field->size == 16);
}

static bool whole_stamp(const sld__layout *layout, const sld__field *fields, sld__stamp *out) {
  const sld__field *field = field_of(layout, fields, SLD__TIME);
  return field && !sld__stamp_parse_as(out, field->start, field->size, layout->day_order);
}

/* A dialect's or a header's own clock, where none is told. */
static const char *assumed_zone(const sld__layout *layout) {
  for (size_t i = 0; i < layout->count && layout->has_header; i++) {
    const sld__field *name = &layout->names[i];
    if (layout->kinds[i] == SLD__TIME && name->size == 10 && strncasecmp(name->start, "time (eet)", 10) == 0) return "EET";
  }
  return layout->dialect->public.zone;
}

static sld_status look_at_clock(sld__layout *layout, const sld__source *source, const sld__text *text, const sld__field *fields, sld_error *err) {
  const sld__field *date = date_field(layout, fields);
  bool terminal = !source->told->dialect && layout->dialect == sld__dialect_bars() && date && dotted(date);
  if (terminal) layout->dialect = sld__dialect_find("mt4");
  const char *zone = source->told->zone ? source->told->zone : assumed_zone(layout);
  sld_status status = sld__wall_open(&layout->wall, zone, layout->allocator, source->file, err);
  if (status != SLD_OK) return status;
  sld__stamp stamp = { 0, false, false };
  bool whole = whole_stamp(layout, fields, &stamp);
  layout->zone = whole && stamp.utc ? "UTC" : layout->wall.name;
  if (whole && (stamp.utc || stamp.date_only)) return SLD_OK;
  layout->used |= SLD__TOLD_ZONE;
  const char *dialect = layout->dialect->public.name;
  if (layout->wall.floating && !source->told->zone)
    return sld__report_note(source->report, err, SLD_NOTE_WARNING, source->file, text->line, 0, "the clock of %s is the broker's and not known: times are taken as they stand; tell it by zone", dialect);
  if (source->told->zone || source->told->dialect || strcmp(zone, "UTC") == 0) return SLD_OK;
  return sld__report_note(source->report, err, SLD_NOTE_FOUND, source->file, text->line, 0, "this is %s, whose clock is %s", dialect, zone);
}

static sld_status look_at_midnight(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  if (!field_of(layout, layout->names, SLD__MILLIS)) return SLD_OK;
  layout->used |= SLD__TOLD_DATE;
  layout->midnight = source->told->date;
  if (source->told->has_date || date_of_name(source->file, &layout->midnight)) return SLD_OK;
  return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "times count from midnight, but of which day? the file's name does not say it (20140508_quote.zip); tell it by date");
}

/* ---- The row ---- */

/* The first row that can be split; `*more` is false where there is none. */
static sld_status first_row(const sld__layout *layout, const sld__source *source, sld__text *text, sld__field *fields, bool *more, sld_error *err) {
  sld_status status;
  do status = sld__layout_row(layout, text, fields, more, err);
  while (status == SLD_EPARSE && source->lenient);
  return status;
}

static sld_status look_at_row(sld__layout *layout, const sld__source *source, const sld__text *before, sld__text *text, sld__field *fields, sld_error *err) {
  sld__stamp stamp = { 0, false, false };
  const sld__field *ticker = field_of(layout, fields, SLD__PAIR);
  if (ticker) layout->ticker = *ticker;
  layout->used |= SLD__TOLD_PAIR;
  sld_status status = ticker && !source->told->instrument ? name_pair_by_ticker(layout, source, text, err) : name_pair(layout, source, err);
  if (status == SLD_OK) status = choose_side(layout, source, err);
  if (status == SLD_OK) status = look_at_order(layout, source, before, text, fields, err);
  sld__text again = *before;
  bool more;
  if (status == SLD_OK) status = first_row(layout, source, &again, fields, &more, err); /* proving the order went on */
  if (status == SLD_OK) status = look_at_decimals(layout, source, text, fields, err);
  if (status == SLD_OK) status = look_at_scale(layout, source, text, fields, err);
  if (status == SLD_OK) status = look_at_clock(layout, source, text, fields, err);
  if (status == SLD_OK) status = look_at_midnight(layout, source, text, err);
  bool date_only = whole_stamp(layout, fields, &stamp) && stamp.date_only;
  layout->ticks = layout->has[SLD__ASK_CLOSE] && !layout->has[SLD__OPEN] && !date_only;
  return status;
}

/* Vendors of indices and rates leave the volume of FX empty or write a dash. */
static void drop_empty_volume(sld__layout *layout, const sld__field *fields) {
  for (size_t i = 0; i < layout->count; i++) {
    bool empty = fields[i].size == 0 || (fields[i].size == 1 && *fields[i].start == '-');
    if (layout->kinds[i] != SLD__VOLUME || !empty || !sld__layout_habit(layout, SLD__THOUSANDS)) continue;
    layout->kinds[i] = SLD__SKIP;
    layout->has[SLD__VOLUME] = false;
  }
}

sld_status sld__layout_look(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  sld__text ahead = *text;
  bool more = false;
  sld__field *fields = sld__alloc(layout->allocator, layout->count + 1, sizeof *fields);
  if (!fields) return sld__fail_memory(err);
  sld_row_order order = source->told->row_order;
  layout->newest_first = order == SLD_NEWEST_FIRST || (order == SLD_ROWS_UNTOLD && sld__layout_habit(layout, SLD__NEWEST_FIRST));
  if (sld__layout_holds_bars(layout)) layout->used |= SLD__TOLD_ROW_ORDER;
  sld_status status = first_row(layout, source, &ahead, fields, &more, err);
  if (status == SLD_OK && !more) status = sld__fail_at(err, SLD_EPARSE, source->file, 1, 1, layout->has_header ? "a header and no rows" : "no row can be read");
  if (status == SLD_OK) status = look_at_row(layout, source, text, &ahead, fields, err);
  if (status == SLD_OK) drop_empty_volume(layout, fields);
  sld__free(layout->allocator, fields);
  return status;
}
