/* The columns of a file. */
#include "market/layout.h"

#include "market/instrument.h"

#include <string.h>
#include <strings.h>

/* No exchange rate is quoted in so many columns; a first line with more is no header. */
enum { COLUMNS_MAX = 10000 };

static bool called(const sld__field *name, const char *word) {
  size_t size = strlen(word);
  const char *start = name->start;
  size_t length = name->size;
  if (length > 2 && start[0] == '<' && start[length - 1] == '>') {
    start++;
    length -= 2;
  }
  return length >= size && strncasecmp(start, word, size) == 0;
}

/* ---- The first line ---- */

static sld_status read_first_line(sld__layout *out, const sld__source *source, sld__text *text, sld_error *err) {
  bool more;
  sld_status status = sld__text_open(text, source->file, source->data, source->size, err);
  if (status == SLD_OK) status = sld__text_next(text, &more, err);
  if (status != SLD_OK) return status;
  if (!more) return sld__fail_at(err, SLD_EPARSE, source->file, 1, 1, "the file holds nothing but blanks");
  if (!text->separator) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "a header of columns with , ; or tab between them is expected");

  out->count = sld__text_count_fields(text);
  if (out->count > COLUMNS_MAX) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "a header of %zu columns", out->count);
  out->names = sld__alloc(out->allocator, out->count + 1, sizeof *out->names);
  out->kinds = sld__alloc(out->allocator, out->count + 1, sizeof *out->kinds);
  if (!out->names || !out->kinds) return sld__fail_memory(err);
  size_t count;
  status = sld__text_split(text, out->names, out->count + 1, &count, err);
  if (status != SLD_OK) return status;
  if (out->count > 1 && out->names[out->count - 1].size == 0) out->count--;
  return SLD_OK;
}

static const sld__field *first_value(const sld__layout *layout) {
  for (size_t i = 0; i < layout->count; i++)
    if (layout->names[i].size > 0 && !sld__dialect_is_name(&layout->names[i])) return &layout->names[i];
  return NULL;
}

static sld_status check_names(const sld__layout *layout, const sld__text *text, sld_error *err) {
  char word[SLD__WORD_SIZE];
  for (size_t i = 0; i < layout->count; i++) {
    const sld__field *name = &layout->names[i];
    if (name->size == 0 && i > 0) return sld__text_fail(text, SLD_EPARSE, name->start, err, "column %zu has no name", i + 1);
    for (size_t k = 0; k < i; k++)
      if (layout->names[k].size == name->size && memcmp(layout->names[k].start, name->start, name->size) == 0)
        return sld__text_fail(text, SLD_EPARSE, name->start, err, "two columns are called '%s'", sld__field_word(name, word));
  }
  return SLD_OK;
}

/* ---- Without a header ---- */

static sld_status no_form(const sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const sld__field *value = first_value(layout);
  if (source->told->dialect)
    return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "the line is no row of dialect %s: %s", source->told->dialect->public.name, source->told->dialect->public.about);
  if (value == &layout->names[0] && sld__dialect_is_time(value))
    return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "no header, and rows of %zu fields that begin with '%s' are of no known dialect; tell what they hold by \"columns\" in a file of the same name ending in .json",
                          layout->count, sld__field_word(value, word));
  return sld__text_fail(text, SLD_EPARSE, value->start, err, "'%s' is no column's name; the first line must be a header", sld__field_word(value, word));
}

static void kinds_of_form(sld__layout *layout, const char *columns) {
  for (size_t i = 0; i < layout->count; i++) {
    size_t size = strcspn(columns, " ");
    layout->kinds[i] = size == 4 && memcmp(columns, "date", 4) == 0 ? SLD__DATE : size == 1 && *columns == '-' ? SLD__SKIP : sld__column_kind(columns, size);
    columns += size + (columns[size] == ' ');
  }
}

static sld_status take_columns(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  const sld__description *d = source->description;
  if (d->column_count != layout->count)
    return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "%zu fields, but \"columns\" in %s tells of %zu", layout->count, d->file, d->column_count);
  memcpy(layout->kinds, d->columns, layout->count * sizeof *layout->kinds);
  return SLD_OK;
}

static sld_status name_by_row(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  const sld__dialect_form *form = NULL;
  const sld__dialect *told = source->told->dialect;
  if (source->description->columns) {
    layout->dialect = told ? told : sld__dialect_bars();
    return take_columns(layout, source, text, err);
  }
  layout->dialect = sld__dialect_of_row(told, layout->names, layout->count, &form);
  if (!layout->dialect) return no_form(layout, source, text, err);
  kinds_of_form(layout, form->columns);
  return SLD_OK;
}

