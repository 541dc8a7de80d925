/* Columns of rates: a date and one column for each pair, as central banks publish their fixings.
 *
 * The first column is the date, whatever it is called. Each other column is an instrument by its own name, by the description or by the dialect's own
 * way of naming (rate_name.h). An empty field, `.`, `ND` and `N/A` are holes: that pair has no bar that day. Rows go forward or back in time, all in
 * one direction. */
#include "market/read.h"

#include "base/time.h"
#include "market/column.h"
#include "market/instrument.h"
#include "market/rate_name.h"
#include "market/stamp.h"

#include <string.h>

typedef struct rate_column {
  const sld_instrument *instrument; /* NULL: left out */
  bool told;                        /* what it holds is told, not found by its name */
  bool inverted;
  sld__bar_columns bars;
} rate_column;

typedef struct reader {
  const sld__source *source;
  const sld__layout *layout;
  sld__text text;
  sld__wall wall;
  sld__wall_cursor cursor;
  rate_column *columns; /* [layout->count]; the first is the date and stays empty */
  sld__field *fields;   /* [layout->count + 1] */
  size_t rows;
  size_t dropped;
  size_t rounded;
  int64_t last;         /* time of the row before */
  int direction;        /* 1 forward, -1 back, 0 not known before the second row */
  bool date_only;
  unsigned used;        /* of what is told */
} reader;

/* The nearest of what the column could be called: a mapped column, an instrument, a column of bars. */
static const char *suggest(const reader *r, const char *word) {
  const sld__description *d = r->source->description;
  for (size_t k = 0; k < d->mapping_count; k++) {
    const char *column = d->mappings[k].column;
    if (sld_suggest(word, &column, 1)) return column;
  }
  const char *near = sld__instrument_suggest(r->source->own, word);
  return near ? near : sld__column_suggest(word);
}

static sld_status unknown_column(const reader *r, const sld__field *name, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const char *near = suggest(r, sld__field_word(name, word));
  const char *described = r->source->description->file;
  const sld__text *text = &r->text;
  if (described && near) return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is neither an instrument nor in %s; did you mean '%s'?", word, described, near);
  if (described) return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is neither an instrument nor in %s", word, described);
  if (near) return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is no instrument; did you mean '%s'?", word, near);
  return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is no instrument; a file of the same name ending in .json can say which it is: {\"series\": {\"%s\": \"EURUSD\"}}",
                        word, word);
}

static sld_status check_single(const reader *r, size_t column, sld_error *err) {
  char one[SLD__WORD_SIZE];
  char other[SLD__WORD_SIZE];
  const sld__field *names = r->layout->names;
  const sld_instrument *instrument = r->columns[column].instrument;
  for (size_t i = 1; instrument && i < column; i++)
    if (r->columns[i].instrument == instrument)
      return sld__text_fail(&r->text, SLD_EVALUE, names[column].start, err, "columns '%s' and '%s' are both %s", sld__field_word(&names[i], one), sld__field_word(&names[column], other),
                            instrument->pair);
  return SLD_OK;
}

/* Finds what column i is; NULL with SLD_OK: it is left out. */
static sld_status name_column(reader *r, size_t i, sld_error *err) {
  const sld__field *name = &r->layout->names[i];
  rate_column *column = &r->columns[i];
  char word[SLD__WORD_SIZE];
  const sld__mapping *mapping = sld__description_find(r->source->description, name->start, name->size);
  if (mapping) {
    column->instrument = mapping->ignored ? NULL : mapping->instrument;
    column->inverted = mapping->inverted;
    column->told = true;
    return SLD_OK;
  }
  column->instrument = sld__instrument_find_n(r->source->own, name->start, name->size);
  if (!column->instrument) column->instrument = sld__rate_name(r->layout->dialect, r->source->own, name->start, name->size);
  if (column->instrument) return SLD_OK;
  if (!sld__layout_habit(r->layout, SLD__EURO_BASE)) return unknown_column(r, name, err);
  return sld__report_note(r->source->report, err, SLD_NOTE_WARNING, r->source->file, r->text.line, name->start - r->text.line_start + 1, "column '%s' is left out: EUR%s is no known instrument",
                          sld__field_word(name, word), word);
}

static sld_status name_columns(reader *r, sld_error *err) {
  size_t used = 0;
  for (size_t i = 1; i < r->layout->count; i++) {
    sld_status status = name_column(r, i, err);
    if (status == SLD_OK) status = check_single(r, i, err);
    if (status != SLD_OK) return status;
    r->columns[i].bars.one_price = true;
    used += r->columns[i].instrument != NULL;
  }
  if (used == 0) return sld__text_fail(&r->text, SLD_EPARSE, r->text.line_start, err, "no column of rates");
  return SLD_OK;
}

