/* market:load of sliders.core: options in, a report out; and the table of dialects. */
#include <string.h>

#include "handle.h"

/* core.dialects() -> {name, about, zone} in the order in which they are tried */
int dialects(lua_State *L) {
  lua_newtable(L);
  for (size_t i = 0; sld_dialect_at(i); i++) {
    const sld_dialect *dialect = sld_dialect_at(i);
    lua_createtable(L, 0, 3);
    field_string(L, "name", dialect->name);
    field_string(L, "about", dialect->about);
    field_string(L, "zone", dialect->zone);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

/* ---- Options ---------------------------------------------------------------------------------------------------- */

static const char *const names[] = {"ask", "date", "day_first", "dialect", "lenient", "newest_first", "pair", "scale", "side", "zone"};
enum { NAME_COUNT = sizeof names / sizeof *names };

static bool known(lua_State *L, int index, sld_error *err) {
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return refuse(L, err, SLD_EINVAL, "options", "option names are strings");
    const char *name = lua_tostring(L, -2);
    bool found = false;
    for (size_t i = 0; i < NAME_COUNT; i++) found = found || strcmp(name, names[i]) == 0;
    if (found) continue;
    const char *nearest = sld_suggest(name, names, NAME_COUNT);
    if (nearest) return refuse(L, err, SLD_ENAME, "options", "no option \"%s\"; did you mean \"%s\"?", name, nearest);
    return refuse(L, err, SLD_ENAME, "options", "no option \"%s\"", name);
  }
  return true;
}

/* Pushes field `name` and looks at its type. *given: whether it is there. */
static bool field_push(lua_State *L, int index, const char *name, int type, bool *given, sld_error *err) {
  char path[32] = "options.";
  lua_getfield(L, index, name);
  *given = !lua_isnil(L, -1);
  if (!*given || lua_type(L, -1) == type) return true;
  return refuse(L, err, SLD_EINVAL, strcat(path, name), "a %s expected, got %s", lua_typename(L, type), luaL_typename(L, -1));
}

/* A text of the table, which keeps it. */
static bool text_read(lua_State *L, int index, const char *name, const char **out, sld_error *err) {
  bool given;
  if (!field_push(L, index, name, LUA_TSTRING, &given, err)) return false;
  if (given) *out = lua_tostring(L, -1);
  lua_pop(L, 1);
  return true;
}

static bool flag_read(lua_State *L, int index, const char *name, bool *given, bool *out, sld_error *err) {
  if (!field_push(L, index, name, LUA_TBOOLEAN, given, err)) return false;
  *out = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return true;
}

static bool scale_read(lua_State *L, int index, double *out, sld_error *err) {
  bool given;
  if (!field_push(L, index, "scale", LUA_TNUMBER, &given, err)) return false;
  if (given) *out = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (given && !(*out > 0.0)) return refuse(L, err, SLD_EINVAL, "options.scale", "a number above 0 expected");
  return true;
}

/* Reads {dialect =, zone =, side =, pair =, ask =, date =, scale =, day_first =, newest_first =, lenient =}. */
bool load_options_read(lua_State *L, int index, sld_load_options *out, sld_error *err) {
  bool given;
  bool day_first = false;
  bool newest_first = false;
  if (!known(L, index, err)) return false;
  bool ok = text_read(L, index, "dialect", &out->dialect, err) && text_read(L, index, "zone", &out->zone, err) && text_read(L, index, "side", &out->side, err) &&
            text_read(L, index, "pair", &out->pair, err) && text_read(L, index, "ask", &out->ask, err) && text_read(L, index, "date", &out->date, err) &&
            scale_read(L, index, &out->scale, err) && flag_read(L, index, "day_first", &given, &day_first, err);
  if (!ok) return false;
  if (given) out->day_order = day_first ? SLD_DAY_FIRST : SLD_MONTH_FIRST;
  if (!flag_read(L, index, "newest_first", &given, &newest_first, err)) return false;
  if (given) out->row_order = newest_first ? SLD_NEWEST_FIRST : SLD_OLDEST_FIRST;
  return flag_read(L, index, "lenient", &given, &out->lenient, err);
}

/* ---- The report ------------------------------------------------------------------------------------------------- */

static void source_push(lua_State *L, const sld_load_source *source) {
  lua_createtable(L, 0, 13);
  field_string(L, "file", source->file);
  field_string(L, "dialect", source->dialect);
  field_string(L, "zone", source->zone);
  if (*source->pair) field_string(L, "pair", source->pair);
  field_number(L, "scale", source->scale);
  field_integer(L, "rows", (int64_t)source->rows);
  field_integer(L, "dropped", (int64_t)source->dropped);
  field_integer(L, "first_time", source->first_time);
  field_integer(L, "last_time", source->last_time);
  field_integer(L, "period_ns", source->period_ns);
  field_string(L, "idle", source->idle);
  lua_pushboolean(L, source->asks);
  lua_setfield(L, -2, "asks");
  if (source->first_line) field_integer(L, "first_line", source->first_line);
}

static void note_push(lua_State *L, const sld_load_note *note) {
  lua_createtable(L, 0, 5);
  field_string(L, "kind", sld_note_kind_name(note->kind));
  field_string(L, "file", note->file);
  if (note->line) field_integer(L, "line", note->line);
  if (note->column) field_integer(L, "column", note->column);
  field_string(L, "message", note->message);
}

/* Runs protected: the report must not outlive an error of Lua. */
int report_push(lua_State *L) {
  const sld_load_report *report = lua_touserdata(L, 1);
  lua_createtable(L, 0, 2);
  lua_newtable(L);
  for (size_t i = 0; i < sld_load_report_source_count(report); i++) {
    source_push(L, sld_load_report_source_at(report, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "sources");
  lua_newtable(L);
  for (size_t i = 0; i < sld_load_report_note_count(report); i++) {
    note_push(L, sld_load_report_note_at(report, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "notes");
  return 1;
}

/* The paths at index 2, a text or a list of texts; they live on the stack, the list on its top. */
static const char *const *paths_read(lua_State *L, size_t *count) {
  bool list = lua_istable(L, 2);
  *count = list ? lua_rawlen(L, 2) : 1;
  const char **paths = lua_newuserdata(L, (*count + 1) * sizeof *paths);
  if (!list) paths[0] = luaL_checkstring(L, 2);
  for (size_t i = 0; list && i < *count; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 2, "a list of paths expected");
    paths[i] = lua_tostring(L, -1);
    lua_pop(L, 1); /* the list keeps it */
  }
  return paths;
}

/* market:load(path or paths, options) -> {sources = {}, notes = {}}, or nil and an error */
int market_load(lua_State *L) {
  sld_market *market = handle_object(L, 1, MARKET_TYPE);
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  sld_load_report *report = NULL;
  sld_error err = {0};
  lua_settop(L, 3);
  if (!lua_isnil(L, 3)) {
    luaL_checktype(L, 3, LUA_TTABLE);
    if (!load_options_read(L, 3, &options, &err)) return error_push(L, err.status, &err);
  }
  size_t count;
  const char *const *paths = paths_read(L, &count);
  lua_pushcfunction(L, report_push);
  sld_status status = sld_market_load_paths(market, paths, count, &options, &report, &err);
  if (status != SLD_OK) return error_push(L, status, &err);
  lua_pushlightuserdata(L, report);
  int failed = lua_pcall(L, 1, 1, 0);
  sld_load_report_free(report);
  return failed ? lua_error(L) : 1;
}
