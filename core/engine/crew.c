/* The memory of jobs of several pairs on one account. */
#include "base/alloc.h"
#include "base/error.h"
#include "engine/crew.h"

void sld__crew_free(sld__crew *crew) {
  if (!crew) return;
  const sld_allocator alloc = crew->alloc;
  sld__scales_free(crew->scales, &alloc);
  for (size_t i = 0; i < crew->count; i++) {
    if (crew->ledgers) sld__ledger_fini(&crew->ledgers[i]);
    if (crew->columns) sld__columns_free(crew->columns[i]);
  }
  void *blocks[] = { crew->books, crew->sleeves, crew->firsts, crew->ledgers, crew->columns, crew->jobs, crew->pairs, (void *)(uintptr_t)crew->signals,
    (void *)(uintptr_t)crew->lists, crew->closed, crew->cursors, crew->marks, crew };
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) sld__free(&alloc, blocks[i]);
}

static bool fill_crew(sld__crew *crew, const sld__plan *plan, sld__quota *quota) {
  const sld_allocator *alloc = &crew->alloc;
  size_t n = crew->count;
  crew->books = sld__alloc_zero(alloc, n, sizeof *crew->books);
  crew->sleeves = sld__alloc_zero(alloc, n, sizeof *crew->sleeves);
  crew->firsts = sld__alloc_zero(alloc, n, sizeof *crew->firsts);
  crew->ledgers = sld__alloc_zero(alloc, n, sizeof *crew->ledgers);
  crew->columns = sld__alloc_zero(alloc, n, sizeof *crew->columns);
  crew->jobs = sld__alloc_zero(alloc, n, sizeof *crew->jobs);
  crew->pairs = sld__alloc_zero(alloc, n, sizeof *crew->pairs);
  crew->signals = sld__alloc_zero(alloc, n, sizeof *crew->signals);
  crew->lists = sld__alloc_zero(alloc, n, sizeof *crew->lists);
  crew->closed = sld__alloc_zero(alloc, n, sizeof *crew->closed);
  crew->cursors = sld__alloc_zero(alloc, n, sizeof *crew->cursors);
  crew->marks = sld__alloc(alloc, plan->instants, sizeof *crew->marks);
  for (size_t i = 0; crew->ledgers && i < n; i++) {
    sld__ledger_init(&crew->ledgers[i], alloc);
    crew->ledgers[i].quota = quota;
  }
  return crew->books && crew->sleeves && crew->firsts && crew->ledgers && crew->columns && crew->jobs && crew->pairs && crew->signals && crew->lists && crew->closed
    && crew->cursors && crew->marks;
}

sld_status sld__crew_take(sld__worker *worker, const sld__plan *plan, sld_error *err) {
  if (worker->crew) return SLD_OK;
  sld__crew *crew = sld__alloc_zero(worker->alloc, 1, sizeof *crew);
  if (!crew) return sld__fail_memory(err);
  crew->alloc = *worker->alloc;
  crew->count = plan->sleeve_count;
  bool whole = fill_crew(crew, plan, worker->ledger.quota);
  size_t sets = sld__plan_together(plan) ? 1 : crew->count;
  if (whole && (plan->declaration->hooks & SLD__HOOK_ALLOCATE)) whole = sld__scales_new(&crew->scales, plan, NULL) == SLD_OK;
  for (size_t i = 0; i < sets && whole; i++) whole = sld__columns_new(&crew->columns[i], worker->alloc, 0, NULL) == SLD_OK;
  if (!whole) {
    sld__crew_free(crew);
    return sld__fail_memory(err);
  }
  worker->crew = crew;
  return SLD_OK;
}
