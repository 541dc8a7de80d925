/* What the fuzzers share: inputs that end where memory does, and files that are such inputs.
 *
 * The core maps files and then reads bytes. Here a file is a copy of a part of the input whose last byte is the last of a page, with a page
 * behind it that nobody can read: one byte too many ends the fuzzer, by whatever code it was read, libzip's and jansson's among it. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <sliders.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the fuzzer where something does not hold. */
#define FUZZ_HOLDS(condition) do { if (!(condition)) __builtin_trap(); } while (0)

/* Files and other inputs at once, and bytes in each, at most. Longer ones are cut. */
enum { FUZZ_FILES = 16, FUZZ_SIZE = 1 << 16 };

/* A copy of data[size] before a page that cannot be read; good until the next call with the same number < FUZZ_FILES. */
char *fuzz_guarded(int number, const void *data, size_t size);

/* The same for a struct: aligned, with up to 15 bytes behind it that AddressSanitizer alone keeps unread. */
void *fuzz_guarded_struct(int number, const void *data, size_t size);

/* Makes `path` a file of the core's, until fuzz_files_forget. Other paths are not there, but for time zones. `path` is borrowed. */
void fuzz_file(const char *path, const void *data, size_t size);
void fuzz_files_forget(void);

/* What is left of an input. */
typedef struct fuzz_input {
  const uint8_t *data;
  size_t size;
} fuzz_input;

/* The next byte modulo n, 0 at the end. */
unsigned fuzz_choice(fuzz_input *in, unsigned n);

/* The part up to a line "%%", which is taken too; all that is left where there is none. */
fuzz_input fuzz_part(fuzz_input *in);

/* The same as text, cut where it is longer than room and at a NUL; without its last line end. */
const char *fuzz_text(fuzz_input *in, char *out, size_t room);

/* A number of any kind: mostly plain, seldom NaN, infinite, 0 or enormous. */
double fuzz_number(fuzz_input *in);

/* Whether a failure says what it must: its status, a sentence, and no byte that could steer a terminal. */
void fuzz_check_error(sld_status status, const sld_error *err);

#endif
