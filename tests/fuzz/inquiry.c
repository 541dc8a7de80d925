/* What a worker process answers that was asked what a strategy is. Input: the answer.
 *
 * What is taken must be of use without harm: a run is planned of it, with every parameter set and varied. */
#include "runs.h"

#include <stdio.h>
#include <string.h>

#include "api/host.h"
#include "engine/inquiry.h"

enum { PARAMS = 16, MULTIPLE = 32, FIXED = 1 << 16 };

static sld__script *script_of(const sld_allocator *alloc) {
  sld__script *script;
  FUZZ_HOLDS(sld__script_from_text(&script, alloc, "fuzz.lua", "return 1", 8, NULL) == SLD_OK);
  script->extensions = &fuzz_market()->host->extensions;
  return script;
}

/* What was taken is sent on as it stands. */
static void check_again(const sld__inquired *inquired, const sld__script *script, const sld_allocator *alloc) {
  struct sld__buffer once, twice;
  sld__inquired again;
  sld__script *other = script_of(alloc);
  sld__buffer_init(&once, alloc);
  sld__buffer_init(&twice, alloc);
  sld__inquiry_write(&once, inquired, script, 0);
  FUZZ_HOLDS(sld__inquiry_read(&again, other, once.data, once.size, NULL) == SLD_OK);
  sld__inquiry_write(&twice, &again, other, 0);
  FUZZ_HOLDS(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0);
  sld__declaration_fini(&again.declaration);
  sld__script_free(other);
  sld__buffer_fini(&once);
  sld__buffer_fini(&twice);
}

static void plan(const sld__declaration *d, const sld__script *script, const sld_allocator *alloc) {
  sld_run_options options = SLD_RUN_OPTIONS_INIT;
  sld_setting settings[PARAMS];
  sld_axis axes[PARAMS];
  char values[PARAMS][32];
  double ends[PARAMS][2];
  sld__plan *made;
  sld_error err;
  size_t count = d->param_count < PARAMS ? d->param_count : PARAMS;
  for (size_t i = 0; i < count; i++) {
    const sld_param *p = &d->params[i];
    snprintf(values[i], sizeof values[i], "%.17g", p->initial);
    ends[i][0] = p->min;
    ends[i][1] = p->max;
    settings[i] = (sld_setting){ p->name, p->kind == SLD_CHOICE ? p->choices[0] : p->kind == SLD_BOOL ? "true" : values[i] };
    axes[i] = (sld_axis){ p->name, ends[i], 2 };
  }
  options.settings = settings;
  options.setting_count = count;
  for (size_t axis_count = 0; axis_count <= count; axis_count += count ? count : 1) {
    options.axes = axis_count ? axes : NULL;
    options.axis_count = axis_count;
    sld_status status = sld__plan_new(&made, alloc, fuzz_market()->market, script, d, &options, &err);
    if (status == SLD_OK) sld__plan_free(made);
    else fuzz_check_error(status, &err);
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  fuzz_market();
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t taken = 0;
  const sld_allocator alloc = fuzz_counting(&taken);
  sld__script *script = script_of(&alloc);
  sld__inquired inquired;
  sld_error err;
  sld_status status = sld__inquiry_read(&inquired, script, fuzz_guarded(0, data, size), size, &err);
  FUZZ_HOLDS(taken <= MULTIPLE * size + FIXED);
  script->sealed = true;
  if (status != SLD_OK) {
    fuzz_check_error(status, &err);
  } else if (inquired.failed) {
    fuzz_check_words(&inquired.error);
  } else {
    check_again(&inquired, script, &alloc);
    plan(&inquired.declaration, script, &alloc);
  }
  sld__declaration_fini(&inquired.declaration);
  sld__script_free(script);
  return 0;
}
