/* Small runs, for the fuzzers of what worker processes send: their plans know what may be in it, and their jobs made what is in it. */
#ifndef TESTS_FUZZ_RUNS_H
#define TESTS_FUZZ_RUNS_H

#include "base/buffer.h"
#include "engine/result.h"
#include "fuzz.h"

/* Sleeves and one account, orders and signals, an overlay and a model, one set of parameters and a grid; and what a strategy says in vain. */
enum { FUZZ_RUNS = 7, FUZZ_ANSWERS = 5 };

/* The market of all runs. */
sld_market *fuzz_market(void);

/* Run i < FUZZ_RUNS, made with the first call; it lasts as long as the program. */
const struct sld_result *fuzz_run(unsigned i);

/* Outcome `at` of a run as its process would send it. To be finished. */
struct sld__buffer fuzz_outcome_bytes(const struct sld_result *result, size_t at);

/* Answer i < FUZZ_ANSWERS, likewise: of a process that was asked what a strategy is. */
struct sld__buffer fuzz_answer_bytes(unsigned i);

/* Whether an error of a script's says something, and nothing that could steer a terminal. It may have lines. */
void fuzz_check_words(const sld_error *err);

/* Memory that counts in *taken what is asked of it. */
sld_allocator fuzz_counting(size_t *taken);

#endif
