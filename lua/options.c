/* A Lua table of run options into sld_run_options.
 *
 * One table names every option once: its kind and its place in the struct. An unknown name is refused with the nearest known
 * one, a value of the wrong type with its argument path ("options.capital").
 */
#include <stddef.h>
#include <string.h>

#include "handle.h"

typedef enum option_kind { NUMBER, COUNT, FLAG, TEXT, TIME, FILL, SIDE, SIZING, ACCOUNT, ACCOUNTING, ROLLOVER, WEIGHTS, DAY, ISOLATION, KEEP, LIMITS, PAIRS, SETTINGS, AXES } option_kind;

typedef struct option {
  const char *name;
  option_kind kind;
  size_t offset;
} option;

#define OPTION(name, kind) {#name, kind, offsetof(sld_run_options, name)}

static const option options[] = {
    OPTION(account, ACCOUNT),
    OPTION(accounting, ACCOUNTING),
    OPTION(axes, AXES),
    OPTION(capital, NUMBER),
    OPTION(close_at_end, FLAG),
    OPTION(cold, FLAG),
    OPTION(commission_frac, NUMBER),
    OPTION(commission_per_lot, NUMBER),
    OPTION(commission_per_order, NUMBER),
    OPTION(currency, TEXT),
    OPTION(day, DAY),
    OPTION(day_zone, TEXT),
    OPTION(fill, FILL),
    OPTION(from, TIME),
    OPTION(isolation, ISOLATION),
    OPTION(keep, KEEP),
    OPTION(leverage, NUMBER),
    {"limits", LIMITS, 0},
    OPTION(margin_call, NUMBER),
    OPTION(max_leverage, NUMBER),
    OPTION(pairs, PAIRS),
    OPTION(periods_per_year, NUMBER),
    OPTION(pyramiding, COUNT),
    OPTION(rollover, ROLLOVER),
    OPTION(rollover_markup, NUMBER),
    OPTION(settings, SETTINGS),
    OPTION(side, SIDE),
    OPTION(sizing, SIZING),
    OPTION(slippage_pips, NUMBER),
    OPTION(spread_frac, NUMBER),
    OPTION(spread_pips, NUMBER),
    OPTION(timeframe, TEXT),
    OPTION(stop_out, NUMBER),
    OPTION(to, TIME),
    OPTION(vol_target, NUMBER),
    OPTION(weights, WEIGHTS),
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

/* The values that an option of words takes, in the order of their numbers. */
static const char *const fill_words[] = {"next_open", "close", "tradingview", "backtesting_py"};
static const char *const at_words[] = {"next_open", "close"};
static const char *const path_words[] = {"pessimistic", "tradingview", "backtesting_py"};
static const char *const quotes_words[] = {"side", "mid"};
static const char *const spread_words[] = {"both", "entry"};
static const char *const sizing_words[] = {"call", "fill"};
static const char *const account_words[] = {"split", "shared"};
static const char *const accounting_words[] = {"net", "hedge"};
static const char *const rollover_words[] = {"none", "points", "rates"};
static const char *const weights_words[] = {"sum", "equal", "inverse_vol", "vol_target"};
static const char *const side_words[] = {"bid", "mid", "both"};
static const char *const day_words[] = {"ny", "utc", "source"};
static const char *const isolation_words[] = {"thread", "process"};
static const char *const keep_words[] = {"figures", "equity", "ledger", "all"};

/* ---- Words ------------------------------------------------------------------------------------------------------ */

static bool word_refuse(lua_State *L, sld_error *err, const char *path, const char *what, const char *word, const char *const *words, size_t count) {
  const char *nearest = sld_suggest(word, words, count);
  if (nearest) return refuse(L, err, SLD_ENAME, path, "no %s \"%s\"; did you mean \"%s\"?", what, word, nearest);
  return refuse(L, err, SLD_ENAME, path, "no %s \"%s\"", what, word);
}

/* The number of the word on top of the stack; -1: err is filled. */
static int word_read(lua_State *L, const char *path, const char *const *words, size_t count, sld_error *err) {
  if (lua_type(L, -1) != LUA_TSTRING) {
    refuse(L, err, SLD_EINVAL, path, "a string expected, got %s", luaL_typename(L, -1));
    return -1;
  }
  const char *word = lua_tostring(L, -1);
  for (size_t i = 0; i < count; i++)
    if (strcmp(word, words[i]) == 0) return (int)i;
  word_refuse(L, err, path, "choice", word, words, count);
  return -1;
}

/* ---- Lists ------------------------------------------------------------------------------------------------------ */

static bool expect(lua_State *L, int type, const char *path, sld_error *err) {
  if (lua_type(L, -1) == type) return true;
  return refuse(L, err, SLD_EINVAL, path, "a %s expected, got %s", lua_typename(L, type), luaL_typename(L, -1));
}

/* The string field `name` of the table on top. NULL: err is filled. It lives as long as the table. */
static const char *text_field(lua_State *L, const char *name, const char *path, sld_error *err) {
  lua_getfield(L, -1, name);
  const char *text = expect(L, LUA_TSTRING, path, err) ? lua_tostring(L, -1) : NULL;
  lua_pop(L, 1);
  return text;
}

const char *const *names_read(lua_State *L, size_t *count, sld_error *err) {
  if (!expect(L, LUA_TTABLE, "options.pairs", err)) return NULL;
  int list = lua_gettop(L);
  *count = lua_rawlen(L, list);
  const char **names = lua_newuserdata(L, (*count + 1) * sizeof *names);
  for (size_t i = 0; i < *count; i++) {
    lua_rawgeti(L, list, (int)i + 1);
    if (!expect(L, LUA_TSTRING, "options.pairs", err)) return NULL;
    names[i] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  return names;
}

/* {{name = "fast", value = "20"}, ...} */
static bool settings_read(lua_State *L, int list, sld_run_options *out, sld_error *err) {
  size_t count = lua_rawlen(L, list);
  sld_setting *settings = lua_newuserdata(L, (count + 1) * sizeof *settings);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, list, (int)i + 1);
    if (!expect(L, LUA_TTABLE, "options.settings", err)) return false;
    settings[i].name = text_field(L, "name", "options.settings.name", err);
    if (!settings[i].name) return false;
    settings[i].value = text_field(L, "value", "options.settings.value", err);
    if (!settings[i].value) return false;
    lua_pop(L, 1);
  }
  out->settings = settings;
  out->setting_count = count;
  return true;
}

