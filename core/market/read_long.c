/* The bars of one pair: time, open, high, low, close and perhaps a volume, in columns named by the header.
 *
 * A row is first read by a fast path that knows only the plain form (no quotes, no signs, no exponents, at most 15 digits) and explains
 * nothing. Where it fails, for whatever reason, the same row is read by the slow path, which takes every form that is allowed and says
 * what is wrong with any other. So the slow path alone defines what is accepted. */
#include "market/read.h"

#include "base/time.h"
#include "market/column.h"
#include "market/decimal.h"
#include "market/instrument.h"
#include "market/stamp.h"

#include <math.h>
#include <string.h>

typedef struct bar {
  sld__stamp stamp;
  double value[SLD__VALUES];
} bar;

typedef struct reader {
  const sld__instruments *own;
  const sld__source *source;
  sld__header *header;
  const sld_instrument *instrument;
  int *kinds;               /* [header->count] */
  sld__field *fields;       /* [header->count + 1] */
  bool has[SLD__VALUES];         /* which values a bar has */
  sld__bar_columns bars;
  bool date_only;
  const char *last_newline; /* of the text; NULL: none */
  char date[10];            /* the date read last by the fast path, and its midnight; date[0] is 0 before the first */
  int64_t midnight;
} reader;

/* ---- The header ---- */

static sld_status unknown_column(const reader *r, const sld__field *name, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const char *near = sld__column_suggest(sld__field_word(name, word));
  if (near) return sld__text_fail(&r->header->text, SLD_ENAME, name->start, err, "unknown column '%s'; did you mean '%s'?", word, near);
  return sld__text_fail(&r->header->text, SLD_ENAME, name->start, err, "unknown column '%s'; a file of the same name ending in .json can leave it out: {\"ignore\": [\"%s\"]}", word, word);
}

/* An index without a name, as data frames write it, is the time. */
static int kind_of(const reader *r, const sld__field *name) {
  if (sld__description_find(r->source->description, name->start, name->size)) return SLD__SKIP;
  return name->size == 0 ? SLD__TIME : sld__column_kind(name->start, name->size);
}

static sld_status name_columns(reader *r, sld_error *err) {
  const sld__text *text = &r->header->text;
  char word[SLD__WORD_SIZE];
  bool has_time = false;
  for (size_t i = 0; i < r->header->count; i++) {
    const sld__field *name = &r->header->names[i];
    int kind = kind_of(r, name);
    r->kinds[i] = kind;
    if (kind < 0) return unknown_column(r, name, err);
    bool *has = kind == SLD__TIME ? &has_time : kind < SLD__VALUES ? &r->has[kind] : NULL;
    if (!has) continue;
    if (*has) return sld__text_fail(text, SLD_EPARSE, name->start, err, "a second column of %s: '%s'", kind == SLD__TIME ? "times" : sld__column_name(kind), sld__field_word(name, word));
    *has = true;
  }
  if (!has_time) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "no column of times (time, timestamp, date or datetime)");
  if (!r->has[SLD__CLOSE]) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "no column 'close'");
  if (r->has[SLD__OPEN] != r->has[SLD__HIGH] || r->has[SLD__OPEN] != r->has[SLD__LOW])
    return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "open, high and low go together; '%s' is missing", !r->has[SLD__OPEN] ? "open" : !r->has[SLD__HIGH] ? "high" : "low");
  return SLD_OK;
}

static sld_status check_description(const reader *r, sld_error *err) {
  const sld__description *d = r->source->description;
  for (size_t k = 0; k < d->mapping_count; k++) {
    const sld__mapping *mapping = &d->mappings[k];
    if (k < d->series_count) return sld__fail_at(err, SLD_EPARSE, d->file, mapping->line, mapping->column_at, "\"series\" describes columns of rates, but the file has bars; use \"pair\"");
    bool found = false;
    for (size_t i = 0; i < r->header->count && !found; i++) found = sld__description_find(d, r->header->names[i].start, r->header->names[i].size) == mapping;
    if (!found) return sld__fail_at(err, SLD_ENAME, d->file, mapping->line, mapping->column_at, "the file has no column '%s'", mapping->column);
  }
  return SLD_OK;
}

