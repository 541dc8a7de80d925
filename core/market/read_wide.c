/* Columns of rates: a date and one column for each pair, as central banks publish their fixings.
 *
 * The first column is the date, whatever it is called. Each other column is an instrument by its own name or by the description. An empty
 * field, `.`, `ND` and `N/A` are holes: that pair has no bar that day. Rows go forward or back in time, all in one direction. */
#include "market/read.h"

#include "base/time.h"
#include "market/column.h"
#include "market/instrument.h"
#include "market/stamp.h"

#include <string.h>

typedef struct rate_column {
  const sld_instrument *instrument; /* NULL: left out */
  sld__bar_columns bars;
} rate_column;

typedef struct reader {
  const sld__instruments *own;
  const sld__source *source;
  sld__header *header;
  rate_column *columns; /* [header->count]; the first is the date and stays empty */
  sld__field *fields;   /* [header->count + 1] */
  size_t rows;
  int64_t last;         /* time of the row before */
  int direction;        /* 1 forward, -1 back, 0 not known before the second row */
  bool date_only;
} reader;

/* The nearest of what the column could be called: a mapped column, an instrument, a column of bars. */
static const char *suggest(const reader *r, const char *word) {
  const sld__description *d = r->source->description;
  for (size_t k = 0; k < d->mapping_count; k++) {
    const char *column = d->mappings[k].column;
    if (sld_suggest(word, &column, 1)) return column;
  }
  const char *near = sld__instrument_suggest(r->own, word);
  return near ? near : sld__column_suggest(word);
}

static sld_status unknown_column(const reader *r, const sld__field *name, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const char *near = suggest(r, sld__field_word(name, word));
  const char *described = r->source->description->file;
  const sld__text *text = &r->header->text;
  if (described && near) return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is neither an instrument nor in %s; did you mean '%s'?", word, described, near);
  if (described) return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is neither an instrument nor in %s", word, described);
  if (near) return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is no instrument; did you mean '%s'?", word, near);
  return sld__text_fail(text, SLD_ENAME, name->start, err, "column '%s' is no instrument; a file of the same name ending in .json can say which it is: {\"series\": {\"%s\": \"EURUSD\"}}",
                        word, word);
}

static sld_status check_single(const reader *r, size_t column, sld_error *err) {
  char one[SLD__WORD_SIZE];
  char other[SLD__WORD_SIZE];
  const sld__field *names = r->header->names;
  const sld_instrument *instrument = r->columns[column].instrument;
  for (size_t i = 1; instrument && i < column; i++)
    if (r->columns[i].instrument == instrument)
      return sld__text_fail(&r->header->text, SLD_EVALUE, names[column].start, err, "columns '%s' and '%s' are both %s", sld__field_word(&names[i], one), sld__field_word(&names[column], other),
                            instrument->pair);
  return SLD_OK;
}

static sld_status name_columns(reader *r, sld_error *err) {
  size_t used = 0;
  for (size_t i = 1; i < r->header->count; i++) {
    const sld__field *name = &r->header->names[i];
    const sld__mapping *mapping = sld__description_find(r->source->description, name->start, name->size);
    const sld_instrument *instrument = mapping ? mapping->instrument : sld__instrument_find_n(r->own, name->start, name->size);
    if (!mapping && !instrument) return unknown_column(r, name, err);
    r->columns[i].instrument = instrument;
    r->columns[i].bars.one_price = true;
    used += instrument != NULL;
    sld_status status = check_single(r, i, err);
    if (status != SLD_OK) return status;
  }
  if (used == 0) return sld__text_fail(&r->header->text, SLD_EPARSE, r->header->text.line_start, err, "no column of rates");
  return SLD_OK;
}

/* A description that speaks of columns which are not there describes some other file. */
static sld_status check_description(const reader *r, sld_error *err) {
  const sld__description *d = r->source->description;
  if (d->instrument) return sld__fail_at(err, SLD_EPARSE, d->file, 0, 0, "\"pair\" describes bars, but the file has columns of rates; use \"series\"");
  for (size_t k = 0; k < d->mapping_count; k++) {
    const sld__mapping *mapping = &d->mappings[k];
    bool found = false;
    for (size_t i = 1; i < r->header->count && !found; i++) found = sld__description_find(d, r->header->names[i].start, r->header->names[i].size) == mapping;
    if (!found) return sld__fail_at(err, SLD_ENAME, d->file, mapping->line, mapping->column_at, "the file has no column '%s'", mapping->column);
  }
  return SLD_OK;
}

static bool hole(const sld__field *field) {
  static const char *const words[] = { "", ".", "ND", "N/A" };
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (field->size == strlen(words[i]) && memcmp(field->start, words[i], field->size) == 0) return true;
  return false;
}

