/* What making columns (columns.c) and computing them (stream.c) share. */
#ifndef SLD_INDICATOR_COLUMNS_INSIDE_H
#define SLD_INDICATOR_COLUMNS_INSIDE_H

#include "indicator/columns.h"

typedef enum column_kind { COLUMN_BASE, COLUMN_CONSTANT, COLUMN_RESULT } column_kind;

typedef struct column {
  column_kind kind;
  int frame;
  sld__cache_key key;
  bool finite;          /* BASE: no value is NaN or infinite */
  bool named;           /* every base below it has a name: other jobs may have it too */
  size_t first;
  double value;         /* CONSTANT */
  int op;               /* RESULT: index into ops */
  const double *values; /* [rows of the frame], or NULL: not computed as a whole */

  /* Of the evaluation under way, where values is NULL. The block being computed is at..at + n; rows before it stand before it, as many as
   * any reader's history asks for. */
  bool needed;
  size_t margin;        /* that many rows */
  double *start, *end;  /* memory of the block and its margin */
  double *at;
} column;

/* A clock. Frame 0 is the set's own: `last` is NULL. */
typedef struct frame {
  const int32_t *last; /* [rows of the set] */
  size_t rows;
  sld__cache_key key;
} frame;

typedef struct op {
  const sld__kernel *kernel; /* &sld__join: of another frame's column, which is computed as a whole before */
  double opt[SLD__KERNEL_OPTIONS];
  int in[SLD__KERNEL_INPUTS];
  int out;                 /* first output; the others follow */
  sld__cache_key key;
  sld__cache_entry *entry; /* reference to the cache where the outputs' values are its */
  double *state;           /* of the evaluation under way, as are the next two */
  bool runs;               /* by the kernel's `run` */
  int condition;           /* index of the comparison by whose `choose` this `where` is computed; -1: by itself */
} op;

/* A column's memory, kept from job to job. */
typedef struct sheet {
  double *values;
  size_t capacity;
  bool used;
} sheet;

struct sld__columns {
  sld_allocator allocator;
  sld__spare *spare; /* of sheets; or NULL */
  int count;
  int op_count;
  int frame_count;
  size_t warmup;
  frame frames[SLD__FRAMES_MAX];
  column columns[SLD__COLUMNS_MAX];
  op ops[SLD__COLUMNS_MAX];

  sld__cache *cache; /* or NULL */
  sld__cache_key view;

  sheet sheets[SLD__COLUMNS_MAX];
  int sheet_count;

  /* The evaluation under way: the rows of its frame, the ops to step, in order, and their scratch memory. */
  size_t rows;
  int plan[SLD__COLUMNS_MAX];
  int plan_count;
  double *scratch;
  size_t scratch_capacity;
  bool streaming;
  int stream_id;
  size_t row; /* rows done */
};

/* What a join is made by; only its name and its shape count. */
extern const sld__kernel sld__join;

/* Rows of a column. */
static inline size_t rows_of(const sld__columns *c, int id) {
  return c->frames[c->columns[id].frame].rows;
}

#endif
