/* Lists of rates: in each row a date, the name of a series and its rate. What a name is says the description, or it is an instrument's own. The dates
 * of a series go forward; those of different series stand as they like. */
#include "market/read.h"

#include "market/instrument.h"
#include "market/rate_name.h"
#include "market/stamp.h"

#include <string.h>

typedef struct listed {
  sld__field name;                  /* in the text */
  const sld_instrument *instrument; /* NULL: left out */
  bool inverted;
  sld__bar_columns bars;
} listed;

typedef struct reader {
  const sld__source *source;
  const sld__layout *layout;
  sld__text text;
  sld__field *fields; /* [layout->count + 1] */
  size_t time;        /* the columns of a row */
  size_t name;
  size_t rate;
  listed *series;     /* [count] */
  size_t count;
  size_t capacity;
  size_t rows;
  size_t dropped;
  size_t rounded;
  unsigned used;      /* of what is told */
} reader;

static sld_status find_columns(reader *r, sld_error *err) {
  size_t found[3] = { 0 };
  char word[SLD__WORD_SIZE];
  for (size_t i = 0; i < r->layout->count; i++) {
    int kind = r->layout->kinds[i];
    const sld__field *name = &r->layout->names[i];
    size_t k = kind == SLD__TIME ? 0 : kind == SLD__NAME ? 1 : kind == SLD__RATE ? 2 : 3;
    if (k < 3 && found[k]++ > 0) return sld__text_fail(&r->text, SLD_EPARSE, name->start, err, "a second column of %s: '%s'", sld__column_name(kind), sld__field_word(name, word));
    if (k == 0) r->time = i;
    if (k == 1) r->name = i;
    if (k == 2) r->rate = i;
    if (k == 3 && kind != SLD__SKIP)
      return sld__text_fail(&r->text, SLD_ENAME, name->start, err, "unknown column '%s'; a file of the same name ending in .json can leave it out: {\"ignore\": [\"%s\"]}", sld__field_word(name, word), word);
  }
  if (found[0] && found[1] && found[2]) return SLD_OK;
  return sld__text_fail(&r->text, SLD_EPARSE, r->text.line_start, err, "a list of rates has a date, a name and a rate in each row");
}

static bool same(const sld__field *a, const sld__field *b) {
  return a->size == b->size && memcmp(a->start, b->start, a->size) == 0;
}

static sld_status name_series(const reader *r, listed *out, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const sld__field *name = &out->name;
  const sld__mapping *mapping = sld__description_find(r->source->description, name->start, name->size);
  out->instrument = mapping ? mapping->instrument : sld__instrument_find_n(r->source->own, name->start, name->size);
  out->inverted = mapping && mapping->inverted;
  if (mapping && mapping->ignored) out->instrument = NULL;
  if (!out->instrument && !mapping)
    return sld__text_fail(&r->text, SLD_ENAME, name->start, err, "'%s' is no instrument; a file of the same name ending in .json can say which it is: {\"series\": {\"%s\": \"EURUSD\"}}", sld__field_word(name, word), word);
  for (size_t i = 0; out->instrument && i < r->count; i++)
    if (r->series[i].instrument == out->instrument) return sld__text_fail(&r->text, SLD_EVALUE, name->start, err, "two series are %s, '%s' is the second", out->instrument->pair, sld__field_word(name, word));
  return SLD_OK;
}

/* The series of the row, made where its name is new. Most rows have the name of the row before, which is the last but rarely. */
static sld_status series_of(reader *r, listed **out, sld_error *err) {
  const sld__field *name = &r->fields[r->name];
  for (size_t i = r->count; i-- > 0;) {
    *out = &r->series[i];
    if (same(&r->series[i].name, name)) return SLD_OK;
  }
  if (r->count == r->capacity) {
    size_t capacity = r->capacity ? 2 * r->capacity : 32;
    listed *moved = sld__realloc(r->layout->allocator, r->series, capacity, sizeof *moved);
    if (!moved) return sld__fail_memory(err);
    r->series = moved;
    r->capacity = capacity;
  }
  listed new = { .name = *name, .bars = { .allocator = r->layout->allocator, .one_price = true } };
  sld_status status = name_series(r, &new, err);
  if (status != SLD_OK) return status;
  *out = &r->series[r->count];
  r->series[r->count++] = new;
  return SLD_OK;
}

static sld_status read_date(reader *r, const listed *series, int64_t *time, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const sld__field *field = &r->fields[r->time];
  const sld__bar_columns *bars = &series->bars;
  sld__stamp stamp;
  const char *wrong = sld__stamp_parse_as(&stamp, field->start, field->size, r->source->told->day_order);
  if (!wrong && !stamp.date_only) wrong = "a date alone is expected";
  if (wrong) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s': %s", sld__field_word(field, word), wrong);
  bool is_one = false;
  if (r->rows == 0) sld__stamp_day_order(field->start, field->size, &is_one);
  if (is_one) r->used |= SLD__TOLD_DAY_ORDER;
  *time = stamp.time;
  if (bars->count == 0 || stamp.time > bars->time[bars->count - 1]) return SLD_OK;
  return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s is not later than the row before of this series", sld__field_word(field, word));
}

