/* Filling a report of a loading. */
#include "market/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sld__report_init(sld_load_report *report, const sld_allocator *a) {
  *report = (sld_load_report){ .allocator = *a };
}

static void free_text(const sld_allocator *a, const char *text) {
  sld__free(a, (void *)(uintptr_t)text);
}

static void free_source(const sld_allocator *a, const sld_load_source *source) {
  free_text(a, source->file);
  free_text(a, source->dialect);
  free_text(a, source->zone);
  free_text(a, source->pair);
  free_text(a, source->idle);
}

void sld__report_fini(sld_load_report *report) {
  const sld_allocator a = report->allocator;
  for (size_t i = 0; i < report->source_count; i++) free_source(&a, &report->sources[i]);
  for (size_t i = 0; i < report->note_count; i++) {
    free_text(&a, report->notes[i].file);
    free_text(&a, report->notes[i].message);
  }
  if (report->sources) sld__free(&a, report->sources);
  if (report->notes) sld__free(&a, report->notes);
  *report = (sld_load_report){ .allocator = a };
}

/* Room for `more` elements behind `count`. */
static bool reserve(const sld_allocator *a, void **list, size_t *capacity, size_t count, size_t more, size_t size) {
  if (count + more <= *capacity) return true;
  size_t wanted = count + more > 2 * *capacity ? count + more : 2 * *capacity;
  void *moved = sld__realloc(a, *list, wanted, size);
  if (!moved) return false;
  *list = moved;
  *capacity = wanted;
  return true;
}

static bool reserve_sources(sld_load_report *r, size_t more) {
  void *list = r->sources;
  bool ok = reserve(&r->allocator, &list, &r->source_capacity, r->source_count, more, sizeof *r->sources);
  r->sources = list;
  return ok;
}

static bool reserve_notes(sld_load_report *r, size_t more) {
  void *list = r->notes;
  bool ok = reserve(&r->allocator, &list, &r->note_capacity, r->note_count, more, sizeof *r->notes);
  r->notes = list;
  return ok;
}

sld_status sld__report_source(sld_load_report *report, const sld_load_source *source, sld_error *err) {
  const sld_allocator *a = &report->allocator;
  if (!reserve_sources(report, 1)) return sld__fail_memory(err);
  sld_load_source copy = *source;
  copy.file = sld__strndup(a, source->file, strlen(source->file));
  copy.dialect = sld__strndup(a, source->dialect, strlen(source->dialect));
  copy.zone = sld__strndup(a, source->zone, strlen(source->zone));
  copy.pair = sld__strndup(a, source->pair, strlen(source->pair));
  copy.idle = sld__strndup(a, source->idle, strlen(source->idle));
  if (!copy.file || !copy.dialect || !copy.zone || !copy.pair || !copy.idle) {
    free_source(a, &copy);
    return sld__fail_memory(err);
  }
  report->sources[report->source_count++] = copy;
  return SLD_OK;
}

sld_status sld__report_note(sld_load_report *report, sld_error *err, sld_note_kind kind, const char *file, int64_t line, int64_t column, const char *format, ...) {
  const sld_allocator *a = &report->allocator;
  char message[sizeof((sld_error *)0)->message];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (!reserve_notes(report, 1)) return sld__fail_memory(err);
  char *file_copy = sld__strndup(a, file, strlen(file));
  char *message_copy = sld__strndup(a, message, strlen(message));
  if (!file_copy || !message_copy) {
    sld__free(a, file_copy);
    sld__free(a, message_copy);
    return sld__fail_memory(err);
  }
  report->notes[report->note_count++] = (sld_load_note){ kind, file_copy, line, column, message_copy };
  return SLD_OK;
}

sld_status sld__report_append(sld_load_report *to, sld_load_report *from, sld_error *err) {
  if (!reserve_sources(to, from->source_count) || !reserve_notes(to, from->note_count)) return sld__fail_memory(err);
  if (from->source_count) memcpy(to->sources + to->source_count, from->sources, from->source_count * sizeof *to->sources);
  if (from->note_count) memcpy(to->notes + to->note_count, from->notes, from->note_count * sizeof *to->notes);
  to->source_count += from->source_count;
  to->note_count += from->note_count;
  from->source_count = 0;
  from->note_count = 0;
  sld__report_fini(from);
  return SLD_OK;
}

const char *sld_note_kind_name(sld_note_kind kind) {
  static const char *const names[] = { "dropped", "found", "warning" };
  return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "?";
}

size_t sld_load_report_source_count(const sld_load_report *report) {
  return report->source_count;
}

const sld_load_source *sld_load_report_source_at(const sld_load_report *report, size_t i) {
  return i < report->source_count ? &report->sources[i] : NULL;
}

size_t sld_load_report_note_count(const sld_load_report *report) {
  return report->note_count;
}

const sld_load_note *sld_load_report_note_at(const sld_load_report *report, size_t i) {
  return i < report->note_count ? &report->notes[i] : NULL;
}

void sld_load_report_free(sld_load_report *report) {
  if (!report) return;
  const sld_allocator a = report->allocator;
  sld__report_fini(report);
  sld__free(&a, report);
}