/* The axis {name = "fast", values = {10, 20}} on top of the stack; leaves its values there. */
static bool axis_read(lua_State *L, sld_axis *axis, sld_error *err) {
  if (!expect(L, LUA_TTABLE, "options.axes", err)) return false;
  axis->name = text_field(L, "name", "options.axes.name", err);
  if (!axis->name) return false;
  lua_getfield(L, -1, "values");
  if (!expect(L, LUA_TTABLE, "options.axes.values", err)) return false;
  int list = lua_gettop(L);
  axis->count = lua_rawlen(L, list);
  double *values = lua_newuserdata(L, (axis->count + 1) * sizeof *values);
  for (size_t i = 0; i < axis->count; i++) {
    lua_rawgeti(L, list, (int)i + 1);
    if (!expect(L, LUA_TNUMBER, "options.axes.values", err)) return false;
    values[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  axis->values = values;
  return true;
}

static bool axes_read(lua_State *L, int list, sld_run_options *out, sld_error *err) {
  size_t count = lua_rawlen(L, list);
  sld_axis *axes = lua_newuserdata(L, (count + 1) * sizeof *axes);
  for (size_t i = 0; i < count; i++) {
    luaL_checkstack(L, 8, "too many axes");
    lua_rawgeti(L, list, (int)i + 1);
    if (!axis_read(L, &axes[i], err)) return false;
  }
  out->axes = axes;
  out->axis_count = count;
  return true;
}

/* ---- Options ---------------------------------------------------------------------------------------------------- */

static bool list_read(lua_State *L, option_kind kind, const char *path, sld_run_options *out, sld_error *err) {
  if (kind == PAIRS) return (out->pairs = names_read(L, &out->pair_count, err)) != NULL;
  if (!expect(L, LUA_TTABLE, path, err)) return false;
  int list = lua_gettop(L);
  if (kind == SETTINGS) return settings_read(L, list, out, err);
  return axes_read(L, list, out, err);
}

/* The word in field `name` of the table on top: its number from 1, 0 where there is none; -1: err is filled. */
static int axis_word(lua_State *L, const char *name, const char *const *words, size_t count, sld_error *err) {
  char path[64] = "options.fill.";
  strncat(path, name, sizeof path - strlen(path) - 1);
  lua_getfield(L, -1, name);
  int word = lua_isnil(L, -1) ? 0 : word_read(L, path, words, count, err) + 1;
  bool failed = word == 0 && !lua_isnil(L, -1);
  lua_pop(L, 1);
  return failed ? -1 : word;
}

#define WORDS(words) words, sizeof words / sizeof *words

static bool fill_names_check(lua_State *L, sld_error *err) {
  static const char *const names[] = {"at", "path", "preset", "quotes", "spread_on"};
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) found |= strcmp(name, names[i]) == 0;
    if (!found) return word_refuse(L, err, "options.fill", "axis", name, WORDS(names));
  }
  return true;
}

