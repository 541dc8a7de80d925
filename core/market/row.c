/* The slow path of reading a row. */
#include "market/row.h"

#include "market/stamp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const sld__field *field_of(const sld__reader *r, int kind) {
  for (size_t i = 0; i < r->layout->count; i++)
    if (r->layout->kinds[i] == kind) return &r->fields[i];
  return NULL;
}

/* ---- Time ---- */

enum { WORDS_SIZE = 2 * SLD__WORD_SIZE };

/* The row's time as it is written. */
static const char *time_words(const sld__reader *r, char out[WORDS_SIZE]) {
  char one[SLD__WORD_SIZE];
  char two[SLD__WORD_SIZE];
  const sld__field *date = field_of(r, SLD__DATE);
  const sld__field *whole = field_of(r, SLD__TIME);
  if (!whole) whole = field_of(r, SLD__MILLIS);
  if (whole) snprintf(out, WORDS_SIZE, "%s", sld__field_word(whole, one));
  else snprintf(out, WORDS_SIZE, "%s %s", sld__field_word(date, one), sld__field_word(field_of(r, SLD__CLOCK), two));
  return out;
}

static sld_status wrong_time(const sld__reader *r, const sld__field *field, const char *why, sld_error *err) {
  char word[SLD__WORD_SIZE];
  return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s': %s", sld__field_word(field, word), why);
}

static sld_status to_utc(sld__reader *r, const sld__field *field, int64_t local, int64_t *time, sld_error *err) {
  char words[WORDS_SIZE];
  size_t count = r->bars.count;
  int64_t before = count > 0 && !r->layout->newest_first ? r->bars.time[count - 1] - r->layout->ticks : INT64_MIN; /* ticks may stand still */
  sld__wall_answer answer = sld__wall_instant(&r->layout->wall, &r->cursor, local, before, time);
  if (answer == SLD__WALL_NEVER) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s': the clock of %s skips this time; is the zone right?", time_words(r, words), r->layout->wall.name);
  if (*time < SLD__STAMP_MIN || *time >= SLD__STAMP_END) return wrong_time(r, field, "outside the years 1800 to 2090", err);
  return SLD_OK;
}

static const char *earlier(const sld__reader *r) {
  return r->bars.count == 1 ? "is earlier than the row before; where the newest row is the first, tell it by newest_first" : "is earlier than the row before";
}

static const char *later(const sld__reader *r) {
  if (r->bars.count > 1) return "is later than the row before, but the file has its newest row first";
  return r->source->told->row_order == SLD_NEWEST_FIRST ? "is later than the row before, but the newest row is told to be the first" : "is later than the row before, but such files have their newest row first; tell it by newest_first where this one does not";
}

static sld_status check_order(const sld__reader *r, const sld__field *field, const sld__row *row, sld_error *err) {
  char words[WORDS_SIZE];
  if (sld__row_follows(r, row->time)) {
    if (r->bars.count == 0 || row->date_only == r->date_only) return SLD_OK;
    return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, row->date_only ? "'%s': a date alone, where the rows before have a time of day" : "'%s': a time of day, where the rows before have dates alone",
                          time_words(r, words));
  }
  int64_t last = r->bars.time[r->bars.count - 1];
  const char *how = row->time == last ? "is the time of the row before" : row->time < last ? earlier(r) : later(r);
  return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s %s", time_words(r, words), how);
}

/* Milliseconds since midnight, with a fraction of up to six digits. */
static const char *millis_of(const sld__field *field, int64_t *ns) {
  int64_t value = 0;
  size_t digits = 0;
  size_t decimals = 0;
  bool point = false;
  for (size_t i = 0; i < field->size; i++) {
    char c = field->start[i];
    if (c == '.' && !point && digits > 0) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9' || digits == 8 + 6) return "not a number of milliseconds";
    value = value * 10 + (c - '0');
    digits++;
    decimals += point;
  }
  if (digits == 0 || digits - decimals > 8 || (point && decimals == 0)) return "not a number of milliseconds";
  if (decimals > 6) return "a fraction finer than nanoseconds";
  for (; decimals < 6; decimals++) value *= 10;
  if (value >= SLD__NS_PER_DAY) return "a day has 86400000 milliseconds";
  *ns = value;
  return NULL;
}