static sld_status check_description(const reader *r, sld_error *err) {
  const sld__description *d = r->source->description;
  if (d->told.instrument) return sld__fail_at(err, SLD_EPARSE, d->file, 0, 0, "\"pair\" describes bars, but the file has columns of rates; use \"series\"");
  for (size_t k = 0; k < d->mapping_count; k++) {
    bool found = false;
    for (size_t i = 0; i < r->layout->count && !found; i++) found = sld__description_find(d, r->layout->names[i].start, r->layout->names[i].size) == &d->mappings[k];
    if (!found) return sld__fail_at(err, SLD_ENAME, d->file, d->mappings[k].line, d->mappings[k].column_at, "the file has no column '%s'", d->mappings[k].column);
  }
  return SLD_OK;
}

static bool hole(const sld__field *field) {
  static const char *const words[] = { "", ".", "ND", "N/A" };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strlen(words[i]) == field->size && memcmp(words[i], field->start, field->size) == 0) return true;
  return false;
}

static void note_order(reader *r, const sld__field *date) {
  bool is_one;
  sld__stamp_day_order(date->start, date->size, &is_one);
  if (is_one) r->used |= SLD__TOLD_DAY_ORDER;
}

/* A date's or instant's time, in UTC. */
static sld_status read_stamp(reader *r, sld__stamp *stamp, sld_error *err) {
  const sld__field *field = &r->fields[0];
  char word[SLD__WORD_SIZE];
  const char *wrong = sld__stamp_parse_as(stamp, field->start, field->size, r->source->told->day_order);
  if (wrong) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s': %s", sld__field_word(field, word), wrong);
  if (r->rows == 0) note_order(r, field);
  if (stamp->utc || stamp->date_only) return SLD_OK;
  r->used |= SLD__TOLD_ZONE;
  int64_t before = r->rows > 0 && r->direction >= 0 ? r->last : INT64_MIN;
  if (sld__wall_instant(&r->wall, &r->cursor, stamp->time, before, &stamp->time) != SLD__WALL_NEVER) return SLD_OK;
  return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s': the clock of %s skips this time; is the zone right?", sld__field_word(field, word), r->wall.name);
}

static sld_status read_date(reader *r, int64_t *time, sld_error *err) {
  const sld__field *field = &r->fields[0];
  sld__stamp stamp;
  char word[SLD__WORD_SIZE];
  sld_status status = read_stamp(r, &stamp, err);
  if (status != SLD_OK) return status;
  if (r->rows > 0) {
    int direction = stamp.time > r->last ? 1 : stamp.time < r->last ? -1 : 0;
    if (direction == 0) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s stands here twice", sld__field_word(field, word));
    if (r->rows > 1 && direction != r->direction)
      return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s is out of order: the rows before go %s in time", sld__field_word(field, word), r->direction > 0 ? "forward" : "back");
    r->direction = direction;
  }
  r->date_only = (r->rows == 0 || r->date_only) && stamp.date_only;
  *time = stamp.time;
  return SLD_OK;
}

static sld_status read_rate(reader *r, size_t column, double *price, sld_error *err) {
  const sld__bar_columns *bars = &r->columns[column].bars;
  const sld__field *field = &r->fields[column];
  char label[SLD__WORD_SIZE];
  char word[SLD__WORD_SIZE];
  sld__field_word(&r->layout->names[column], label);
  sld_status status = sld__read_price(price, r->layout, &r->text, field, label, r->columns[column].instrument, &r->rounded, err);
  if (status != SLD_OK) return status;
  if (r->columns[column].inverted) *price = 1.0 / *price;
  if (bars->count > 0 && sld__read_slipped(bars->close[bars->count - 1], *price))
    return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s: %s is far from the value before; has the decimal point slipped?", label, sld__field_word(field, word));
  return SLD_OK;
}

static sld_status add_rate(reader *r, size_t column, int64_t time, double price, sld_error *err) {
  sld__bar_columns *bars = &r->columns[column].bars;
  if (bars->count == bars->capacity) {
    size_t estimate = sld__read_estimate(&r->text);
    sld_status status = sld__bar_columns_reserve(bars, bars->count + (estimate > bars->count ? estimate : bars->count), err);
    if (status != SLD_OK) return status;
  }
  bars->time[bars->count] = time;
  bars->close[bars->count] = price;
  bars->count++;
  return SLD_OK;
}