static sld_status add(reader *r, listed *series, int64_t time, double price, sld_error *err) {
  sld__bar_columns *bars = &series->bars;
  if (bars->count == bars->capacity) {
    sld_status status = sld__bar_columns_reserve(bars, bars->count ? 2 * bars->count : 512, err);
    if (status != SLD_OK) return status;
  }
  bars->time[bars->count] = time;
  bars->close[bars->count++] = price;
  r->rows++;
  return SLD_OK;
}

static sld_status read_row(reader *r, bool *more, sld_error *err) {
  static const char *const holes[] = { "", ".", "ND", "N/A" };
  listed *series = NULL;
  int64_t time = 0;
  double price;
  sld_status status = sld__layout_row(r->layout, &r->text, r->fields, more, err);
  if (status == SLD_OK && *more) status = series_of(r, &series, err);
  if (status != SLD_OK || !*more || !series->instrument) return status;
  const sld__field *rate = &r->fields[r->rate];
  for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++)
    if (strlen(holes[i]) == rate->size && memcmp(holes[i], rate->start, rate->size) == 0) return SLD_OK;
  status = read_date(r, series, &time, err);
  if (status == SLD_OK) status = sld__read_price(&price, r->layout, &r->text, rate, "rate", series->instrument, &r->rounded, err);
  if (status != SLD_OK) return status;
  if (series->inverted) price = 1.0 / price;
  const sld__bar_columns *bars = &series->bars;
  if (bars->count > 0 && sld__read_slipped(bars->close[bars->count - 1], price))
    return sld__text_fail(&r->text, SLD_EPARSE, rate->start, err, "the rate is far from the value before; has the decimal point slipped?");
  return add(r, series, time, price, err);
}

static sld_status read_all(reader *r, sld_error *err) {
  for (bool more = true; more;) {
    sld_error fault;
    sld_status status = read_row(r, &more, &fault);
    if (status != SLD_OK) {
      more = true;
      status = sld__read_drop(r->source, status, &fault, &r->dropped, err);
    }
    if (status != SLD_OK) return status;
  }
  if (r->rows == 0) return sld__fail_at(err, SLD_EPARSE, r->source->file, 1, 1, "no row can be read");
  return SLD_OK;
}

/* What the description says of series must be there. */
static sld_status check_description(const reader *r, sld_error *err) {
  const sld__description *d = r->source->description;
  for (size_t k = 0; k < d->mapping_count; k++) {
    const sld__mapping *mapping = &d->mappings[k];
    bool found = mapping->kind >= 0;
    for (size_t i = 0; i < r->count && !found; i++) found = sld__description_find(d, r->series[i].name.start, r->series[i].name.size) == mapping;
    for (size_t i = 0; i < r->layout->count && !found; i++) found = sld__description_find(d, r->layout->names[i].start, r->layout->names[i].size) == mapping;
    if (!found) return sld__fail_at(err, SLD_ENAME, d->file, mapping->line, mapping->column_at, "the file has no series '%s'", mapping->column);
  }
  return SLD_OK;
}

static sld_status finish(reader *r, sld__harvest *harvest, sld_error *err) {
  const sld__told *told = r->source->told;
  sld_status status = sld__read_tell(r->source, r->layout, &(sld_load_source){ .zone = "UTC", .pair = "", .rows = r->rows, .dropped = r->dropped }, r->used, r->rounded, err);
  for (size_t i = 0; i < r->count && status == SLD_OK; i++) {
    listed *series = &r->series[i];
    if (!series->instrument || series->bars.count == 0) continue;
    sld__series_form form = { series->instrument, 0, told->has_side ? told->side : SLD_MID, true, false, !told->has_side, "", false };
    sld__read_source(&form, r->source, r->layout);
    status = sld__harvest_add(harvest, &series->bars, &form, r->source->file, 0, err);
  }
  return status;
}

sld_status sld__read_list(sld__harvest *harvest, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err) {
  reader r = { .source = source, .layout = layout, .text = *text, .used = layout->used };
  r.fields = sld__alloc(layout->allocator, layout->count + 1, sizeof *r.fields);
  sld_status status = r.fields ? find_columns(&r, err) : sld__fail_memory(err);
  if (status == SLD_OK) status = read_all(&r, err);
  if (status == SLD_OK) status = check_description(&r, err);
  if (status == SLD_OK) status = finish(&r, harvest, err);
  for (size_t i = 0; i < r.count; i++) sld__bar_columns_fini(&r.series[i].bars);
  sld__free(layout->allocator, r.series);
  sld__free(layout->allocator, r.fields);
  return status;
}
