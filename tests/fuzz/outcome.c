/* What a worker process says that its job left. Input: a byte that says of which run, one of which job; the outcome.
 *
 * What is taken must be merged and written without harm, beside the true outcomes of the other jobs. Files are written nowhere. */
#include "runs.h"

#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "engine/outcome.h"

enum { JOBS = 4, MULTIPLE = 32, FIXED = 1 << 16 };

/* ---- Files: wrapped by the linker ---- */

sld_status __wrap_sld__os_write_file(const char *path, const void *bytes, size_t size, sld_error *err);
sld_status __wrap_sld__os_make_dir(const char *path, sld_error *err);
sld_status __wrap_sld__os_writer_open(struct sld__writer *out, const char *path, sld_error *err);
sld_status __wrap_sld__os_writer_add(struct sld__writer *writer, const void *bytes, size_t size, sld_error *err);
sld_status __wrap_sld__os_writer_commit(struct sld__writer *writer, sld_error *err);
void __wrap_sld__os_writer_discard(struct sld__writer *writer);
bool __wrap_sld__os_remove(const char *path);

sld_status __wrap_sld__os_write_file(const char *path, const void *bytes, size_t size, sld_error *err) {
  (void)path, (void)bytes, (void)size, (void)err;
  return SLD_OK;
}

sld_status __wrap_sld__os_make_dir(const char *path, sld_error *err) {
  (void)path, (void)err;
  return SLD_OK;
}

sld_status __wrap_sld__os_writer_open(struct sld__writer *out, const char *path, sld_error *err) {
  (void)out, (void)path, (void)err;
  return SLD_OK;
}

sld_status __wrap_sld__os_writer_add(struct sld__writer *writer, const void *bytes, size_t size, sld_error *err) {
  (void)writer, (void)bytes, (void)size, (void)err;
  return SLD_OK;
}

sld_status __wrap_sld__os_writer_commit(struct sld__writer *writer, sld_error *err) {
  (void)writer, (void)err;
  return SLD_OK;
}

void __wrap_sld__os_writer_discard(struct sld__writer *writer) {
  (void)writer;
}

bool __wrap_sld__os_remove(const char *path) {
  (void)path;
  return true;
}

/* ---- Outcomes ---- */

static sld_status read(sld__outcome *out, const sld_allocator *alloc, const struct sld_result *result, size_t at, const void *bytes, size_t size, sld_error *err) {
  size_t sets = result->plan->sets;
  return sld__outcome_read(out, alloc, result->plan, at / sets, at % sets, bytes, size, err);
}

/* What was taken is sent on as it stands. */
static void check_again(const sld__outcome *out, const sld_allocator *alloc, const struct sld_result *result, size_t at) {
  struct sld__buffer once, twice;
  sld__outcome again;
  size_t sleeve = at / result->plan->sets;
  sld__buffer_init(&once, alloc);
  sld__buffer_init(&twice, alloc);
  sld__outcome_write(&once, result->plan, sleeve, out);
  FUZZ_HOLDS(read(&again, alloc, result, at, once.data, once.size, NULL) == SLD_OK);
  sld__outcome_write(&twice, result->plan, sleeve, &again);
  FUZZ_HOLDS(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0);
  sld__outcome_fini(alloc, &again);
  sld__buffer_fini(&once);
  sld__buffer_fini(&twice);
}

static void free_merged(struct sld_result *result) {
  void *blocks[] = { result->time, result->equity, result->weights, result->figures };
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
}

/* The run's result with this outcome in place of its own. */
static void use(const sld__outcome *out, const sld_allocator *alloc, const struct sld_result *result, size_t at) {
  struct sld_result lied = *result;
  sld__outcome outcomes[JOBS];
  sld_error err;
  FUZZ_HOLDS(result->outcome_count <= JOBS);
  for (size_t i = 0; i < result->outcome_count; i++) {
    if (i == at) {
      outcomes[i] = *out;
      continue;
    }
    struct sld__buffer bytes = fuzz_outcome_bytes(result, i);
    FUZZ_HOLDS(read(&outcomes[i], alloc, result, i, bytes.data, bytes.size, NULL) == SLD_OK);
    sld__buffer_fini(&bytes);
  }
  lied.alloc = alloc;
  lied.outcomes = outcomes;
  lied.has_portfolio = false;
  lied.portfolio = (sld_portfolio){ 0 };
  lied.time = NULL;
  lied.equity = lied.weights = lied.figures = NULL;
  FUZZ_HOLDS(sld__result_merge(&lied, &err) == SLD_OK);
  FUZZ_HOLDS(sld_result_write_json(&lied, "nowhere", &err) == SLD_OK);
  FUZZ_HOLDS(sld_result_write_csv(&lied, "nowhere", &err) == SLD_OK);
  free_merged(&lied);
  for (size_t i = 0; i < result->outcome_count; i++) sld__outcome_fini(alloc, &outcomes[i]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  for (unsigned i = 0; i < FUZZ_RUNS; i++) fuzz_run(i);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  size_t taken = 0;
  const sld_allocator alloc = fuzz_counting(&taken);
  const struct sld_result *result = fuzz_run(fuzz_choice(&in, FUZZ_RUNS));
  size_t at = fuzz_choice(&in, (unsigned)result->outcome_count);
  sld__outcome out;
  sld_error err;
  sld_status status = read(&out, &alloc, result, at, fuzz_guarded(0, in.data, in.size), in.size, &err);
  FUZZ_HOLDS(taken <= MULTIPLE * in.size + FIXED);
  if (status != SLD_OK) {
    fuzz_check_error(status, &err);
    return 0;
  }
  if (out.error) fuzz_check_words(out.error);
  check_again(&out, &alloc, result, at);
  use(&out, &alloc, result, at);
  return 0;
}
