/* Shared libraries. */
#include "base/os.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Two-level name spaces (macOS) bind a library's calls to its own symbols without being asked. */
#if defined(RTLD_DEEPBIND)
#define OWN_SYMBOLS_FIRST RTLD_DEEPBIND
#else
#define OWN_SYMBOLS_FIRST 0
#endif

/* Something in this file to be found by its address. */
static const char here = 0;

static bool own_path(char *resolved) {
  Dl_info info;
  if (dladdr(&here, &info) && info.dli_fname && realpath(info.dli_fname, resolved)) return true;
#if defined(__linux__)
  /* A program's own name is argv[0], which need not be a path. */
  return realpath("/proc/self/exe", resolved) != NULL;
#else
  return false;
#endif
}

sld_status sld__os_self_dir(char *buf, size_t size, sld_error *err) {
  char resolved[PATH_MAX];
  if (!own_path(resolved)) return sld__fail(err, SLD_EIO, "cannot tell where the library lies");
  char *slash = strrchr(resolved, '/');
  if (slash == resolved)
    slash[1] = '\0';
  else if (slash)
    *slash = '\0';
  if (strlen(resolved) >= size) return sld__fail_at(err, SLD_ERANGE, resolved, 0, 0, "folder name longer than %zu bytes", size);
  memcpy(buf, resolved, strlen(resolved) + 1);
  return SLD_OK;
}

sld_status sld__os_library_open(void **out, const char *path, sld_error *err) {
  int flags = RTLD_NOW | RTLD_LOCAL;
  if (dlsym(RTLD_DEFAULT, "lua_newstate")) {
#if defined(SANITIZED)
    return sld__fail_at(err, SLD_EVM, path, 0, 0, "this process shows a Lua of its own, and a sanitizer build cannot open an engine beside it");
#else
    flags |= OWN_SYMBOLS_FIRST;
#endif
  }
  void *library = dlopen(path, flags);
  if (!library) {
    const char *words = dlerror();
    return sld__fail_at(err, SLD_EVM, path, 0, 0, "cannot open: %s", words ? words : "unknown error");
  }
  *out = library;
  return SLD_OK;
}

sld_status sld__os_library_find(sld__os_function *out, void *library, const char *name, sld_error *err) {
  void *symbol = dlsym(library, name);
  if (!symbol) return sld__fail(err, SLD_EVM, "the library has no function '%s'", name);
  /* ISO C has no cast from object to function pointers; POSIX promises that they look alike. */
  _Static_assert(sizeof symbol == sizeof *out, "function and object pointers are of one size");
  memcpy(out, &symbol, sizeof symbol);
  return SLD_OK;
}

void sld__os_library_close(void *library) {
  if (library) dlclose(library);
}