/* ---- With a header ---- */

/* -1: unknown. */
static int kind_of(const sld__layout *layout, const sld__source *source, size_t i) {
  const sld__field *name = &layout->names[i];
  const sld__mapping *mapping = sld__description_find(source->description, name->start, name->size);
  if (mapping && mapping->ignored) return SLD__SKIP;
  if (mapping && mapping->kind >= 0) return mapping->kind;
  if (name->size == 0) return SLD__TIME; /* an index without a name, as data frames write it */
  bool exchange = layout->dialect && sld__layout_habit(layout, SLD__SKIP_VOL) && (called(name, "vol") || called(name, "last"));
  return exchange ? SLD__SKIP : sld__column_kind(name->start, name->size);
}

/* Two columns of times are a date and a time of day. */
static void part_time(sld__layout *layout) {
  size_t date = layout->count;
  size_t clock = layout->count;
  size_t times = 0;
  for (size_t i = 0; i < layout->count; i++) {
    if (layout->kinds[i] != SLD__TIME && layout->kinds[i] != SLD__DATE) continue;
    times++;
    if (layout->kinds[i] == SLD__DATE || called(&layout->names[i], "date")) date = i;
    else if (called(&layout->names[i], "time")) clock = i;
  }
  if (times == 2 && date < layout->count && clock < layout->count) {
    layout->kinds[date] = SLD__DATE;
    layout->kinds[clock] = SLD__CLOCK;
  } else if (times == 1 && date < layout->count) {
    bool has_clock = false;
    for (size_t i = 0; i < layout->count; i++) has_clock = has_clock || layout->kinds[i] == SLD__CLOCK;
    layout->kinds[date] = has_clock ? SLD__DATE : SLD__TIME;
  }
}

static bool has_kind(const sld__layout *layout, int from, int to) {
  for (size_t i = 0; i < layout->count; i++)
    if (layout->kinds[i] >= from && layout->kinds[i] <= to) return true;
  return false;
}

static const sld__dialect *dialect_of_kinds(const sld__layout *layout) {
  if (has_kind(layout, SLD__OPEN, SLD__CLOSE) || has_kind(layout, SLD__ASK_OPEN, SLD__ASK_CLOSE)) {
    bool quotes = has_kind(layout, SLD__ASK_CLOSE, SLD__ASK_CLOSE) && !has_kind(layout, SLD__OPEN, SLD__OPEN);
    return quotes ? sld__dialect_quotes() : sld__dialect_bars();
  }
  return has_kind(layout, SLD__NAME, SLD__NAME) && has_kind(layout, SLD__RATE, SLD__RATE) ? sld__dialect_rates_list() : sld__dialect_rates();
}

static sld_status name_by_header(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  layout->has_header = true;
  sld_status status = check_names(layout, text, err);
  if (status != SLD_OK) return status;
  layout->dialect = source->told->dialect ? source->told->dialect : sld__dialect_of_header(layout->names, layout->count);
  if (source->description->columns) {
    status = take_columns(layout, source, text, err);
  } else {
    for (size_t i = 0; i < layout->count; i++) layout->kinds[i] = kind_of(layout, source, i);
    part_time(layout);
  }
  if (!layout->dialect) layout->dialect = dialect_of_kinds(layout);
  return status;
}

/* ---- What the columns must be ---- */

static sld_status unknown_column(const sld__source *source, const sld__text *text, const sld__field *name, sld_error *err) {
  char word[SLD__WORD_SIZE];
  (void)source;
  const char *near = sld__column_suggest(sld__field_word(name, word));
  if (near) return sld__text_fail(text, SLD_ENAME, name->start, err, "unknown column '%s'; did you mean '%s'?", word, near);
  return sld__text_fail(text, SLD_ENAME, name->start, err, "unknown column '%s'; a file of the same name ending in .json can leave it out: {\"ignore\": [\"%s\"]}", word, word);
}

static sld_status count_columns(sld__layout *layout, const sld__source *source, const sld__text *text, sld_error *err) {
  char word[SLD__WORD_SIZE];
  bool seen[SLD__SKIP] = { false };
  for (size_t i = 0; i < layout->count; i++) {
    const sld__field *name = &layout->names[i];
    int kind = layout->kinds[i];
    if (kind < 0) return unknown_column(source, text, name, err);
    if (kind == SLD__SKIP) continue;
    if (seen[kind]) return sld__text_fail(text, SLD_EPARSE, name->start, err, "a second column of %s: '%s'", kind == SLD__TIME ? "times" : sld__column_name(kind), sld__field_word(name, word));
    seen[kind] = true;
  }
  if (!seen[SLD__TIME] && !(seen[SLD__DATE] && seen[SLD__CLOCK]) && !seen[SLD__MILLIS])
    return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "no column of times (time, timestamp, date or datetime)");
  memcpy(layout->has, seen, sizeof layout->has);
  return SLD_OK;
}