/* The row's time, once every field of it has been seen; `field` is the last of them. */
static sld_status read_time(sld__reader *r, sld__row *row, const sld__field *field, sld_error *err) {
  const sld__layout *layout = r->layout;
  const sld__field *date = field_of(r, SLD__DATE);
  const sld__field *whole = field_of(r, SLD__TIME);
  const sld__field *clock = field_of(r, SLD__CLOCK);
  sld__stamp stamp = { layout->midnight, false, false };
  int64_t ns = 0;
  const char *wrong = NULL;
  if (!whole && !date) {
    whole = field;
    wrong = millis_of(field, &ns);
  } else {
    if (!whole) whole = date;
    wrong = sld__stamp_parse_as(&stamp, whole->start, whole->size, layout->day_order);
    if (!wrong && date && !stamp.date_only) wrong = "a date alone is expected, for the time of day stands in another column";
  }
  if (wrong) return wrong_time(r, whole, wrong, err);
  if (date) {
    wrong = sld__stamp_time_of_day(&ns, clock->start, clock->size);
    if (wrong) return wrong_time(r, clock, wrong, err);
    stamp.date_only = false;
  }
  row->time = stamp.time + ns;
  row->date_only = stamp.date_only;
  sld_status status = stamp.utc || stamp.date_only ? SLD_OK : to_utc(r, whole, row->time, &row->time, err);
  return status == SLD_OK ? check_order(r, whole, row, err) : status;
}

/* ---- Values ---- */

static sld_status read_volume(const sld__reader *r, sld__row *row, const sld__field *field, sld_error *err) {
  char word[SLD__WORD_SIZE];
  double *volume = &row->value[SLD__VOLUME];
  if (sld__layout_number(r->layout, field, volume) != SLD__DECIMAL_OK) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "volume: '%s' is not a number", sld__field_word(field, word));
  if (*volume < 0.0) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "volume: %s is below 0", sld__field_word(field, word));
  return SLD_OK;
}

/* What a column is called in messages: of ticks the close is the bid. */
static const char *name_of(const sld__layout *layout, int kind) {
  if (layout->ticks && kind == SLD__CLOSE) return "bid";
  if (layout->ticks && kind == SLD__ASK_CLOSE) return "ask";
  return sld__column_name(kind);
}

/* A side that is left empty stands as before. */
static sld_status carry(const sld__reader *r, sld__row *row, int kind, const sld__field *field, sld_error *err) {
  size_t count = r->bars.count;
  if (count == 0) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "the %s is empty, and no row before has one", name_of(r->layout, kind));
  row->value[kind] = kind == SLD__CLOSE ? r->bars.close[count - 1] : r->bars.ask_close[count - 1];
  return SLD_OK;
}

/* MetaTrader's flags: 2 the bid has changed, 4 the ask. */
static sld_status check_flags(const sld__reader *r, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const sld__field *field = field_of(r, SLD__FLAGS);
  const sld__field *bid = field_of(r, SLD__CLOSE);
  const sld__field *ask = field_of(r, SLD__ASK_CLOSE);
  double flags;
  if (!field) return SLD_OK;
  if (sld__decimal_parse(&flags, field->start, field->size) != SLD__DECIMAL_OK || flags < 0.0 || flags > 1023.0 || flags != floor(flags))
    return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "flags: '%s' is none of MetaTrader's flags", sld__field_word(field, word));
  bool bid_changed = ((int)flags & 2) != 0;
  bool ask_changed = ((int)flags & 4) != 0;
  const sld__field *lost = bid_changed && bid->size == 0 ? bid : ask_changed && ask && ask->size == 0 ? ask : NULL;
  if (!lost) return SLD_OK;
  return sld__text_fail(&r->text, SLD_EPARSE, lost->start, err, "the %s is empty, but the flags say that it has changed", lost == bid ? "bid" : "ask");
}

static sld_status check_ticker(const sld__reader *r, const sld__field *field, sld_error *err) {
  char word[SLD__WORD_SIZE];
  const sld__field *first = &r->layout->ticker;
  if (field->size == first->size && memcmp(field->start, first->start, first->size) == 0) return SLD_OK;
  return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s' after rows of %s; a file holds one instrument", sld__field_word(field, word), r->layout->instrument->pair);
}

