/* What a cell and its process say to each other: frames, a head and what it announces.
 *
 *   READY    child   the plan's key: the image was read and the engine is open
 *   FAULT    child   an error's status and message: it was not; the process ends
 *   JOB      parent  sleeve and ordinal
 *   OVER     child   why the job is being told to stop (engine/guard.h), at most once a job
 *   OUTCOME  child   the job's outcome (engine/outcome.h)
 *   ANSWER   child   in place of READY, where the image asks what a strategy is (engine/inquiry.h)
 *
 * For cell.c, isolate*.c and inquiry.c alone. */
#ifndef SLD_ENGINE_WIRE_H
#define SLD_ENGINE_WIRE_H

#include <stdint.h>

typedef enum sld__frame_kind { SLD__FRAME_READY = 1, SLD__FRAME_FAULT, SLD__FRAME_JOB, SLD__FRAME_OVER, SLD__FRAME_OUTCOME, SLD__FRAME_ANSWER } sld__frame_kind;

typedef struct sld__frame_head {
  uint32_t magic;
  uint32_t kind;
  uint64_t size; /* bytes that follow */
} sld__frame_head;

enum { SLD__FRAME_MAGIC = 0x534c4431 };

typedef struct sld__frame_job {
  uint64_t sleeve, ordinal;
} sld__frame_job;

typedef struct sld__frame_fault {
  int32_t status;
  char message[768];
} sld__frame_fault;

#endif
