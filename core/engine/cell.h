/* A child process that one worker drives, and what it says: frames over a socket (wire.h). For isolate.c and inquiry.c alone.
 *
 * What the process sends is not trusted. Where it dies, lies or is too late, the function that notices ends it, says so in `err`, and leaves a cell in
 * which none is running. */
#ifndef SLD_ENGINE_CELL_H
#define SLD_ENGINE_CELL_H

#include "base/buffer.h"
#include "engine/isolate.h"
#include "engine/wire.h"

/* Starts `program` with this memory. EIO. */
sld_status sld__cell_start(sld__cell *cell, const char *program, int memory, sld_error *err);

/* From now on it has a limit and a grace for what is taken next. */
void sld__cell_allow(sld__cell *cell, int64_t limit_ns, int64_t grace_ns);

/* Takes exactly `size` bytes. ECRASH: it died; ECANCELED: it was ended by a cancel; ELIMIT: it is too late. */
sld_status sld__cell_take(sld__cell *cell, void *bytes, size_t size, sld_error *err);

/* The same to cell->bytes, for which room is made as they come, whatever was announced. ENOMEM. */
sld_status sld__cell_take_bytes(sld__cell *cell, uint64_t size, sld_error *err);

/* The head of a frame. ECRASH: there is none. */
sld_status sld__cell_take_head(sld__cell *cell, sld__frame_head *head, sld_error *err);

/* The rest of a FAULT: always an error, EVM. */
sld_status sld__cell_take_fault(sld__cell *cell, const char *program, sld_error *err);

/* It said what it must not: ended, ECRASH with the reason. */
sld_status sld__cell_breach(sld__cell *cell, const char *why, sld_error *err);

/* It is there no more: ECRASH, or ECANCELED. */
sld_status sld__cell_died(sld__cell *cell, sld_error *err);

#endif
