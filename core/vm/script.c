/* A strategy's texts: the file, and the modules beside it. */
#include "vm/script.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/os.h"

static sld_status read_text(const sld_allocator *alloc, const char *path, char **text, size_t *size, sld_error *err) {
  struct sld__map map;
  sld_status status = sld__os_map_file(&map, path, err);
  if (status != SLD_OK) return status;
  *text = sld__strndup(alloc, map.data, map.size);
  *size = map.size;
  sld__os_map_close(&map);
  return *text ? SLD_OK : sld__fail_memory(err);
}

static char *folder_of(const sld_allocator *alloc, const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return sld__strndup(alloc, ".", 1);
  return sld__strndup(alloc, path, slash == path ? 1 : (size_t)(slash - path));
}

static sld__script *new_script(const sld_allocator *alloc, const char *path) {
  sld__script *script = sld__alloc_zero(alloc, 1, sizeof *script);
  if (!script) return NULL;
  script->alloc = alloc;
  script->path = sld__strndup(alloc, path, strlen(path));
  if (script->path) return script;
  sld__free(alloc, script);
  return NULL;
}

sld_status sld__script_read(sld__script **out, const sld_allocator *alloc, const char *path, sld_error *err) {
  sld__script *script = new_script(alloc, path);
  if (!script) return sld__fail_memory(err);
  script->folder = folder_of(alloc, path);
  sld_status status = script->folder ? read_text(alloc, path, &script->text, &script->size, err) : sld__fail_memory(err);
  if (status != SLD_OK) {
    sld__script_free(script);
    return status;
  }
  *out = script;
  return SLD_OK;
}

sld_status sld__script_from_text(sld__script **out, const sld_allocator *alloc, const char *name, const char *text, size_t size, sld_error *err) {
  sld__script *script = new_script(alloc, name);
  if (!script) return sld__fail_memory(err);
  script->text = sld__strndup(alloc, text, size);
  script->size = size;
  if (!script->text) {
    sld__script_free(script);
    return sld__fail_memory(err);
  }
  *out = script;
  return SLD_OK;
}

static void free_module(const sld_allocator *alloc, sld__module *module) {
  sld__free(alloc, module->name);
  sld__free(alloc, module->path);
  sld__free(alloc, module->text);
}

void sld__script_free(sld__script *script) {
  if (!script) return;
  for (size_t i = 0; i < script->module_count; i++) free_module(script->alloc, &script->modules[i]);
  sld__free(script->alloc, script->modules);
  sld__free(script->alloc, script->path);
  sld__free(script->alloc, script->folder);
  sld__free(script->alloc, script->text);
  sld__free(script->alloc, script);
}

static bool acceptable(const char *name) {
  size_t length = strlen(name);
  if (length == 0 || length > 200 || name[0] == '.' || name[length - 1] == '.') return false;
  for (size_t i = 0; i < length; i++) {
    if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '.') return false;
    if (name[i] == '.' && name[i + 1] == '.') return false;
  }
  return true;
}

static char *module_path(const sld__script *script, const char *name) {
  char file[256];
  snprintf(file, sizeof file, "%s", name);
  for (char *c = file; *c; c++)
    if (*c == '.') *c = '/';
  strcat(file, ".lua"); /* a name has at most 200 bytes */
  return sld__os_join(script->alloc, script->folder, file);
}

static const sld__module *add_module(sld__script *script, const char *name, sld_error *err) {
  sld__module *grown = sld__realloc(script->alloc, script->modules, script->module_count + 1, sizeof *grown);
  if (!grown) {
    sld__fail_memory(err);
    return NULL;
  }
  script->modules = grown;
  sld__module *module = &grown[script->module_count];
  memset(module, 0, sizeof *module);
  module->name = sld__strndup(script->alloc, name, strlen(name));
  module->path = module_path(script, name);
  sld_status status = module->name && module->path ? SLD_OK : sld__fail_memory(err);
  if (status == SLD_OK && !sld__os_is_file(module->path)) status = sld__fail(err, SLD_ENAME, "module '%s' not found: there is no file %s", name, module->path);
  if (status == SLD_OK) status = read_text(script->alloc, module->path, &module->text, &module->size, err);
  if (status != SLD_OK) {
    free_module(script->alloc, module);
    return NULL;
  }
  script->module_count++;
  return module;
}

const sld__module *sld__script_module(sld__script *script, const char *name, sld_error *err) {
  for (size_t i = 0; i < script->module_count; i++)
    if (strcmp(script->modules[i].name, name) == 0) return &script->modules[i];
  if (!acceptable(name)) sld__fail(err, SLD_EINVAL, "'%s' is no module name: letters, digits, _ and single dots", name);
  else if (!script->folder) sld__fail(err, SLD_ENAME, "module '%s' not found: a strategy given as text has no modules", name);
  else if (script->sealed) sld__fail(err, SLD_ENAME, "module '%s' was not required when the strategy was opened", name);
  else return add_module(script, name, err);
  return NULL;
}

void sld__script_hash(const sld__script *script, char hex[33]) {
  struct sld__hash hash;
  sld__hash_init(&hash);
  if (script->trusted) sld__hash_add_text(&hash, "trusted"); /* the same text sees another world */
  sld__hash_add_integer(&hash, (int64_t)script->size);
  sld__hash_add(&hash, script->text, script->size);
  for (size_t i = 0; i < script->module_count; i++) {
    const sld__module *module = &script->modules[i];
    sld__hash_add_text(&hash, module->name);
    sld__hash_add_integer(&hash, (int64_t)module->size);
    sld__hash_add(&hash, module->text, module->size);
  }
  if (script->extensions) sld__extensions_hash(script->extensions, &hash);
  sld__hash_text(&hash, hex);
}

void sld__declaration_fini(sld__declaration *d) {
  if (!d->alloc) return;
  for (size_t i = 0; i < d->param_count; i++) {
    const sld_param *p = &d->params[i];
    for (size_t k = 0; k < p->choice_count; k++) sld__free(d->alloc, (void *)(uintptr_t)p->choices[k]);
    sld__free(d->alloc, (void *)(uintptr_t)p->choices);
    sld__free(d->alloc, (void *)(uintptr_t)p->name);
    sld__free(d->alloc, (void *)(uintptr_t)p->label);
  }
  for (size_t i = 0; i < d->model_option_count; i++) {
    sld__free(d->alloc, d->model_options[i].name);
    sld__free(d->alloc, d->model_options[i].text);
  }
  for (size_t i = 0; i < d->pair_count; i++) sld__free(d->alloc, d->pairs[i]);
  sld__free(d->alloc, d->pairs);
  sld__free(d->alloc, d->model_options);
  sld__free(d->alloc, d->model);
  sld__free(d->alloc, d->params);
  sld__free(d->alloc, d->about);
}