static sld_status read_date(reader *r, int64_t *time, sld_error *err) {
  const sld__field *field = &r->fields[0];
  sld__stamp stamp;
  const char *wrong = sld__stamp_parse(&stamp, field->start, field->size);
  char word[SLD__WORD_SIZE];
  if (wrong) return sld__text_fail(&r->header->text, SLD_EPARSE, field->start, err, "'%s': %s", sld__field_word(field, word), wrong);
  if (r->rows > 0) {
    int direction = stamp.time > r->last ? 1 : stamp.time < r->last ? -1 : 0;
    if (direction == 0) return sld__text_fail(&r->header->text, SLD_EPARSE, field->start, err, "%s stands here twice", sld__field_word(field, word));
    if (r->rows > 1 && direction != r->direction)
      return sld__text_fail(&r->header->text, SLD_EPARSE, field->start, err, "%s is out of order: the rows before go %s in time", sld__field_word(field, word), r->direction > 0 ? "forward" : "back");
    r->direction = direction;
  }
  r->date_only = (r->rows == 0 || r->date_only) && stamp.date_only;
  *time = stamp.time;
  return SLD_OK;
}

static sld_status add_rate(reader *r, size_t column, int64_t time, sld_error *err) {
  sld__bar_columns *bars = &r->columns[column].bars;
  const sld__text *text = &r->header->text;
  const sld__field *field = &r->fields[column];
  char label[SLD__WORD_SIZE];
  char word[SLD__WORD_SIZE];
  sld__field_word(&r->header->names[column], label);
  double price;
  sld_status status = sld__read_price(&price, text, field, label, r->columns[column].instrument, err);
  if (status != SLD_OK) return status;
  if (bars->count > 0 && sld__read_slipped(bars->close[bars->count - 1], price))
    return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s is far from the value before; has the decimal point slipped?", label, sld__field_word(field, word));
  if (bars->count == bars->capacity) {
    size_t estimate = sld__read_estimate(text);
    status = sld__bar_columns_reserve(bars, bars->count + (estimate > bars->count ? estimate : bars->count), err);
    if (status != SLD_OK) return status;
  }
  bars->time[bars->count] = time;
  bars->close[bars->count] = price;
  bars->count++;
  return SLD_OK;
}

static sld_status read_rows(reader *r, sld_error *err) {
  for (;;) {
    bool more;
    int64_t time = 0;
    sld_status status = sld__read_row(r->header, r->fields, &more, err);
    if (status != SLD_OK) return status;
    if (!more) break;
    status = read_date(r, &time, err);
    for (size_t i = 1; status == SLD_OK && i < r->header->count; i++)
      if (r->columns[i].instrument && !hole(&r->fields[i])) status = add_rate(r, i, time, err);
    if (status != SLD_OK) return status;
    r->last = time;
    r->rows++;
  }
  if (r->rows == 0) return sld__fail_at(err, SLD_EPARSE, r->source->file, 1, 1, "a header and no rows");
  return SLD_OK;
}

static sld_status seal(reader *r, sld__intake *intake, sld_error *err) {
  const sld__description *d = r->source->description;
  char word[SLD__WORD_SIZE];
  for (size_t i = 1; i < r->header->count; i++) {
    rate_column *column = &r->columns[i];
    if (!column->instrument) continue;
    if (column->bars.count == 0)
      return sld__fail_at(err, SLD_EPARSE, r->source->file, 1, 0, "column '%s' holds no value", sld__field_word(&r->header->names[i], word));
    if (r->direction < 0) sld__bar_columns_reverse(&column->bars);
    sld__series_form form = { column->instrument, r->date_only ? SLD__NS_PER_DAY : 0, d->has_side ? d->side : SLD_MID, r->date_only, false };
    sld__series *series;
    sld_status status = sld__series_seal(&series, &column->bars, &form, r->source->file, err);
    if (status == SLD_OK) status = sld__intake_add(intake, series, r->source->file, err);
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

sld_status sld__read_wide(sld__intake *intake, const sld__source *source, sld__header *header, sld_error *err) {
  const sld_allocator *a = intake->allocator;
  reader r = { .own = intake->own, .source = source, .header = header };
  r.columns = sld__alloc_zero(a, header->count, sizeof *r.columns);
  r.fields = sld__alloc(a, header->count + 1, sizeof *r.fields);
  sld_status status = r.columns && r.fields ? SLD_OK : sld__fail_memory(err);
  for (size_t i = 0; r.columns && i < header->count; i++) r.columns[i].bars.allocator = a;
  if (status == SLD_OK) status = check_description(&r, err);
  if (status == SLD_OK) status = name_columns(&r, err);
  if (status == SLD_OK) status = read_rows(&r, err);
  if (status == SLD_OK) status = seal(&r, intake, err);
  for (size_t i = 0; r.columns && i < header->count; i++) sld__bar_columns_fini(&r.columns[i].bars);
  sld__free(a, r.columns);
  sld__free(a, r.fields);
  return status;
}
