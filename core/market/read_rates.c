/* Reading files of short rates.
 *
 * Wide: a column of dates, which may be any, and a column for each currency; rows forward or back in time. Long: the OECD's, a row for each
 * area and period, of which monthly ones are read. */
#include "market/rates.h"

#include "base/alloc.h"
#include "base/json_read.h"
#include "base/os.h"
#include "market/decimal.h"
#include "market/stamp.h"
#include "market/text.h"
#include "market/unpack.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A rate beyond it is none: it was meant in basis points, or is a price. */
#define PERCENT_MAX 1000.0

enum { COLUMNS_MAX = 1000, SHORTEST_MONTH = 28, SHORTEST_QUARTER = 89 };

/* ---- The description ---- */

/* What NAME.json beside the file says; zeroed: there is none. */
typedef struct about {
  char *file;
  struct sld__map map;
  json_t *root;
} about;

static sld_status about_fail(const about *a, sld_status status, const char *outer, const char *inner, sld_error *err, const char *message) {
  const char *keys[] = { outer, inner };
  int64_t line, column;
  sld__json_place(a->map.data, a->map.size, keys, outer ? (inner ? 2 : 1) : 0, &line, &column);
  return sld__fail_at(err, status, a->file, line, column, "%s", message);
}

static sld_status check_about(const about *a, sld_error *err) {
  static const char *const fields[] = { "daily", "ignore", "lag_days", "monthly", "series", "source" };
  enum { FIELDS = sizeof fields / sizeof *fields };
  const char *key;
  json_t *value;
  if (!json_is_object(a->root)) return about_fail(a, SLD_EPARSE, NULL, NULL, err, "an object is expected");
  json_object_foreach(a->root, key, value) {
    char message[160];
    bool known = false;
    for (size_t i = 0; i < FIELDS; i++) known |= strcmp(key, fields[i]) == 0;
    const char *near = sld_suggest(key, fields, FIELDS);
    snprintf(message, sizeof message, "unknown field; %s%s", near ? "did you mean " : "there are ", near ? near : "source, series, ignore, daily, monthly and lag_days");
    if (!known) return about_fail(a, SLD_EPARSE, key, NULL, err, message);
  }
  json_t *series = json_object_get(a->root, "series"), *lag = json_object_get(a->root, "lag_days");
  if (series && !json_is_object(series)) return about_fail(a, SLD_EPARSE, "series", NULL, err, "series must be an object from columns to currencies: {\"DFF\": \"USD\"}");
  json_object_foreach(series, key, value)
    if (!json_is_string(value)) return about_fail(a, SLD_EPARSE, "series", key, err, "the currency must be a text such as \"USD\"");
  for (size_t i = 0; i < 3; i++) {
    const char *list = (const char *const[]){ "ignore", "monthly", "daily" }[i];
    json_t *array = json_object_get(a->root, list);
    bool good = !array || json_is_array(array);
    for (size_t k = 0; good && k < json_array_size(array); k++) good = json_is_string(json_array_get(array, k));
    char message[80];
    snprintf(message, sizeof message, "%s must be an array of %s", list, i ? "currencies: [\"JPY\"]" : "columns");
    if (!good) return about_fail(a, SLD_EPARSE, list, NULL, err, message);
  }
  if (lag && !(json_is_number(lag) && json_number_value(lag) >= 0.0 && json_number_value(lag) <= 366.0))
    return about_fail(a, SLD_ERANGE, "lag_days", NULL, err, "lag_days must be a number from 0 to 366");
  return SLD_OK;
}

