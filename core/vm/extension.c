#include "vm/extension.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { NAME_MAX_BYTES = 31, ARGS_MAX = 16 };

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(const char *name) {
  if (!name || !is_letter(name[0])) return false;
  size_t i = 1;
  while (is_letter(name[i]) || (name[i] >= '0' && name[i] <= '9')) i++;
  return name[i] == '\0' && i <= NAME_MAX_BYTES;
}

static sld_status check_name(const sld__extensions *extensions, const char *path, const char *name, sld_error *err) {
  if (!is_name(name)) return sld__fail_at(err, SLD_EINVAL, path, 0, 0, "must be a name of at most %d letters, digits and _", NAME_MAX_BYTES);
  if (sld__extensions_find(extensions, name)) return sld__fail_at(err, SLD_EINVAL, path, 0, 0, "'%s' is there already", name);
  return SLD_OK;
}

static sld_status check_count(const char *path, int value, int low, int high, sld_error *err) {
  if (value >= low && value <= high) return SLD_OK;
  return sld__fail_at(err, SLD_EINVAL, path, 0, 0, "must be from %d to %d, not %d", low, high, value);
}

/* Room for an extension and its texts: "host.NAME", of which the name is the end, and the version. */
static sld__extension *new_extension(const sld_allocator *alloc, const char *name, const char *version) {
  static const char prefix[] = "host.";
  if (!version) version = "";
  size_t named = strlen(name) + 1, versioned = strlen(version) + 1;
  sld__extension *made = sld__alloc_zero(alloc, 1, sizeof *made + sizeof prefix - 1 + named + versioned);
  if (!made) return NULL;
  memcpy(made->text, prefix, sizeof prefix - 1);
  memcpy(made->text + sizeof prefix - 1, name, named);
  memcpy(made->text + sizeof prefix - 1 + named, version, versioned);
  made->kernel.name = made->text;
  made->name = made->text + sizeof prefix - 1;
  made->version = made->name + named;
  return made;
}

static void insert(sld__extensions *extensions, sld__extension *made) {
  sld__extension **at = &extensions->first;
  while (*at && strcmp((*at)->name, made->name) < 0) at = &(*at)->next;
  made->next = *at;
  *at = made;
}

sld_status sld__extensions_add_function(sld__extensions *extensions, const sld_allocator *alloc, const sld_function *function, sld_error *err) {
  sld_status status = check_name(extensions, "function.name", function->name, err);
  if (status == SLD_OK) status = check_count("function.args", function->args, 0, ARGS_MAX, err);
  if (status != SLD_OK) return status;
  if (!function->call) return sld__fail_at(err, SLD_EINVAL, "function.call", 0, 0, "must not be NULL");
  sld__extension *made = new_extension(alloc, function->name, function->version);
  if (!made) return sld__fail_memory(err);
  made->function = *function;
  made->function.name = made->name;
  made->function.version = made->version;
  insert(extensions, made);
  return SLD_OK;
}

static size_t none(const double *opt) {
  (void)opt;
  return 0;
}

static sld_status accept(const double *opt, sld_error *err) {
  (void)opt, (void)err;
  return SLD_OK;
}

sld_status sld__extensions_add_indicator(sld__extensions *extensions, const sld_allocator *alloc, const sld_indicator *indicator, sld_error *err) {
  sld_status status = check_name(extensions, "indicator.name", indicator->name, err);
  if (status == SLD_OK) status = check_count("indicator.inputs", indicator->inputs, 1, SLD__KERNEL_INPUTS, err);
  if (status == SLD_OK) status = check_count("indicator.outputs", indicator->outputs, 1, SLD__KERNEL_OUTPUTS, err);
  if (status == SLD_OK) status = check_count("indicator.options", indicator->options, 0, SLD__KERNEL_OPTIONS, err);
  if (status != SLD_OK) return status;
  if (!indicator->step) return sld__fail_at(err, SLD_EINVAL, "indicator.step", 0, 0, "must not be NULL");
  sld__extension *made = new_extension(alloc, indicator->name, indicator->version);
  if (!made) return sld__fail_memory(err);
  made->kernel.inputs = indicator->inputs;
  made->kernel.outputs = indicator->outputs;
  made->kernel.options = indicator->options;
  made->kernel.lookback = indicator->lookback ? indicator->lookback : none;
  made->kernel.history = none;
  made->kernel.state_count = indicator->state_count ? indicator->state_count : none;
  made->kernel.check = indicator->check ? indicator->check : accept;
  made->kernel.step = indicator->step;
  insert(extensions, made);
  return SLD_OK;
}

const sld__extension *sld__extensions_find(const sld__extensions *extensions, const char *name) {
  for (const sld__extension *e = extensions->first; e; e = e->next)
    if (strcmp(e->name, name) == 0) return e;
  return NULL;
}

void sld__extensions_fini(sld__extensions *extensions, const sld_allocator *alloc) {
  for (sld__extension *e = extensions->first, *next; e; e = next) {
    next = e->next;
    sld__free(alloc, e);
  }
  extensions->first = NULL;
}

void sld__extensions_hash(const sld__extensions *extensions, struct sld__hash *hash) {
  for (const sld__extension *e = extensions->first; e; e = e->next) {
    sld__hash_add_text(hash, e->name);
    sld__hash_add_text(hash, e->version);
  }
}