/* One row: all of its rates, or none. */
static sld_status read_row(reader *r, double *prices, bool *more, sld_error *err) {
  int64_t time = 0;
  int direction = r->direction;
  bool date_only = r->date_only;
  sld_status status = sld__layout_row(r->layout, &r->text, r->fields, more, err);
  if (status != SLD_OK || !*more) return status;
  status = read_date(r, &time, err);
  for (size_t i = 1; status == SLD_OK && i < r->layout->count; i++)
    if (r->columns[i].instrument && !hole(&r->fields[i])) status = read_rate(r, i, &prices[i], err);
  if (status != SLD_OK) {
    r->direction = direction;
    r->date_only = date_only;
    return status;
  }
  for (size_t i = 1; status == SLD_OK && i < r->layout->count; i++)
    if (r->columns[i].instrument && !hole(&r->fields[i])) status = add_rate(r, i, time, prices[i], err);
  r->last = time;
  r->rows++;
  return status;
}

static sld_status read_rows(reader *r, double *prices, sld_error *err) {
  for (bool more = true; more;) {
    sld_error fault;
    sld_status status = read_row(r, prices, &more, &fault);
    if (status != SLD_OK) {
      more = true;
      status = sld__read_drop(r->source, status, &fault, &r->dropped, err);
    }
    if (status != SLD_OK) return status;
  }
  if (r->rows == 0 && r->dropped == 0) return sld__fail_at(err, SLD_EPARSE, r->source->file, 1, 1, "a header and no rows");
  if (r->rows == 0) return sld__fail_at(err, SLD_EPARSE, r->source->file, 0, 0, "all %zu rows were dropped", r->dropped);
  return SLD_OK;
}

static sld_status seal(reader *r, sld__harvest *harvest, sld_error *err) {
  const sld__told *told = r->source->told;
  char word[SLD__WORD_SIZE];
  for (size_t i = 1; i < r->layout->count; i++) {
    rate_column *column = &r->columns[i];
    if (!column->instrument) continue;
    if (column->bars.count == 0 && !column->told && sld__layout_habit(r->layout, SLD__EURO_BASE)) continue; /* a currency that is gone, or not yet there */
    if (column->bars.count == 0)
      return sld__fail_at(err, SLD_EPARSE, r->source->file, 1, 0, "column '%s' holds no value", sld__field_word(&r->layout->names[i], word));
    if (r->direction < 0) sld__bar_columns_reverse(&column->bars);
    sld__series_form form = { column->instrument, r->date_only ? SLD__NS_PER_DAY : 0, told->has_side ? told->side : SLD_MID, r->date_only, false, !told->has_side, "", false };
    sld__read_source(&form, r->source, r->layout);
    sld_status status = sld__harvest_add(harvest, &column->bars, &form, r->source->file, 0, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

static sld_status read_columns(reader *r, sld__harvest *harvest, sld_error *err) {
  const sld__told *told = r->source->told;
  double *prices = sld__alloc(harvest->allocator, r->layout->count, sizeof *prices);
  sld_status status = prices ? check_description(r, err) : sld__fail_memory(err);
  if (status == SLD_OK) status = sld__wall_open(&r->wall, told->zone ? told->zone : r->layout->dialect->public.zone, harvest->allocator, r->source->file, err);
  if (status == SLD_OK) status = name_columns(r, err);
  if (status == SLD_OK) status = read_rows(r, prices, err);
  if (status == SLD_OK) status = sld__read_tell(r->source, r->layout, &(sld_load_source){ .zone = r->wall.name, .pair = "", .rows = r->rows, .dropped = r->dropped }, r->used, r->rounded, err);
  if (status == SLD_OK) status = seal(r, harvest, err);
  sld__wall_close(&r->wall);
  sld__free(harvest->allocator, prices);
  return status;
}

sld_status sld__read_wide(sld__harvest *harvest, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err) {
  const sld_allocator *a = harvest->allocator;
  reader r = { .source = source, .layout = layout, .text = *text, .used = layout->used };
  r.columns = sld__alloc_zero(a, layout->count, sizeof *r.columns);
  r.fields = sld__alloc(a, layout->count + 1, sizeof *r.fields);
  sld_status status = r.columns && r.fields ? SLD_OK : sld__fail_memory(err);
  for (size_t i = 0; r.columns && i < layout->count; i++) r.columns[i].bars.allocator = a;
  if (status == SLD_OK) status = read_columns(&r, harvest, err);
  for (size_t i = 0; r.columns && i < layout->count; i++) sld__bar_columns_fini(&r.columns[i].bars);
  sld__free(a, r.columns);
  sld__free(a, r.fields);
  return status;
}