static sld_status check_prices(sld__layout *layout, const sld__text *text, sld_error *err) {
  const bool *has = layout->has;
  if (!has[SLD__CLOSE]) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "no column 'close'");
  if (has[SLD__OPEN] != has[SLD__HIGH] || has[SLD__OPEN] != has[SLD__LOW])
    return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "open, high and low go together; '%s' is missing", !has[SLD__OPEN] ? "open" : !has[SLD__HIGH] ? "high" : "low");
  bool any = has[SLD__ASK_OPEN] || has[SLD__ASK_HIGH] || has[SLD__ASK_LOW] || has[SLD__ASK_CLOSE];
  bool all = has[SLD__ASK_CLOSE] && has[SLD__ASK_OPEN] == has[SLD__OPEN] && has[SLD__ASK_HIGH] == has[SLD__OPEN] && has[SLD__ASK_LOW] == has[SLD__OPEN];
  if (any && !all) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "asks go with bids: one for each of open, high, low and close that there is");
  return SLD_OK;
}

static sld_status check_description(const sld__layout *layout, const sld__source *source, sld_error *err) {
  const sld__description *d = source->description;
  for (size_t k = 0; k < d->mapping_count; k++) {
    const sld__mapping *mapping = &d->mappings[k];
    if (mapping->instrument) return sld__fail_at(err, SLD_EPARSE, d->file, mapping->line, mapping->column_at, "\"series\" describes columns of rates, but the file has bars; use \"pair\"");
    bool found = false;
    for (size_t i = 0; i < layout->count && layout->has_header && !found; i++) found = sld__description_find(d, layout->names[i].start, layout->names[i].size) == mapping;
    if (!found) return sld__fail_at(err, SLD_ENAME, d->file, mapping->line, mapping->column_at, "the file has no column '%s'", mapping->column);
  }
  return SLD_OK;
}

static bool is_of_rates(const sld__layout *layout) {
  if (sld__layout_habit(layout, SLD__RATES)) return true;
  return !has_kind(layout, SLD__OPEN, SLD__CLOSE) && !has_kind(layout, SLD__ASK_OPEN, SLD__ASK_CLOSE) && layout->has_header;
}

sld_status sld__layout_open(sld__layout *out, const sld_allocator *a, const sld__source *source, sld__text *text, sld_error *err) {
  *out = (sld__layout){ .allocator = a, .decimal = '.', .scale = source->told->scale != 0.0 ? source->told->scale : 1.0, .used = SLD__TOLD_DIALECT | SLD__TOLD_SIDE | SLD__TOLD_SCALE };
  sld_status status = read_first_line(out, source, text, err);
  if (status != SLD_OK) return status;
  bool headless = first_value(out) != NULL;
  status = headless ? name_by_row(out, source, text, err) : name_by_header(out, source, text, err);
  if (status != SLD_OK || is_of_rates(out)) return status;
  status = check_description(out, source, err);
  if (status == SLD_OK) status = count_columns(out, source, text, err);
  if (status == SLD_OK) status = check_prices(out, text, err);
  if (headless) sld__text_back(text);
  return status == SLD_OK ? sld__layout_look(out, source, text, err) : status;
}

void sld__layout_close(sld__layout *layout) {
  sld__free(layout->allocator, layout->names);
  sld__free(layout->allocator, layout->kinds);
  sld__wall_close(&layout->wall);
}

sld_status sld__layout_row(const sld__layout *layout, sld__text *text, sld__field *fields, bool *more, sld_error *err) {
  sld_status status = sld__text_next(text, more, err);
  if (status != SLD_OK || !*more) return status;
  size_t count;
  status = sld__text_split(text, fields, layout->count + 1, &count, err);
  if (status != SLD_OK) return status;
  const char *whose = layout->has_header ? "the header" : "the first row";
  if (count < layout->count) return sld__text_fail(text, SLD_EPARSE, text->line_end, err, "%zu field%s where %s has %zu", count, count == 1 ? "" : "s", whose, layout->count);
  bool trailing_separator = count == layout->count + 1 && fields[layout->count].size == 0;
  if (count > layout->count && !trailing_separator)
    return sld__text_fail(text, SLD_EPARSE, fields[layout->count].start, err, "%zu field%s where %s has %zu", count, count == 1 ? "" : "s", whose, layout->count);
  return SLD_OK;
}