/* Looks for NAME.json beside NAME.csv or NAME.csv.gz. */
static sld_status about_open(about *out, const sld_allocator *a, const char *path, sld_error *err) {
  *out = (about){ .file = NULL };
  size_t size = strlen(path);
  if (size > 3 && strcasecmp(path + size - 3, ".gz") == 0) size -= 3;
  if (size > 4 && strncasecmp(path + size - 4, ".csv", 4) == 0) size -= 4;
  char *beside = sld__alloc(a, size + sizeof ".json", 1);
  if (!beside) return sld__fail_memory(err);
  memcpy(beside, path, size);
  memcpy(beside + size, ".json", sizeof ".json");
  out->file = beside;
  if (!sld__os_is_file(beside)) return SLD_OK;
  sld_status status = sld__os_map_file(&out->map, beside, err);
  if (status == SLD_OK) status = sld__json_parse(&out->root, beside, out->map.data, out->map.size, err);
  return status == SLD_OK ? check_about(out, err) : status;
}

static void about_close(about *a, const sld_allocator *allocator) {
  json_decref(a->root);
  sld__os_map_close(&a->map);
  sld__free(allocator, a->file);
}

static bool listed(const about *a, const char *list, const char *word) {
  json_t *array = json_object_get(a->root, list);
  for (size_t i = 0; i < json_array_size(array); i++)
    if (strcmp(json_string_value(json_array_get(array, i)), word) == 0) return true;
  return false;
}

/* ---- Columns ---- */

typedef struct column {
  char currency[8]; /* "": not read */
  size_t count, capacity;
  int64_t *date;
  double *percent;
} column;

typedef struct reader {
  const sld__rates *rates; /* those that are there */
  sld__rates read;         /* those of this file */
  const sld__instruments *own;
  const sld_allocator *a;
  about about;
  sld__members members; /* what a packed file holds */
  sld__text text;
  sld__field *names, *fields; /* [width + 1] */
  size_t width;
  bool by_month;   /* all figures are of months */
  size_t date;     /* the column of dates */
  column *columns; /* [column_count] */
  size_t column_count;
} reader;

static sld_status grow(reader *r, column *c, sld_error *err) {
  size_t capacity = c->capacity ? 2 * c->capacity : 256;
  int64_t *date = sld__realloc(r->a, c->date, capacity, sizeof *date);
  if (date) c->date = date;
  double *percent = date ? sld__realloc(r->a, c->percent, capacity, sizeof *percent) : NULL;
  if (!percent) return sld__fail_memory(err);
  c->percent = percent;
  c->capacity = capacity;
  return SLD_OK;
}

static bool hole(const sld__field *field) {
  static const char *const words[] = { "", ".", "ND", "N/A", "NA" };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (field->size == strlen(words[i]) && memcmp(field->start, words[i], field->size) == 0) return true;
  return false;
}

/* Appends the figure in a field; holes are none. */
static sld_status add(reader *r, column *c, int64_t date, const sld__field *field, sld_error *err) {
  char word[SLD__WORD_SIZE];
  double percent;
  if (hole(field)) return SLD_OK;
  if (sld__decimal_parse(&percent, field->start, field->size) != SLD__DECIMAL_OK)
    return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s: '%s' is not a number", c->currency, sld__field_word(field, word));
  if (fabs(percent) > PERCENT_MAX) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s: %s is no rate in percent a year", c->currency, sld__field_word(field, word));
  if (c->count == c->capacity) {
    sld_status status = grow(r, c, err);
    if (status != SLD_OK) return status;
  }
  c->date[c->count] = date;
  c->percent[c->count++] = percent;
  return SLD_OK;
}

/* ---- Currencies ---- */

static bool has_currency(const sld_instrument *i, const char *name) {
  return strcmp(i->base, name) == 0 || strcmp(i->quote, name) == 0;
}

static bool known_currency(const sld__instruments *own, const char *name) {
  for (size_t i = 0; i < own->count; i++)
    if (has_currency(&own->list[i], name)) return true;
  for (size_t i = 0; sld__instrument_at(i); i++)
    if (has_currency(sld__instrument_at(i), name)) return true;
  return false;
}

static const char *near_currency(const char *word) {
  const char *near = NULL;
  for (size_t i = 0; sld__instrument_at(i); i++) {
    const char *quote = sld__instrument_at(i)->quote, *both[] = { near ? near : quote, quote };
    const char *nearer = sld_suggest(word, both, 2);
    if (nearer) near = nearer;
  }
  return near;
}