/* {preset =, at =, path =, quotes =, spread_on =}: axes that are not named are those of the preset, which is the path's where it is not named. */
static bool fill_table_read(lua_State *L, sld_run_options *out, sld_error *err) {
  if (!fill_names_check(L, err)) return false;
  int preset = axis_word(L, "preset", WORDS(fill_words), err), at = axis_word(L, "at", WORDS(at_words), err);
  int path = axis_word(L, "path", WORDS(path_words), err), quotes = axis_word(L, "quotes", WORDS(quotes_words), err);
  int spread = axis_word(L, "spread_on", WORDS(spread_words), err);
  if (preset < 0 || at < 0 || path < 0 || quotes < 0 || spread < 0) return false;
  if (preset > 0) out->fill = (sld_fill)(preset - 1);
  else out->fill = path == SLD_PATH_TRADINGVIEW ? SLD_FILL_TRADINGVIEW : path == SLD_PATH_BACKTESTING_PY ? SLD_FILL_BACKTESTING_PY : SLD_FILL_NEXT_OPEN;
  out->fill_at = (sld_fill_at)at;
  out->path = (sld_path)path;
  out->quotes = (sld_quotes)quotes;
  out->spread_on = (sld_spread_on)spread;
  return true;
}

bool day_read(lua_State *L, const char *path, sld_day *out, sld_error *err) {
  int word = word_read(L, path, WORDS(day_words), err);
  if (word >= 0) *out = (sld_day)word;
  return word >= 0;
}

/* What limits may be named, and where they stand. */
static const option limits[] = {
    {"bar", NUMBER, offsetof(sld_run_options, limit_bar_s)},
    {"instructions", COUNT, offsetof(sld_run_options, limit_instructions)},
    {"job", NUMBER, offsetof(sld_run_options, limit_job_s)},
    {"log", COUNT, offsetof(sld_run_options, limit_log)},
    {"memory", COUNT, offsetof(sld_run_options, limit_memory)},
    {"records", COUNT, offsetof(sld_run_options, limit_records)},
};

enum { LIMIT_COUNT = sizeof limits / sizeof *limits };

static bool limit_read(lua_State *L, const option *limit, sld_run_options *out, sld_error *err) {
  char path[64] = "options.limits.";
  strncat(path, limit->name, sizeof path - strlen(path) - 1);
  if (!expect(L, LUA_TNUMBER, path, err)) return false;
  double value = lua_tonumber(L, -1);
  if (!(value >= 0 && value <= 9007199254740992.0)) return refuse(L, err, SLD_EINVAL, path, "a number of at least 0 expected; 0: no limit");
  if (limit->kind == NUMBER) *(double *)(void *)((char *)out + limit->offset) = value;
  else *(size_t *)(void *)((char *)out + limit->offset) = (size_t)value;
  return true;
}

/* {memory =, records =, log =, bar =, job =, instructions =} */
static bool limits_read(lua_State *L, sld_run_options *out, sld_error *err) {
  if (!expect(L, LUA_TTABLE, "options.limits", err)) return false;
  const char *names[LIMIT_COUNT];
  for (size_t i = 0; i < LIMIT_COUNT; i++) names[i] = limits[i].name;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
    size_t i = 0;
    while (i < LIMIT_COUNT && strcmp(name, names[i]) != 0) i++;
    if (i == LIMIT_COUNT) return word_refuse(L, err, "options.limits", "limit", name, names, LIMIT_COUNT);
    if (!limit_read(L, &limits[i], out, err)) return false;
  }
  return true;
}

