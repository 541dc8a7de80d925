/* fuzz_seeds DIR: writes what worker processes send in small runs to DIR/outcome and DIR/inquiry, as the fuzzers of those names take it. The forms are
 * the product's own and change with it, so nobody keeps these files: script/fuzz makes them. */
#include "runs.h"

#include <stdio.h>
#include <sys/stat.h>

static FILE *file_of(const char *dir, const char *kind, unsigned run, unsigned job) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", dir, kind);
  mkdir(path, 0777);
  snprintf(path, sizeof path, "%s/%s/%u-%u", dir, kind, run, job);
  FILE *file = fopen(path, "wb");
  FUZZ_HOLDS(file);
  return file;
}

static void end_file(FILE *file, struct sld__buffer *bytes) {
  FUZZ_HOLDS(fwrite(bytes->data, 1, bytes->size, file) == bytes->size && fclose(file) == 0);
  sld__buffer_fini(bytes);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  mkdir(argv[1], 0777);
  for (unsigned i = 0; i < FUZZ_RUNS; i++) {
    const struct sld_result *result = fuzz_run(i);
    for (unsigned at = 0; at < result->outcome_count; at++) {
      struct sld__buffer bytes = fuzz_outcome_bytes(result, at);
      FILE *file = file_of(argv[1], "outcome", i, at);
      fputc((int)i, file);
      fputc((int)at, file);
      end_file(file, &bytes);
    }
  }
  for (unsigned i = 0; i < FUZZ_ANSWERS; i++) {
    struct sld__buffer bytes = fuzz_answer_bytes(i);
    end_file(file_of(argv[1], "inquiry", i, 0), &bytes);
  }
  return 0;
}
