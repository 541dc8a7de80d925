/* What a worker keeps for jobs of several pairs on one account. For crew.c, run_shared.c and allocate.c alone. */
#ifndef SLD_ENGINE_CREW_H
#define SLD_ENGINE_CREW_H

#include "broker/shared.h"
#include "engine/run_inside.h"

/* What allocate is told and answers, by tradable pair. */
typedef struct sld__scales sld__scales;

/* ENOMEM. */
sld_status sld__scales_new(sld__scales **out, const sld__plan *plan, sld_error *err);
void sld__scales_free(sld__scales *scales, const sld_allocator *alloc);

/* What a worker keeps for such jobs. A sleeve that has no tradable row has no book. */
typedef struct sld__crew {
  sld_allocator alloc;
  size_t count;            /* sleeves */
  sld__broker *books;      /* [book_count] */
  size_t book_count;
  size_t *sleeves;         /* [book_count] which sleeve a book trades */
  size_t *firsts;          /* [book_count] its first tradable row */
  sld__ledger *ledgers;    /* [count] by book */
  sld__columns **columns;  /* [count] by sleeve; one alone where one instance trades all */
  sld__vm_job *jobs;       /* [count], or one */
  sld__vm_pair *pairs;     /* [count] */
  const double **signals;  /* [count] by book: targets by row, or by instant */
  const sld_trade **lists; /* the next three: [count] scratch */
  size_t *closed, *cursors;
  double *marks;           /* [instants] */
  sld__scales *scales;     /* what allocate needs; NULL where there is no such hook */
  sld__shared account;
} sld__crew;

/* The worker's crew, made with its first such job. ENOMEM. */
sld_status sld__crew_take(sld__worker *worker, const sld__plan *plan, sld_error *err);

/* Before the first call of a job. */
void sld__scales_start(sld__scales *scales);

/* The book's signal at this instant; NaN before its first tradable row, and where it has none. */
double sld__crew_signal(const sld__plan *plan, const sld__crew *crew, size_t book);

/* Where the account stands at a call of allocate, asks the hook and sends its weights as targets: 0 to go on, 1 where the account has ended. A
 * failure of the hook is *status and err. */
int sld__crew_allocate(sld__worker *worker, const sld__plan *plan, sld__crew *crew, sld_status *status, sld_error *err);

#endif