static sld_status name_pair(reader *r, sld_error *err) {
  r->instrument = r->source->description->instrument;
  if (r->instrument) return SLD_OK;
  const char *slash = strrchr(r->source->file, '/');
  const char *name = slash ? slash + 1 : r->source->file;
  size_t found = sld__instrument_in_text(r->own, &r->instrument, name, strlen(name));
  if (found == 1) return SLD_OK;
  return sld__fail_at(err, SLD_ENAME, r->source->file, 0, 0, "the file's name holds %s; name it after its pair (EURUSD.csv) or write a file of the same name ending in .json: {\"pair\": \"EURUSD\"}",
                      found == 0 ? "no known instrument" : "more than one instrument");
}

/* ---- Bars ---- */

static sld_status append(reader *r, const bar *b, sld_error *err) {
  sld__bar_columns *bars = &r->bars;
  size_t i = bars->count;
  if (i == bars->capacity) {
    size_t estimate = sld__read_estimate(&r->header->text);
    sld_status status = sld__bar_columns_reserve(bars, i + (estimate > i ? estimate : i), err);
    if (status != SLD_OK) return status;
  }
  bars->time[i] = b->stamp.time;
  bars->close[i] = b->value[SLD__CLOSE];
  if (!bars->one_price) {
    bars->open[i] = b->value[SLD__OPEN];
    bars->high[i] = b->value[SLD__HIGH];
    bars->low[i] = b->value[SLD__LOW];
  }
  if (bars->has_volume) bars->volume[i] = b->value[SLD__VOLUME];
  bars->count++;
  return SLD_OK;
}

/* One-price data: the other three follow the close. */
static void complete(const reader *r, bar *b) {
  if (!r->has[SLD__OPEN]) b->value[SLD__OPEN] = b->value[SLD__HIGH] = b->value[SLD__LOW] = b->value[SLD__CLOSE];
}

static double last_close(const reader *r) {
  return r->bars.count > 0 ? r->bars.close[r->bars.count - 1] : NAN;
}

/* ---- The slow path ---- */

static sld_status read_stamp(reader *r, bar *b, const sld__field *field, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const sld__bar_columns *bars = &r->bars;
  const char *wrong = sld__stamp_parse(&b->stamp, field->start, field->size);
  if (wrong) return sld__text_fail(&r->header->text, SLD_EPARSE, field->start, err, "'%s': %s", sld__field_word(field, word), wrong);
  if (bars->count == 0 || b->stamp.time > bars->time[bars->count - 1]) return SLD_OK;
  const char *how = b->stamp.time == bars->time[bars->count - 1] ? "is the time of the row before" : "is earlier than the row before";
  return sld__text_fail(&r->header->text, SLD_EPARSE, field->start, err, "%s %s", sld__field_word(field, word), how);
}

static sld_status read_volume(reader *r, bar *b, const sld__field *field, sld_error *err) {
  char word[SLD__WORD_SIZE];
  if (sld__decimal_parse(&b->value[SLD__VOLUME], field->start, field->size) != SLD__DECIMAL_OK)
    return sld__text_fail(&r->header->text, SLD_EPARSE, field->start, err, "volume: '%s' is not a number", sld__field_word(field, word));
  if (b->value[SLD__VOLUME] < 0.0) return sld__text_fail(&r->header->text, SLD_EPARSE, field->start, err, "volume: %s is below 0", sld__field_word(field, word));
  return SLD_OK;
}

static const sld__field *field_of(const reader *r, int kind) {
  for (size_t i = 0; i < r->header->count; i++)
    if (r->kinds[i] == kind) return &r->fields[i];
  return &r->fields[0];
}