/* The currency that a column holds by its own name or by the description. */
static sld_status name_column(reader *r, column *c, const sld__field *name, sld_error *err) {
  char word[SLD__WORD_SIZE];
  sld__field_word(name, word);
  if (listed(&r->about, "ignore", word)) return SLD_OK;
  const char *told = json_string_value(json_object_get(json_object_get(r->about.root, "series"), word));
  const char *currency = told ? told : word;
  if (!known_currency(r->own, currency)) {
    char message[256];
    const char *near = near_currency(currency);
    snprintf(message, sizeof message, "'%.32s' is no currency%s%s%s", currency, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    if (told) return about_fail(&r->about, SLD_ENAME, "series", word, err, message);
    if (near) return sld__text_fail(&r->text, SLD_ENAME, name->start, err, "column %s", message);
    return sld__text_fail(&r->text, SLD_ENAME, name->start, err, "column %s; a file of the same name ending in .json can say which it is: {\"series\": {\"%.32s\": \"USD\"}}", message, word);
  }
  for (size_t i = 0; i < r->column_count; i++)
    if (&r->columns[i] != c && strcmp(r->columns[i].currency, currency) == 0) return sld__text_fail(&r->text, SLD_EVALUE, name->start, err, "a second column of %s", currency);
  if (sld__rates_find(r->rates, currency)) return sld__text_fail(&r->text, SLD_EVALUE, name->start, err, "rates of %s are loaded already", currency);
  memcpy(c->currency, currency, strlen(currency) + 1); /* a known one: it is short */
  return SLD_OK;
}

/* ---- Wide files ---- */

/* The column of dates: by its name, else the first. */
static size_t date_column(const reader *r) {
  static const char *const usual[] = { "date", "observation_date", "time", "day", "timestamp", "period" };
  for (size_t i = 0; i < r->width; i++)
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
      if (r->names[i].size == strlen(usual[k]) && strncasecmp(r->names[i].start, usual[k], r->names[i].size) == 0) return i;
  return 0;
}

static sld_status name_columns(reader *r, sld_error *err) {
  size_t used = 0;
  r->date = date_column(r);
  r->column_count = r->width;
  for (size_t i = 0; i < r->width; i++) {
    if (i == r->date) continue;
    sld_status status = name_column(r, &r->columns[i], &r->names[i], err);
    if (status != SLD_OK) return status;
    used += r->columns[i].currency[0] != '\0';
  }
  if (used == 0) return sld__text_fail(&r->text, SLD_EPARSE, r->text.line_start, err, "no column of rates");
  return SLD_OK;
}

/* Reads the date of a row; `way` becomes 1 forward or -1 back in time with the second one. */
static sld_status read_date(const reader *r, int64_t last, size_t rows, int *way, int64_t *out, sld_error *err) {
  const sld__field *field = &r->fields[r->date];
  sld__stamp stamp;
  char word[SLD__WORD_SIZE];
  const char *wrong = sld__stamp_parse(&stamp, field->start, field->size);
  sld__field_word(field, word);
  if (wrong) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s': %s", word, wrong);
  if (stamp.time % SLD__NS_PER_DAY != 0) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%s' is a time of day: rates are by date", word);
  int now = rows == 0 ? 0 : stamp.time > last ? 1 : stamp.time < last ? -1 : 0;
  if (rows > 0 && now == 0) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s stands here twice", word);
  if (rows > 1 && now != *way) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "%s is out of order: the rows before go %s in time", word, *way > 0 ? "forward" : "back");
  *way = now;
  *out = stamp.time;
  return SLD_OK;
}

