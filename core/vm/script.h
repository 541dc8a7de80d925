/* A strategy's texts and what it declares. */
#ifndef SLD_VM_SCRIPT_H
#define SLD_VM_SCRIPT_H

#include "vm/vm.h"

/* Reads file `path`; its modules are looked for beside it. EIO, ENOMEM. */
sld_status sld__script_read(sld__script **out, const sld_allocator *alloc, const char *path, sld_error *err);

/* The same from text[size] under a name for messages; without modules. ENOMEM. */
sld_status sld__script_from_text(sld__script **out, const sld_allocator *alloc, const char *name, const char *text, size_t size, sld_error *err);

/* NULL is fine. */
void sld__script_free(sld__script *script);

/* Module `name` ("rules", "lib.rules": letters, digits, _ and dots), borrowed. Read from the folder while the script is not sealed.
 * NULL: EINVAL an impossible name, ENAME no such module, EIO, ENOMEM. One thread until the script is sealed, any afterwards. */
const sld__module *sld__script_module(sld__script *script, const char *name, sld_error *err);

/* Hash of the file, its modules and the host's words in 32 hexadecimal digits. */
void sld__script_hash(const sld__script *script, char hex[33]);

/* Frees what a declaration owns; zeroed memory is fine. */
void sld__declaration_fini(sld__declaration *declaration);

/* Opens engine `name` from folder `dir`. The library stays open until close. EVM. */
typedef struct sld__engine_handle {
  void *library;
  const sld__vm_engine *engine;
} sld__engine_handle;

sld_status sld__engine_open(sld__engine_handle *out, const char *dir, const char *name, sld_error *err);
void sld__engine_close(sld__engine_handle *handle);

/* The functions of the core that engines get. */
void sld__vm_core_init(sld__vm_core *core, const sld_allocator *alloc);

#endif