static sld_status check_bar(const reader *r, const bar *b, sld_error *err) {
  const double *v = b->value;
  const char *why;
  const char *column = sld__bar_breach(v[SLD__OPEN], v[SLD__HIGH], v[SLD__LOW], v[SLD__CLOSE], &why);
  if (!column && (sld__read_slipped(v[SLD__LOW], v[SLD__HIGH]) || sld__read_slipped(last_close(r), v[SLD__CLOSE]))) {
    why = "this bar's prices are far apart or far from the bar before; has the decimal point slipped?";
    column = sld__read_slipped(v[SLD__LOW], v[SLD__HIGH]) && !sld__read_slipped(v[SLD__LOW], v[SLD__CLOSE]) ? "high" : sld__read_slipped(v[SLD__LOW], v[SLD__HIGH]) ? "low" : "close";
  }
  if (!column) return SLD_OK;
  int kind = SLD__OPEN;
  while (strcmp(sld__column_name(kind), column) != 0) kind++;
  return sld__text_fail(&r->header->text, SLD_EPARSE, field_of(r, kind)->start, err, "%s", why);
}

static sld_status slow_row(reader *r, bool *more, sld_error *err) {
  bar b;
  sld_status status = sld__read_row(r->header, r->fields, more, err);
  for (size_t i = 0; status == SLD_OK && *more && i < r->header->count; i++) {
    int kind = r->kinds[i];
    if (kind == SLD__TIME) status = read_stamp(r, &b, &r->fields[i], err);
    else if (kind == SLD__VOLUME) status = read_volume(r, &b, &r->fields[i], err);
    else if (kind != SLD__SKIP) status = sld__read_price(&b.value[kind], &r->header->text, &r->fields[i], sld__column_name(kind), r->instrument, err);
  }
  if (status != SLD_OK || !*more) return status;
  complete(r, &b);
  status = check_bar(r, &b, err);
  if (status != SLD_OK) return status;
  r->date_only = (r->bars.count == 0 || r->date_only) && b.stamp.date_only;
  return append(r, &b, err);
}

/* ---- The fast path ---- */

/* Bytes that the longest stamp of the fast path may look at. */
enum { STAMP_REACH = 32 };

static inline bool digit(char c) {
  return (unsigned char)(c - '0') <= 9;
}

/* Two digits, or a value of 100 and more. */
static inline int two(const char *p) {
  return digit(p[0]) && digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : 100;
}

/* A date and a time of day: 2012-01-03 17:00[:00][Z|+00:00]. STAMP_REACH bytes can be read. NULL: some other form. */
static inline const char *fast_stamp(reader *r, const char *p, sld__stamp *out) {
  if (r->date[0] == '\0' || memcmp(p, r->date, sizeof r->date) != 0) {
    sld__stamp day;
    if (sld__stamp_parse(&day, p, sizeof r->date) || !day.date_only) return NULL;
    memcpy(r->date, p, sizeof r->date);
    r->midnight = day.time;
  }
  p += sizeof r->date;
  int hour = two(p + 1);
  int minute = two(p + 4);
  int second = 0;
  if ((*p != ' ' && *p != 'T') || p[3] != ':') return NULL;
  p += 6;
  if (*p == ':') {
    second = two(p + 1);
    p += 3;
  }
  if (hour > 23 || minute > 59 || second > 59) return NULL;
  if (*p == 'Z') p++;
  else if (memcmp(p, "+00:00", 6) == 0) p += 6;
  *out = (sld__stamp){ r->midnight + (hour * 3600 + minute * 60 + second) * SLD__NS_PER_SECOND, false };
  return p;
}

/* Plain digits with at most one point. A newline lies ahead, so that the digits end. NULL: some other form. */
static inline const char *fast_decimal(const char *p, double *out) {
  const char *start = p;
  uint64_t mantissa = 0;
  for (; digit(*p); p++) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
  ptrdiff_t digits = p - start;
  ptrdiff_t decimals = 0;
  if (*p == '.') {
    start = ++p;
    for (; digit(*p); p++) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    decimals = p - start;
    digits += decimals;
  }
  if (digits == 0 || digits > 15) return NULL;
  *out = (double)mantissa / sld__decimal_tens[decimals];
  return p;
}

static inline const char *fast_skip(const char *p, char separator) {
  while (*p != separator && *p != '\n' && *p != '\r') {
    if (*p == '"' || *p == '\0') return NULL;
    p++;
  }
  return p;
}