/* The next row into `fields`. */
static sld_status next_row(reader *r, bool *more, sld_error *err) {
  size_t count;
  sld_status status = sld__text_next(&r->text, more, err);
  if (status != SLD_OK || !*more) return status;
  status = sld__text_split(&r->text, r->fields, r->width + 1, &count, err);
  if (status != SLD_OK) return status;
  bool trailing = count == r->width + 1 && r->fields[r->width].size == 0;
  if (count == r->width || trailing) return SLD_OK;
  const char *where = count > r->width ? r->fields[r->width].start : r->text.line_end;
  return sld__text_fail(&r->text, SLD_EPARSE, where, err, "%zu field%s where the header has %zu", count, count == 1 ? "" : "s", r->width);
}

static void reverse(column *c) {
  for (size_t i = 0, k = c->count; i + 1 < k; i++) {
    k--;
    int64_t date = c->date[i];
    double percent = c->percent[i];
    c->date[i] = c->date[k];
    c->percent[i] = c->percent[k];
    c->date[k] = date;
    c->percent[k] = percent;
  }
}

static sld_status read_wide(reader *r, sld_error *err) {
  int64_t last = 0;
  int way = 0;
  bool more;
  sld_status status = name_columns(r, err);
  for (size_t rows = 0; status == SLD_OK; rows++) {
    int64_t date = 0;
    status = next_row(r, &more, err);
    if (status != SLD_OK || !more) break;
    status = read_date(r, last, rows, &way, &date, err);
    for (size_t i = 0; status == SLD_OK && i < r->width; i++)
      if (r->columns[i].currency[0]) status = add(r, &r->columns[i], date, &r->fields[i], err);
    last = date;
  }
  for (size_t i = 0; way < 0 && i < r->width; i++) reverse(&r->columns[i]);
  return status;
}

/* ---- The OECD's long files ---- */

/* Areas with a currency of their own. */
static const struct { const char *area, *currency; } areas[] = {
  { "AUS", "AUD" }, { "BRA", "BRL" }, { "CAN", "CAD" }, { "CHE", "CHF" }, { "CHN", "CNY" }, { "CZE", "CZK" }, { "DNK", "DKK" }, { "EA19", "EUR" },
  { "EA20", "EUR" }, { "GBR", "GBP" }, { "HUN", "HUF" }, { "IND", "INR" }, { "ISR", "ILS" }, { "JPN", "JPY" }, { "KOR", "KRW" }, { "MEX", "MXN" },
  { "NOR", "NOK" }, { "NZL", "NZD" }, { "POL", "PLN" }, { "ROU", "RON" }, { "RUS", "RUB" }, { "SWE", "SEK" }, { "TUR", "TRY" }, { "USA", "USD" },
  { "ZAF", "ZAR" },
};
enum { AREAS = sizeof areas / sizeof *areas };

/* Index of the column of this name; width: there is none. */
static size_t named(const reader *r, const char *name) {
  size_t i = 0;
  while (i < r->width && !(r->names[i].size == strlen(name) && strncasecmp(r->names[i].start, name, r->names[i].size) == 0)) i++;
  return i;
}

static bool is_long(const reader *r) {
  return named(r, "LOCATION") < r->width && named(r, "TIME") < r->width && named(r, "VALUE") < r->width && named(r, "FREQUENCY") < r->width;
}

static bool is(const sld__field *field, const char *word) {
  return field->size == strlen(word) && memcmp(field->start, word, field->size) == 0;
}

/* "2019-01": the month's first day. */
static sld_status read_month(const reader *r, const sld__field *field, int64_t *out, sld_error *err) {
  char day[SLD__WORD_SIZE + 4];
  sld__stamp stamp;
  sld__field_word(field, day);
  if (field->size == 7) strcat(day, "-01");
  const char *wrong = field->size == 7 ? sld__stamp_parse(&stamp, day, strlen(day)) : "not a month";
  if (wrong) return sld__text_fail(&r->text, SLD_EPARSE, field->start, err, "'%.*s': %s", (int)(field->size < 40 ? field->size : 40), field->start, wrong);
  *out = stamp.time;
  return SLD_OK;
}

