/* Opens engines and hands them the core's functions. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/math.h"
#include "base/os.h"
#include "base/rng.h"
#include "vm/script.h"

sld_status sld__engine_open(sld__engine_handle *out, const char *dir, const char *name, sld_error *err) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/sliders_engine_%s.so", dir, name);
  if (length < 0 || (size_t)length >= sizeof path) return sld__fail(err, SLD_EVM, "the folder of the engines has too long a name");
  sld__engine_handle handle = { NULL, NULL };
  sld_status status = sld__os_library_open(&handle.library, path, err);
  if (status != SLD_OK) return status;
  sld__os_function entry;
  status = sld__os_library_find(&entry, handle.library, SLD__ENGINE_SYMBOL, err);
  if (status == SLD_OK) {
    handle.engine = ((const sld__vm_engine *(*)(void))entry)();
    if (handle.engine->abi != SLD__ENGINE_ABI)
      status = sld__fail_at(err, SLD_EVM, path, 0, 0, "the engine is of another version of sliders (interface %u, wanted %u)", handle.engine->abi, SLD__ENGINE_ABI);
  }
  if (status != SLD_OK) {
    sld__os_library_close(handle.library);
    return status;
  }
  *out = handle;
  return SLD_OK;
}

void sld__engine_close(sld__engine_handle *handle) {
  sld__os_library_close(handle->library);
  *handle = (sld__engine_handle){ NULL, NULL };
}

void sld__vm_core_init(sld__vm_core *core, const sld_allocator *alloc) {
  *core = (sld__vm_core){
    .abi = SLD__ENGINE_ABI,
    .alloc = *alloc,
    .kernel_find = sld__kernel_find,
    .columns_base = sld__columns_base,
    .columns_finite = sld__columns_finite,
    .columns_constant = sld__columns_constant,
    .columns_apply = sld__columns_apply,
    .columns_count = sld__columns_count,
    .columns_warmup = sld__columns_warmup,
    .columns_materialise = sld__columns_materialise,
    .columns_frame = sld__columns_frame,
    .columns_frame_base = sld__columns_frame_base,
    .columns_join = sld__columns_join,
    .columns_frame_of = sld__columns_frame_of,
    .frame_column = sld__frame_column,
    .frames_new = sld__frames_new,
    .frames_free = sld__frames_free,
    .frames_start = sld__frames_start,
    .frames_at = sld__frames_at,
    .frames_firsts = sld__frames_firsts,
    .frames_rate = sld__frames_rate,
    .frames_hand = sld__frames_hand,
    .frames_hours = sld__frames_hours,
    .frames_hand_at = sld__frames_hand_at,
    .broker_advance = sld__broker_advance,
    .broker_target = sld__broker_target,
    .broker_request = sld__broker_request,
    .shared_step = sld__shared_step,
    .rng_init = sld__rng_init,
    .rng_uniform = sld__rng_uniform,
    .suggest = sld_suggest,
    .exp = sld__exp,
    .log = sld__log,
    .pow = sld__pow,
    .sin = sld__sin,
    .cos = sld__cos,
    .tan = sld__tan,
    .asin = sld__asin,
    .acos = sld__acos,
    .atan = sld__atan,
    .atan2 = sld__atan2,
    .module = sld__script_module,
  };
}
