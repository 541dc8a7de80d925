/* A column store: its description and .npy files. Input: the description; "%%", and one column after the other as they stand in sld__series_column, each
 * with "%%" behind it. */
#include "fuzz.h"

#include <stdio.h>

#include "base/alloc.h"
#include "market/market.h"
#include "market/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  char paths[SLD__COLUMN_COUNT][64];
  const sld_allocator a = sld__alloc_default();
  sld__intake intake = { .allocator = &a };
  sld_error err = { .status = SLD_OK };
  sld__breach breach;
  fuzz_input description = fuzz_part(&in);
  fuzz_file("store/" SLD__STORE_DESCRIPTION, description.data, description.size);
  for (int k = 0; k < SLD__COLUMN_COUNT && in.size > 0; k++) {
    fuzz_input column = fuzz_part(&in);
    snprintf(paths[k], sizeof paths[k], "store/g000001/%s.npy", sld__series_column_name(k));
    if (column.size > 0) fuzz_file(paths[k], column.data, column.size);
  }
  sld_status status = sld__store_open(&intake, "store", &err);
  if (status == SLD_OK) FUZZ_HOLDS(intake.count == 1 && !sld__series_breach(intake.series[0], &breach));
  else fuzz_check_error(status, &err);
  sld__intake_fini(&intake);
  fuzz_files_forget();
  return 0;
}
