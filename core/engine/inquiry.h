/* What a strategy declares, and whether it accepts parameters, asked of a process of its own: its text runs there and not here.
 *
 * The process has the time of one call of a hook, and is ended where it does not come back. What it answers is not trusted (inquiry_bytes.c). */
#ifndef SLD_ENGINE_INQUIRY_H
#define SLD_ENGINE_INQUIRY_H

#include "base/buffer.h"
#include "engine/image.h"
#include "vm/script.h"

typedef struct sld__inquiry {
  const sld_allocator *alloc;
  const char *program;             /* path of sliders-worker */
  const char *engine_dir, *engine; /* as sld__engine_open takes them */
  sld__script *script;
  double limit_s;                  /* 0: it may take for ever */
} sld__inquiry;

/* Fills the declaration and gives the script the modules that it required; it is then to be sealed. Errors as the engine's; ELIMIT; ECRASH. */
sld_status sld__inquiry_describe(const sld__inquiry *inquiry, sld__declaration *out, sld_error *err);

/* Whether `valid` accepts the parameters. */
sld_status sld__inquiry_valid(const sld__inquiry *inquiry, const double *params, size_t param_count, bool *accepted, sld_error *err);

/* ---- The answer -------------------------------------------------------------------------------------------------- */

typedef struct sld__inquired {
  bool failed; /* `error` says why; the rest is empty */
  sld_error error;
  bool accepted;
  sld__declaration declaration;
} sld__inquired;

/* Appends the answer, with the modules of the script behind the first `known`. */
void sld__inquiry_write(struct sld__buffer *out, const sld__inquired *inquired, const sld__script *script, size_t known);

/* Reads it, the declaration from the script's allocator, and appends the modules to the script. EVALUE: no such answer can be, in words that say why;
 * ENOMEM. Then the declaration is to be finished all the same, and the script freed. */
sld_status sld__inquiry_read(sld__inquired *out, sld__script *script, const void *bytes, size_t size, sld_error *err);

/* The child's part: opens the script in the engine and asks it. */
void sld__inquiry_ask(sld__inquired *out, sld__brief *brief, const sld__vm_engine *engine, const sld__vm_core *core);

#endif
