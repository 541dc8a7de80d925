/* What the public handles hold. */
#ifndef SLD_API_HOST_H
#define SLD_API_HOST_H

#include "engine/engine.h"
#include "market/market.h"
#include "pool/pool.h"
#include "vm/script.h"
#include "vm/states.h"

enum { SLD__LUAJIT = 0, SLD__LUA54 = 1, SLD__VMS = 2 };

struct sld_host {
  sld_allocator alloc;
  sld__pool *pool;
  sld__guard *guard;
  sld__spare *spare; /* long columns between runs */
  sld__vm_core core;
  sld__extensions extensions; /* may grow while nothing is open */
  sld__engine_handle engines[SLD__VMS]; /* opened when first asked for */
  char *engine_dirs[SLD__VMS];          /* where they were found; NULL: the program brought them */
  char *engine_dir;                     /* NULL: look in the usual places */
  sld_log log;
  size_t open_count;                    /* markets, strategies and runs of this host */
};

struct sld_market {
  sld_host *host;
  sld__market *market;
  sld_market *source; /* the market that some of its bars belong to; NULL: all are its own */
  size_t use_count;   /* runs and markets that read it: it may not change meanwhile */
};

struct sld_strategy {
  sld_host *host;
  sld__script *script;
  sld__declaration declaration;
  const sld__vm_engine *engine;
  sld__states *states; /* idle between runs */
  char *name;
};

struct sld_run {
  sld_host *host;
  sld_market *market;
  sld__launch *launch;
  bool told; /* to the log */
};

/* Calls task(arg, i) for every i < count on the workers of a pool, the caller's own thread where no worker can take it: what market/parallel.h asks
 * for. `host` is a sld_host. */
void sld__host_each(void *host, size_t count, void (*task)(void *arg, size_t i), void *arg);

/* The engine `vm`, or for NULL LuaJIT where it opens and else Lua 5.4. EINVAL: no such engine; EVM. */
sld_status sld__host_engine(sld_host *host, const char *vm, const sld__vm_engine **out, sld_error *err);

/* What processes need to run jobs in: the path of sliders-worker, which is looked for where engines are and is the caller's to free, and the folder of an
 * open engine, borrowed. EINVAL: the host has an engine, or words, that the program brought along, and no other process has; EVM: no such program. */
sld_status sld__host_isolate(const sld_host *host, const sld__vm_engine *engine, char **program, const char **engine_dir, sld_error *err);

#endif
