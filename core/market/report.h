/* What a loading has to tell beside its data: how each file was read, and notes on rows and on what was found.
 *
 * A report belongs to one thread while it is filled. Files that are read at once fill one each, and these are appended in the order of
 * the files, so that the whole does not depend on who read what. */
#ifndef SLD_MARKET_REPORT_H
#define SLD_MARKET_REPORT_H

#include "base/alloc.h"
#include "base/error.h"

struct sld_load_report {
  sld_allocator allocator;
  sld_load_source *sources; /* [source_count]; their texts are owned */
  size_t source_count;
  size_t source_capacity;
  sld_load_note *notes;     /* [note_count]; their texts are owned */
  size_t note_count;
  size_t note_capacity;
};

void sld__report_init(sld_load_report *report, const sld_allocator *a);

/* Frees what it holds; zeroed memory is fine. */
void sld__report_fini(sld_load_report *report);

/* Appends a copy of `source`. ENOMEM. */
sld_status sld__report_source(sld_load_report *report, const sld_load_source *source, sld_error *err);

/* Appends a note. ENOMEM. */
sld_status sld__report_note(sld_load_report *report, sld_error *err, sld_note_kind kind, const char *file, int64_t line, int64_t column, const char *format, ...) SLD__PRINTF(7, 8);

/* Moves all of `from` behind what `to` holds. ENOMEM: `from` keeps its own. */
sld_status sld__report_append(sld_load_report *to, sld_load_report *from, sld_error *err);

#endif
