/* The unpackers alone. Input: a byte that says which, and the packed bytes. */
#include "fuzz.h"

#include "base/alloc.h"
#include "market/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input in = { data, size };
  const sld_allocator a = sld__alloc_default();
  sld__members members = { .allocator = a };
  sld_error err = { .status = SLD_OK };
  unsigned kind = fuzz_choice(&in, 3);
  const char *packed = fuzz_guarded(0, in.data, in.size);
  sld_status status = kind == 0 ? sld__unpack_gzip(&members, &a, "file", packed, in.size, &err)
                    : kind == 1 ? sld__unpack_zip(&members, &a, "file", packed, in.size, &err)
                                : sld__unpack_lzma(&members, &a, "file", packed, in.size, &err);
  size_t all = 0;
  for (size_t i = 0; i < members.count; i++) all += members.list[i].size;
  FUZZ_HOLDS(all <= sld__unpack_limit(in.size));
  if (status != SLD_OK) fuzz_check_error(status, &err);
  else FUZZ_HOLDS(members.count > 0);
  sld__members_free(&members);
  return 0;
}
