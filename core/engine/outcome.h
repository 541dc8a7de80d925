/* Outcomes as canonical bytes (bytes.h): what one job left, to be sent from process to process. What the reader knows from its plan (pair, capital,
 * clocks) is not in them.
 *
 * The reader trusts nothing: bytes that no job of the plan can have left are refused, and what it accepts is safe to merge and to write, though it may
 * be untrue. */
#ifndef SLD_ENGINE_OUTCOME_H
#define SLD_ENGINE_OUTCOME_H

#include "base/buffer.h"
#include "engine/run.h"

/* Appends the outcome of a job of that sleeve. Running out of memory is the buffer's to remember. */
void sld__outcome_write(struct sld__buffer *buffer, const sld__plan *plan, size_t sleeve, const sld__outcome *outcome);

/* The outcome of job (sleeve, ordinal), which the caller finishes with sld__outcome_fini. EVALUE: no such outcome can be, in words that say why; ENOMEM.
 * On failure *out owns nothing. */
sld_status sld__outcome_read(sld__outcome *out, const sld_allocator *alloc, const sld__plan *plan, size_t sleeve, size_t ordinal, const void *bytes, size_t size, sld_error *err);

/* Bars of a job: rows of its view, or instants of its account. */
size_t sld__outcome_rows(const sld__plan *plan, size_t sleeve);

/* No outcome of the plan's has more bytes. */
uint64_t sld__outcome_most(const sld__plan *plan);

#endif
