/* A library opened beside a foreign Lua calls its own functions; a sanitizer build refuses. */
#include "base/os.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Names of Debian's packages. */
#define FOREIGN "liblua5.4.so.0"
#define ENGINE "libluajit-5.1.so.2"

#if !defined(SANITIZED)
/* What `name` of the opened library says that its version is, by a small program run in a new state of it. */
static void version_of(void *library, char *out, size_t size) {
  sld__os_function new_state, open_libs, load, call, to_text, close;
  assert_int_equal(sld__os_library_find(&new_state, library, "luaL_newstate", NULL), SLD_OK);
  assert_int_equal(sld__os_library_find(&open_libs, library, "luaL_openlibs", NULL), SLD_OK);
  assert_int_equal(sld__os_library_find(&load, library, "luaL_loadstring", NULL), SLD_OK);
  assert_int_equal(sld__os_library_find(&call, library, "lua_pcall", NULL), SLD_OK);
  assert_int_equal(sld__os_library_find(&to_text, library, "lua_tolstring", NULL), SLD_OK);
  assert_int_equal(sld__os_library_find(&close, library, "lua_close", NULL), SLD_OK);
  void *state = ((void *(*)(void))new_state)();
  assert_non_null(state);
  ((void (*)(void *))open_libs)(state);
  assert_int_equal(((int (*)(void *, const char *))load)(state, "return jit and jit.version or _VERSION"), 0);
  assert_int_equal(((int (*)(void *, int, int, int))call)(state, 0, 1, 0), 0);
  size_t length;
  const char *text = ((const char *(*)(void *, int, size_t *))to_text)(state, -1, &length);
  assert_true(length < size);
  memcpy(out, text, length + 1);
  ((void (*)(void *))close)(state);
}
#endif

static void beside_a_foreign_lua_an_engine_keeps_its_own_functions(void **state) {
  (void)state;
  void *foreign = dlopen(FOREIGN, RTLD_NOW | RTLD_GLOBAL);
  if (!foreign) {
    print_message("no %s here\n", FOREIGN);
    skip();
  }
  void *library = NULL;
  sld_error err;
  sld_status status = sld__os_library_open(&library, ENGINE, &err);
#if defined(SANITIZED)
  assert_int_equal(status, SLD_EVM);
  assert_non_null(strstr(err.message, "sanitizer"));
#else
  if (status) fail_msg("%s", err.message);
  char version[64];
  version_of(library, version, sizeof version);
  assert_non_null(strstr(version, "LuaJIT"));
  sld__os_library_close(library);
#endif
  dlclose(foreign);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(beside_a_foreign_lua_an_engine_keeps_its_own_functions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
