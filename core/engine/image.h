/* A plan, its data and its script as one block of sealed memory, which every process of a run maps: one copy for all of them. Or a script alone, with a
 * question about it.
 *
 * It is for processes of one machine that run this very code: structs lie in it as they are, and a header says which version and layout they have. Columns
 * lie at multiples of 64 bytes. A process that reads it trusts whoever made it. */
#ifndef SLD_ENGINE_IMAGE_H
#define SLD_ENGINE_IMAGE_H

#include "base/os_child.h"
#include "engine/plan.h"

/* What a process is told. As the reader fills it, pointers lead into the memory or to what it allocated. */
typedef struct sld__brief {
  bool asks;                    /* what the script is: then plan, declaration and rates are empty */
  double *params;               /* [param_count] whether it accepts these too; NULL: nobody asks */
  size_t param_count;
  sld__plan plan;               /* without view and zone: nothing that a job needs */
  sld__declaration declaration; /* what jobs ask of it: hooks and counts */
  sld__rates rates;
  sld__script script;           /* sealed */
  char *engine_dir, *engine;    /* as sld__engine_open takes them */
  size_t shared;                /* bytes of columns that jobs keep for one another; 0: none */
} sld__brief;

/* Makes the memory. `engine_dir` and `engine` as above. EIO; ENOMEM. */
sld_status sld__image_new(int *descriptor, const sld__plan *plan, const sld__script *script, const char *engine_dir, const char *engine, size_t shared, sld_error *err);

/* The same of a question. */
sld_status sld__image_new_question(int *descriptor, const sld_allocator *alloc, const sld__script *script, const char *engine_dir, const char *engine, const double *params,
                                   size_t param_count, sld_error *err);

/* Reads it. EVM: it is of another version. ENOMEM. What it allocates is never freed: it lasts as long as the process. */
sld_status sld__image_read(sld__brief *out, const struct sld__map *map, const sld_allocator *alloc, sld_error *err);

#endif