/* The column of an area's currency, or NULL. */
static column *area_column(reader *r, const sld__field *area) {
  size_t i = 0, first = 0;
  while (i < AREAS && !is(area, areas[i].area)) i++;
  if (i == AREAS) return NULL;
  while (strcmp(areas[first].currency, areas[i].currency) != 0) first++;
  column *c = &r->columns[first];
  memcpy(c->currency, areas[i].currency, sizeof "EUR");
  return c;
}

static sld_status read_long(reader *r, sld_error *err) {
  size_t area = named(r, "LOCATION"), time = named(r, "TIME"), value = named(r, "VALUE"), frequency = named(r, "FREQUENCY");
  r->column_count = AREAS;
  r->by_month = true;
  for (;;) {
    bool more;
    int64_t date = 0;
    sld_status status = next_row(r, &more, err);
    if (status != SLD_OK || !more) return status;
    column *c = is(&r->fields[frequency], "M") ? area_column(r, &r->fields[area]) : NULL;
    if (!c) continue;
    status = read_month(r, &r->fields[time], &date, err);
    if (status == SLD_OK && c->count > 0 && date <= c->date[c->count - 1])
      status = sld__text_fail(&r->text, SLD_EPARSE, r->fields[time].start, err, "%s: the month is not later than the one before", c->currency);
    if (status == SLD_OK && c->count == 0 && sld__rates_find(r->rates, c->currency))
      status = sld__text_fail(&r->text, SLD_EVALUE, r->fields[area].start, err, "rates of %s are loaded already", c->currency);
    if (status == SLD_OK) status = add(r, c, date, &r->fields[value], err);
    if (status != SLD_OK) return status;
  }
}

/* ---- Days or months ---- */

static int day_of(int64_t date) {
  struct sld__civil day;
  sld__civil_from_time(&day, date);
  return day.day;
}

static int64_t month_of(int64_t date) {
  return date - (day_of(date) - 1) * SLD__NS_PER_DAY;
}

/* Smallest distance between two figures in days; 0: there is one alone. */
static int64_t closest(const column *c) {
  int64_t least = 0;
  for (size_t i = 1; i < c->count; i++) {
    int64_t days = (c->date[i] - c->date[i - 1]) / SLD__NS_PER_DAY;
    if (i == 1 || days < least) least = days;
  }
  return least;
}

/* Whether figures by the day are those of months, carried forward: they change, and only with a month's first row. */
static bool carried(const column *c) {
  size_t changes = 0;
  for (size_t i = 1; i < c->count; i++) {
    if (c->percent[i] == c->percent[i - 1]) continue;
    if (month_of(c->date[i]) == month_of(c->date[i - 1])) return false;
    changes++;
  }
  return changes > 0;
}

/* Leaves the first figure of each month, dated to the month's first day. */
static void keep_months(column *c) {
  size_t kept = 0;
  for (size_t i = 0; i < c->count; i++) {
    int64_t month = month_of(c->date[i]);
    if (kept > 0 && c->date[kept - 1] == month) continue;
    c->date[kept] = month;
    c->percent[kept++] = c->percent[i];
  }
  c->count = kept;
}

static sld_status settle(reader *r, column *c, sld_error *err) {
  if (c->count == 0) return sld__fail_at(err, SLD_EPARSE, r->text.file, 0, 0, "%s: no figure", c->currency);
  int64_t days = closest(c);
  if (days >= SHORTEST_QUARTER) return sld__fail_at(err, SLD_EPARSE, r->text.file, 0, 0, "%s: figures are neither by the day nor by the month", c->currency);
  double lag = json_number_value(json_object_get(r->about.root, "lag_days"));
  bool looks = carried(c) && !listed(&r->about, "daily", c->currency);
  sld__short_rate rate = { .monthly = r->by_month || days >= SHORTEST_MONTH || listed(&r->about, "monthly", c->currency) || looks, .lag_ns = (int64_t)(lag * (double)SLD__NS_PER_DAY) };
  if (rate.monthly) keep_months(c);
  memcpy(rate.currency, c->currency, sizeof rate.currency);
  rate.count = c->count;
  rate.date = c->date;
  rate.percent = c->percent;
  sld_status status = sld__rates_put(&r->read, &rate, err);
  if (status == SLD_OK) c->date = NULL, c->percent = NULL;
  return status;
}