/* ---- The bar as a whole ---- */

static double last_close(const sld__reader *r) {
  return r->bars.count > 0 ? r->bars.close[r->bars.count - 1] : NAN;
}

/* The column of prices that lie far from each other or from the row before. */
static const char *slipped(const sld__reader *r, const double *v) {
  bool in_bar = sld__read_slipped(v[SLD__LOW], v[SLD__HIGH]);
  if (in_bar) return sld__read_slipped(v[SLD__LOW], v[SLD__CLOSE]) ? "low" : "high";
  if (sld__read_slipped(last_close(r), v[SLD__CLOSE])) return "close";
  if (!r->layout->has[SLD__ASK_CLOSE]) return NULL;
  if (sld__read_slipped(v[SLD__CLOSE], v[SLD__ASK_CLOSE])) return "ask_close";
  return sld__read_slipped(v[SLD__ASK_LOW], v[SLD__ASK_HIGH]) ? "ask_high" : NULL;
}

static int kind_called(const char *column) {
  int kind = SLD__OPEN;
  while (strcmp(sld__column_name(kind), column) != 0) kind++;
  return kind;
}

static sld_status check_bar(const sld__reader *r, const sld__row *row, sld_error *err) {
  const double *v = row->value;
  const char *why;
  const char *column = sld__bar_breach(v[SLD__OPEN], v[SLD__HIGH], v[SLD__LOW], v[SLD__CLOSE], &why);
  if (!column && r->layout->has[SLD__ASK_CLOSE]) {
    const double bid[] = { v[SLD__OPEN], v[SLD__HIGH], v[SLD__LOW], v[SLD__CLOSE] };
    const double ask[] = { v[SLD__ASK_OPEN], v[SLD__ASK_HIGH], v[SLD__ASK_LOW], v[SLD__ASK_CLOSE] };
    column = sld__ask_breach(bid, ask, &why);
  }
  if (!column && (column = slipped(r, v))) why = "this bar's prices are far apart or far from the bar before; has the decimal point slipped?";
  if (!column) return SLD_OK;
  int kind = kind_called(column);
  const sld__field *field = field_of(r, kind);
  if (!field) field = field_of(r, kind >= SLD__ASK_OPEN ? SLD__ASK_CLOSE : SLD__CLOSE); /* the only price there is */
  return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s", why);
}

static sld_status read_field(sld__reader *r, sld__row *row, size_t i, size_t *time_fields, sld_error *err) {
  const sld__layout *layout = r->layout;
  const sld__field *field = &r->fields[i];
  int kind = layout->kinds[i];
  switch (kind) {
    case SLD__DATE:
    case SLD__CLOCK: return ++*time_fields == 2 ? read_time(r, row, field, err) : SLD_OK;
    case SLD__TIME:
    case SLD__MILLIS: return read_time(r, row, field, err);
    case SLD__VOLUME: return read_volume(r, row, field, err);
    case SLD__PAIR: return check_ticker(r, field, err);
    case SLD__FLAGS: return check_flags(r, err);
    default: break;
  }
  if (kind >= SLD__VALUES) return SLD_OK;
  if (field->size == 0 && layout->ticks && sld__layout_habit(layout, SLD__CARRY)) return carry(r, row, kind, field, err);
  return sld__read_price(&row->value[kind], layout, &r->text, field, name_of(layout, kind), layout->instrument, &r->rounded, err);
}

sld_status sld__row_read(sld__reader *r, sld__row *out, bool *more, sld_error *err) {
  size_t time_fields = 0;
  sld_status status = sld__layout_row(r->layout, &r->text, r->fields, more, err);
  for (size_t i = 0; status == SLD_OK && *more && i < r->layout->count; i++) status = read_field(r, out, i, &time_fields, err);
  if (status != SLD_OK || !*more) return status;
  sld__row_complete(r->layout, out);
  return check_bar(r, out, err);
}

sld_status sld__row_room(sld__reader *r, sld_error *err) {
  size_t count = r->bars.count;
  size_t estimate = sld__read_estimate(&r->text);
  return sld__bar_columns_reserve(&r->bars, count + (estimate > count ? estimate : count), err);
}