static bool word_option_read(lua_State *L, option_kind kind, const char *path, sld_run_options *out, sld_error *err) {
  int word;
  switch (kind) {
    case DAY: return day_read(L, path, &out->day, err);
    case SIZING:
      word = word_read(L, path, WORDS(sizing_words), err);
      if (word >= 0) out->sizing = (sld_sizing)(word + 1);
      return word >= 0;
    case ACCOUNT:
      word = word_read(L, path, WORDS(account_words), err);
      if (word >= 0) out->account = (sld_account)(word + 1);
      return word >= 0;
    case SIDE:
      word = word_read(L, path, WORDS(side_words), err);
      if (word >= 0) out->side = (sld_side_option)(word + 1);
      return word >= 0;
    case ACCOUNTING:
      word = word_read(L, path, WORDS(accounting_words), err);
      if (word >= 0) out->accounting = (sld_accounting)word;
      return word >= 0;
    case ROLLOVER:
      word = word_read(L, path, WORDS(rollover_words), err);
      if (word >= 0) out->rollover = (sld_rollover)word;
      return word >= 0;
    case ISOLATION:
      word = word_read(L, path, WORDS(isolation_words), err);
      if (word >= 0) out->isolation = (sld_isolation)word;
      return word >= 0;
    case FILL:
      if (lua_type(L, -1) == LUA_TTABLE) return fill_table_read(L, out, err);
      word = word_read(L, path, fill_words, sizeof fill_words / sizeof *fill_words, err);
      if (word >= 0) out->fill = (sld_fill)word;
      return word >= 0;
    case WEIGHTS:
      word = word_read(L, path, weights_words, sizeof weights_words / sizeof *weights_words, err);
      if (word >= 0) out->weights = (sld_weights)word;
      return word >= 0;
    default:
      word = word_read(L, path, keep_words, sizeof keep_words / sizeof *keep_words, err);
      if (word >= 0) out->keep = word; /* 1 and 2 are the bits of equity and ledger */
      return word >= 0;
  }
}

static bool time_option_read(lua_State *L, const char *path, int64_t *out, sld_error *err) {
  if (time_read(L, -1, out, err)) return true;
  if (!err->file[0]) strncpy(err->file, path, sizeof err->file - 1);
  return false;
}

/* The option's value is on top of the stack and stays there, so that what points into it lives. */
static bool option_read(lua_State *L, const option *o, sld_run_options *out, sld_error *err) {
  void *place = (char *)out + o->offset;
  char path[64] = "options.";
  strncat(path, o->name, sizeof path - strlen(path) - 1);
  switch (o->kind) {
    case NUMBER:
      if (!expect(L, LUA_TNUMBER, path, err)) return false;
      *(double *)place = lua_tonumber(L, -1);
      return true;
    case COUNT:
      if (!expect(L, LUA_TNUMBER, path, err)) return false;
      if (!(lua_tonumber(L, -1) >= 0 && lua_tonumber(L, -1) <= 1e6)) return refuse(L, err, SLD_EINVAL, path, "a whole number from 0 to 1000000 expected");
      *(int *)place = (int)lua_tonumber(L, -1);
      return true;
    case FLAG:
      if (!expect(L, LUA_TBOOLEAN, path, err)) return false;
      *(bool *)place = lua_toboolean(L, -1);
      return true;
    case TEXT:
      if (!expect(L, LUA_TSTRING, path, err)) return false;
      *(const char **)place = lua_tostring(L, -1);
      return true;
    case TIME: return time_option_read(L, path, place, err);
    case FILL:
    case SIDE:
    case SIZING:
    case ACCOUNT:
    case ACCOUNTING:
    case ROLLOVER:
    case WEIGHTS:
    case DAY:
    case ISOLATION:
    case KEEP: return word_option_read(L, o->kind, path, out, err);
    case LIMITS: return limits_read(L, out, err);
    case PAIRS:
    case SETTINGS:
    case AXES: return list_read(L, o->kind, path, out, err);
  }
  return true;
}

static bool known(const char *name) {
  for (size_t i = 0; i < OPTION_COUNT; i++)
    if (strcmp(options[i].name, name) == 0) return true;
  return false;
}

/* Refuses the first unknown name by the alphabet, whatever the order of the table. */
static bool names_check(lua_State *L, int index, sld_error *err) {
  const char *unknown = NULL;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return refuse(L, err, SLD_EINVAL, "options", "option names are strings");
    const char *name = lua_tostring(L, -2);
    if (!known(name) && (!unknown || strcmp(name, unknown) < 0)) unknown = name;
  }
  if (!unknown) return true;
  const char *names[OPTION_COUNT];
  for (size_t i = 0; i < OPTION_COUNT; i++) names[i] = options[i].name;
  return word_refuse(L, err, "options", "option", unknown, names, OPTION_COUNT);
}

int option_names(lua_State *L) {
  lua_createtable(L, OPTION_COUNT, 0);
  for (int i = 0; i < OPTION_COUNT; i++) {
    lua_pushstring(L, options[i].name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

bool options_read(lua_State *L, int index, sld_run_options *out, sld_error *err) {
  luaL_checkstack(L, 4 * OPTION_COUNT, "options");
  if (!names_check(L, index, err)) return false;
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    lua_getfield(L, index, options[i].name);
    if (!lua_isnil(L, -1) && !option_read(L, &options[i], out, err)) return false;
  }
  return true;
}