/* ---- The file ---- */

/* The text of a file, unpacked where it is packed. */
static sld_status find_text(reader *r, const char *path, const struct sld__map *map, const char **data, size_t *size, sld_error *err) {
  sld_status status = SLD_OK;
  *data = map->data;
  *size = map->size;
  if (sld__is_gzip(map->data, map->size)) status = sld__unpack_gzip(&r->members, r->a, path, map->data, map->size, err);
  else if (sld__is_zip(map->data, map->size)) status = sld__unpack_zip(&r->members, r->a, path, map->data, map->size, err);
  else return SLD_OK;
  if (status == SLD_OK && r->members.count != 1) status = sld__fail_at(err, SLD_EPARSE, path, 0, 0, "%zu files of rates in one archive: give one", r->members.count);
  if (status != SLD_OK) return status;
  *data = r->members.list[0].data;
  *size = r->members.list[0].size;
  return SLD_OK;
}

static sld_status read_header(reader *r, const char *path, const struct sld__map *map, sld_error *err) {
  bool more;
  const char *data;
  size_t size;
  sld_status status = find_text(r, path, map, &data, &size, err);
  if (status == SLD_OK) status = sld__text_open(&r->text, path, data, size, err);
  if (status == SLD_OK) status = sld__text_next(&r->text, &more, err);
  if (status != SLD_OK) return status;
  r->width = sld__text_count_fields(&r->text);
  if (!more || r->width > COLUMNS_MAX) return sld__fail_at(err, SLD_EPARSE, path, 1, 1, "a header of a date and currencies is expected");
  size_t columns = r->width > AREAS ? r->width : AREAS;
  r->names = sld__alloc(r->a, r->width + 1, sizeof *r->names);
  r->fields = sld__alloc(r->a, r->width + 1, sizeof *r->fields);
  r->columns = sld__alloc_zero(r->a, columns, sizeof *r->columns);
  if (!r->names || !r->fields || !r->columns) return sld__fail_memory(err);
  size_t count;
  status = sld__text_split(&r->text, r->names, r->width + 1, &count, err);
  if (status == SLD_OK && r->width > 1 && r->names[r->width - 1].size == 0) r->width--;
  return status;
}

static void release(reader *r) {
  for (size_t i = 0; r->columns && i < r->column_count; i++) {
    sld__free(r->a, r->columns[i].date);
    sld__free(r->a, r->columns[i].percent);
  }
  sld__members_free(&r->members);
  sld__free(r->a, r->names);
  sld__free(r->a, r->fields);
  sld__free(r->a, r->columns);
  about_close(&r->about, r->a);
}

sld_status sld__rates_load(sld__rates *rates, const sld__instruments *own, const char *path, sld_error *err) {
  struct sld__map map = { NULL, 0 };
  reader r = { .rates = rates, .read = { .allocator = rates->allocator }, .own = own, .a = &rates->allocator, .members = { .allocator = rates->allocator } };
  sld_status status = about_open(&r.about, r.a, path, err);
  if (status == SLD_OK) status = sld__os_map_file(&map, path, err);
  if (status == SLD_OK) status = read_header(&r, path, &map, err);
  if (status == SLD_OK) status = is_long(&r) ? read_long(&r, err) : read_wide(&r, err);
  bool any = false;
  for (size_t i = 0; status == SLD_OK && i < r.column_count; i++) {
    if (!r.columns[i].currency[0]) continue;
    any = true;
    status = settle(&r, &r.columns[i], err);
  }
  if (status == SLD_OK && !any) status = sld__fail_at(err, SLD_EPARSE, path, 0, 0, "no figures of a currency");
  if (status == SLD_OK) status = sld__rates_take(rates, &r.read, err);
  sld__rates_fini(&r.read);
  release(&r);
  sld__os_map_close(&map);
  return status;
}
