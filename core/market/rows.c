/* The rows of bars or quotes of one file.
 *
 * A large text is cut at line ends into parts that are read at once. Where a row stands in the file matters for little of its reading: it must follow
 * the row before in time, its price must be near the one before, and a time that the clock shows twice is the first of the two that follows the row
 * before. So parts are read without knowing what lies before them, and looked at in order: a part that failed, that begins with a row it had to drop, or that
 * does not follow the part before is read again from its start by one reader who knows. Data, errors and what is told are therefore those of one reader, wherever
 * the cuts lie. */
#include "market/row_fast.h"

#include "market/report.h"

#include <string.h>

/* Bytes of a part at least: much less is not worth another task. */
enum { PART_MIN = 1 << 20, PARTS_PER_WORKER = 4 };

static const char *find_last_newline(const sld__source *source) {
  for (size_t i = source->size; i-- > 0;)
    if (source->data[i] == '\n') return source->data + i;
  return NULL;
}

static sld_status reader_init(sld__reader *r, const sld_allocator *a, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err) {
  *r = (sld__reader){ .source = source, .layout = layout, .text = *text, .last_newline = find_last_newline(source) };
  r->bars = (sld__bar_columns){ .allocator = a, .one_price = !layout->has[SLD__OPEN], .has_volume = layout->has[SLD__VOLUME], .has_ask = layout->has[SLD__ASK_CLOSE] };
  r->fields = sld__alloc(a, layout->count + 1, sizeof *r->fields);
  return r->fields ? SLD_OK : sld__fail_memory(err);
}

static void reader_fini(sld__reader *r) {
  if (r->bars.allocator) sld__free(r->bars.allocator, r->fields);
  sld__bar_columns_fini(&r->bars);
}

static sld_status slow_row(sld__reader *r, bool lenient, bool *more, sld_error *err) {
  sld__row row = { .time = 0 };
  sld_error fault;
  sld_status status = sld__row_read(r, &row, more, &fault);
  if (status == SLD_OK) return *more ? sld__row_append(r, &row, err) : SLD_OK;
  if (!lenient) {
    if (err) *err = fault;
    return status;
  }
  *more = true;
  return sld__read_drop(r->source, status, &fault, &r->dropped, err);
}

static sld_status read_all(sld__reader *r, bool lenient, sld_error *err) {
  sld__text *text = &r->text;
  bool fast = sld__fast_fits(r);
  double most = SLD__READ_MAX_PIPS * r->layout->instrument->pip;
  sld__row row = { .time = 0 };
  for (bool more = true; more;) {
    const char *next = fast ? sld__row_fast(r, &row, most) : NULL;
    sld_status status;
    if (next && next <= text->end) {
      text->line_start = text->at;
      text->line_end = next - 1;
      text->at = next;
      text->line++;
      status = sld__row_append(r, &row, err);
    } else {
      status = slow_row(r, lenient, &more, err);
    }
    if (status != SLD_OK) return status;
  }
  return SLD_OK;
}

/* ---- Parts ---- */

typedef struct part {
  sld__reader reader;
  sld__source source;     /* that of the whole, but for the report */
  sld_load_report report; /* lines are counted from the part's own start */
  sld_status status;
} part;

static void read_part(void *arg, size_t i) {
  part *p = &((part *)arg)[i];
  p->status = read_all(&p->reader, p->source.lenient, NULL);
}

static size_t count_parts(const sld__source *source, const sld__layout *layout, const sld__text *text) {
  size_t size = (size_t)(text->end - text->at);
  if (!source->parallel || source->parallel->workers < 2 || sld__layout_habit(layout, SLD__CARRY)) return 1;
  size_t most = (size_t)source->parallel->workers * PARTS_PER_WORKER;
  size_t count = size / PART_MIN;
  return count < 1 ? 1 : count < most ? count : most;
}

/* The first place at or behind `place` where a line starts, not before `least`. */
static const char *behind_line(const char *place, const char *least, const char *end) {
  if (place <= least) return least;
  const char *newline = memchr(place - 1, '\n', (size_t)(end - place) + 1);
  return newline ? newline + 1 : end;
}

/* Cuts the text behind line ends. A part may be empty. */
static sld_status cut(part *parts, size_t count, const sld_allocator *a, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err) {
  sld_status status = SLD_OK;
  const char *start = text->at;
  size_t size = (size_t)(text->end - text->at);
  for (size_t i = 0; i < count && status == SLD_OK; i++) {
    sld__text own = *text;
    own.at = start;
    own.end = i + 1 == count ? text->end : behind_line(text->at + size / count * (i + 1), start, text->end);
    own.line = 0;
    start = own.end;
    parts[i].source = *source;
    parts[i].source.report = &parts[i].report;
    sld__report_init(&parts[i].report, a);
    status = reader_init(&parts[i].reader, a, &parts[i].source, layout, &own, err);
  }
  return status;
}

