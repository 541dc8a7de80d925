rockspec_format = "3.0"
package = "sliders"
version = "scm-1"
source = { url = "." } -- built from a checkout: luarocks make
description = {
  summary = "Backtests a trading strategy over many currency pairs at once",
  detailed = [[
A C core with a work-stealing pool runs a strategy written in Lua over every pair, in LuaJIT or Lua 5.4, and puts the results
together into one portfolio. Comes as a command (for Lua 5.4) and as a module for Lua 5.4, Lua 5.1 and LuaJIT.]],
  license = "MIT",
}
dependencies = { "lua >= 5.1, < 5.5", "argparse >= 0.7" }
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_C_FLAGS = "$(CFLAGS)",
    SLIDERS_ROCK = "ON",
    SLIDERS_TESTS = "OFF",
    SLIDERS_LTO = "ON",
    LUA = "$(LUA)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LIBDIR = "$(LIBDIR)",
    LUADIR = "$(LUADIR)",
    BINDIR = "$(BINDIR)",
  },
}
-- The command finds its modules by itself and starts faster without LuaRocks' wrapper.
deploy = { wrap_bin_scripts = false }
test = { type = "command", command = "script/test" }