static inline bool plausible(const reader *r, const bar *b) {
  const char *why;
  const double *v = b->value;
  double most = SLD__READ_MAX_PIPS * r->instrument->pip;
  if (r->bars.count > 0 && b->stamp.time <= r->bars.time[r->bars.count - 1]) return false;
  return !sld__bar_breach(v[SLD__OPEN], v[SLD__HIGH], v[SLD__LOW], v[SLD__CLOSE], &why) && v[SLD__HIGH] <= most && !sld__read_slipped(v[SLD__LOW], v[SLD__HIGH]) && !sld__read_slipped(last_close(r), v[SLD__CLOSE]);
}

/* Reads the row at text->at into `b`; returns where the next row starts, or NULL when the slow path must look. */
static const char *fast_row(reader *r, bar *b) {
  const char *p = r->header->text.at;
  size_t count = r->header->count;
  char separator = r->header->text.separator;
  if (!r->last_newline || r->last_newline - p < STAMP_REACH) return NULL;
  for (size_t i = 0; i < count; i++) {
    int kind = r->kinds[i];
    if (kind == SLD__TIME) p = r->last_newline - p < STAMP_REACH ? NULL : fast_stamp(r, p, &b->stamp);
    else if (kind == SLD__SKIP) p = fast_skip(p, separator);
    else p = fast_decimal(p, &b->value[kind]);
    if (!p) return NULL;
    if (i + 1 < count && *p++ != separator) return NULL;
  }
  if (*p == '\r') p++;
  if (*p != '\n') return NULL;
  complete(r, b);
  return plausible(r, b) ? p + 1 : NULL;
}

static sld_status read_rows(reader *r, sld_error *err) {
  sld__text *text = &r->header->text;
  for (bool more = true; more;) {
    bar b;
    const char *next = text->quoted_lines ? NULL : fast_row(r, &b);
    sld_status status;
    if (next) {
      text->line_start = text->at;
      text->line_end = next - 1;
      text->at = next;
      text->line++;
      r->date_only = false;
      status = append(r, &b, err);
    } else {
      status = slow_row(r, &more, err);
    }
    if (status != SLD_OK) return status;
  }
  if (r->bars.count == 0) return sld__fail_at(err, SLD_EPARSE, r->source->file, 1, 1, "a header and no rows");
  return SLD_OK;
}

static const char *find_last_newline(const sld__source *source) {
  for (size_t i = source->size; i-- > 0;)
    if (source->data[i] == '\n') return source->data + i;
  return NULL;
}

static sld_status seal(reader *r, sld__intake *intake, sld_error *err) {
  const sld__description *d = r->source->description;
  sld__series_form form = { r->instrument, 0, d->has_side ? d->side : SLD_BID, r->date_only, false };
  sld__series *series;
  sld_status status = sld__series_seal(&series, &r->bars, &form, r->source->file, err);
  return status == SLD_OK ? sld__intake_add(intake, series, r->source->file, err) : status;
}

sld_status sld__read_long(sld__intake *intake, const sld__source *source, sld__header *header, sld_error *err) {
  const sld_allocator *a = intake->allocator;
  reader r = { .own = intake->own, .source = source, .header = header, .last_newline = find_last_newline(source) };
  r.kinds = sld__alloc(a, header->count, sizeof *r.kinds);
  r.fields = sld__alloc(a, header->count + 1, sizeof *r.fields);
  sld_status status = r.kinds && r.fields ? SLD_OK : sld__fail_memory(err);
  if (status == SLD_OK) status = check_description(&r, err);
  if (status == SLD_OK) status = name_columns(&r, err);
  if (status == SLD_OK) status = name_pair(&r, err);
  r.bars = (sld__bar_columns){ .allocator = a, .one_price = !r.has[SLD__OPEN], .has_volume = r.has[SLD__VOLUME] };
  if (status == SLD_OK) status = read_rows(&r, err);
  if (status == SLD_OK) status = seal(&r, intake, err);
  sld__bar_columns_fini(&r.bars);
  sld__free(a, r.kinds);
  sld__free(a, r.fields);
  return status;
}