/* Whether a part can be put behind what `all` holds as it is. */
static bool follows(const sld__reader *all, const part *p) {
  const sld__bar_columns *bars = &p->reader.bars;
  if (p->status != SLD_OK) return false;
  if (all->bars.count == 0) return true;
  if (p->report.note_count > 0 && p->report.notes[0].line == 1) return false; /* why it is dropped may depend on the row before */
  if (bars->count == 0) return true;
  return sld__row_follows(all, bars->time[0]) && all->date_only == p->reader.date_only && !sld__read_slipped(all->bars.close[all->bars.count - 1], bars->close[0]);
}

static sld_status take_part(sld__reader *all, part *p, size_t room, sld_error *err) {
  sld__bar_columns *bars = &p->reader.bars;
  sld_status status = sld__bar_columns_reserve(&all->bars, room, err);
  if (status != SLD_OK) return status;
  for (size_t i = 0; i < p->report.note_count; i++) p->report.notes[i].line += all->text.line;
  status = sld__report_append(all->source->report, &p->report, err);
  if (status != SLD_OK) return status;
  if (bars->count > 0) all->date_only = p->reader.date_only;
  sld__bar_columns_append(&all->bars, bars);
  all->text.line += p->reader.text.line;
  all->text.at = p->reader.text.end;
  all->dropped += p->reader.dropped;
  all->rounded += p->reader.rounded;
  reader_fini(&p->reader);
  p->reader.bars.allocator = NULL;
  return SLD_OK;
}

/* The same part, by who knows what lies before it. */
static sld_status read_again(sld__reader *all, const part *p, sld_error *err) {
  const char *end = all->text.end;
  all->text.end = p->reader.text.end;
  sld_status status = read_all(all, all->source->lenient, err);
  all->text.end = end;
  return status;
}

static sld_status read_parts(sld__reader *all, part *parts, size_t count, sld_error *err) {
  const sld__source *source = all->source;
  sld_status status = cut(parts, count, all->bars.allocator, source, all->layout, &all->text, err);
  if (status != SLD_OK) return status;
  sld__parallel_each(source->parallel, count, read_part, parts);
  size_t room = 0;
  for (size_t i = 0; i < count; i++) room += parts[i].reader.bars.count;
  for (size_t i = 0; i < count && status == SLD_OK; i++) status = follows(all, &parts[i]) ? take_part(all, &parts[i], room, err) : read_again(all, &parts[i], err);
  return status;
}

static sld_status read_text(sld__reader *all, sld_error *err) {
  const sld_allocator *a = all->bars.allocator;
  size_t count = count_parts(all->source, all->layout, &all->text);
  if (count == 1) return read_all(all, all->source->lenient, err);
  part *parts = sld__alloc_zero(a, count, sizeof *parts);
  if (!parts) return sld__fail_memory(err);
  sld_status status = read_parts(all, parts, count, err);
  for (size_t i = 0; i < count; i++) {
    reader_fini(&parts[i].reader);
    sld__report_fini(&parts[i].report);
  }
  sld__free(a, parts);
  return status;
}

static sld_status finish(sld__reader *r, sld__harvest *harvest, int64_t first_line, sld_error *err) {
  const sld__layout *layout = r->layout;
  const char *file = r->source->file;
  size_t count = r->bars.count;
  if (count == 0 && r->dropped == 0) return sld__fail_at(err, SLD_EPARSE, file, 1, 1, "a header and no rows");
  if (count == 0) return sld__fail_at(err, SLD_EPARSE, file, 0, 0, "all %zu rows were dropped", r->dropped);
  if (layout->newest_first) sld__bar_columns_reverse(&r->bars);
  sld__series_form form = { layout->instrument, layout->ticks ? 0 : r->source->told->period_ns, layout->side, r->date_only, layout->ticks, layout->side != SLD_BOTH && !layout->side_named && (!r->source->told->has_side || r->source->told->side_assumed), "",
                            !r->date_only && strcmp(layout->zone, "floating") == 0 };
  sld__read_source(&form, r->source, layout);
  sld_load_source told = { .zone = layout->zone, .pair = layout->instrument->pair, .rows = count, .dropped = r->dropped, .first_time = r->bars.time[0], .last_time = r->bars.time[count - 1],
                           .first_line = layout->newest_first ? 0 : first_line };
  if (sld__bar_columns_period(&told.period_ns, &r->bars, &form, file, NULL) != SLD_OK) told.period_ns = 0; /* sealing says why */
  sld_status status = sld__read_tell(r->source, layout, &told, layout->used, r->rounded, err);
  bool in_order = r->dropped == 0 && !layout->newest_first;
  return status == SLD_OK ? sld__harvest_add(harvest, &r->bars, &form, file, in_order ? first_line : 0, err) : status;
}

sld_status sld__read_rows(sld__harvest *harvest, const sld__source *source, const sld__layout *layout, const sld__text *text, sld_error *err) {
  sld__reader all;
  sld_status status = reader_init(&all, harvest->allocator, source, layout, text, err);
  if (status == SLD_OK) status = read_text(&all, err);
  if (status == SLD_OK) status = finish(&all, harvest, text->line + 1, err);
  reader_fini(&all);
  return status;
}
