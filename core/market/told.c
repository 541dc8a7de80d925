/* Checking what is told about a file. */
#include "market/told.h"

#include "market/stamp.h"
#include "market/timeframe.h"
#include "market/wall.h"

#include <stdio.h>
#include <string.h>

sld_status sld__told_dialect(sld__told *told, const char *text, const char *name, sld_error *err) {
  told->dialect = sld__dialect_find(text);
  if (told->dialect) return SLD_OK;
  const char *near = sld__dialect_suggest(text);
  if (near) return sld__fail_at(err, SLD_ENAME, name, 0, 0, "no dialect '%.80s'; did you mean '%s'?", text, near);
  return sld__fail_at(err, SLD_ENAME, name, 0, 0, "no dialect '%.80s'; docs/data.md lists them", text);
}

sld_status sld__told_zone(sld__told *told, const char *text, const sld_allocator *a, const char *name, sld_error *err) {
  sld__wall wall;
  sld_status status = sld__wall_open(&wall, text, a, name, err);
  sld__wall_close(&wall);
  if (status == SLD_OK) told->zone = text;
  return status;
}

sld_status sld__told_pair(sld__told *told, const sld__instruments *own, const char *text, const char *name, sld_error *err) {
  return sld__instrument_get(own, &told->instrument, text, name, err);
}

sld_status sld__told_side(sld__told *told, const char *text, const char *name, sld_error *err) {
  bool mid = strcmp(text, "mid") == 0;
  if (!mid && strcmp(text, "bid") != 0) return sld__fail_at(err, SLD_EINVAL, name, 0, 0, "the side must be \"bid\" or \"mid\"");
  told->has_side = true;
  told->side = mid ? SLD_MID : SLD_BID;
  return SLD_OK;
}

sld_status sld__told_date(sld__told *told, const char *text, const char *name, sld_error *err) {
  sld__stamp stamp;
  const char *wrong = sld__stamp_parse(&stamp, text, strlen(text));
  if (wrong || !stamp.date_only) return sld__fail_at(err, SLD_EINVAL, name, 0, 0, "'%.80s': %s; a date such as 2014-05-08 is expected", text, wrong ? wrong : "not a date alone");
  told->has_date = true;
  told->date = stamp.time;
  return SLD_OK;
}

sld_status sld__told_timeframe(sld__told *told, const char *text, const char *name, sld_error *err) {
  sld__timeframe frame;
  sld_status status = sld__timeframe_parse(&frame, text, name, err);
  if (status == SLD_OK) told->period_ns = sld__timeframe_period(&frame);
  return status;
}

sld_status sld__told_scale(sld__told *told, double scale, const char *name, sld_error *err) {
  if (!(scale > 0.0 && scale <= 1e15)) return sld__fail_at(err, SLD_EINVAL, name, 0, 0, "a scale is above 0 and at most 1e15: 100000 where 127801 means 1.27801");
  told->scale = scale;
  return SLD_OK;
}

sld_status sld__told_options(sld__told *told, const sld_load_options *o, const sld_allocator *a, const sld__instruments *own, sld_error *err) {
  *told = (sld__told){ .dialect = NULL };
  if (!o) return SLD_OK;
  if (o->day_order < SLD_DAY_UNTOLD || o->day_order > SLD_MONTH_FIRST) return sld__fail_at(err, SLD_EINVAL, "options.day_order", 0, 0, "must be untold, day first or month first");
  if (o->row_order < SLD_ROWS_UNTOLD || o->row_order > SLD_NEWEST_FIRST) return sld__fail_at(err, SLD_EINVAL, "options.row_order", 0, 0, "must be untold, oldest first or newest first");
  sld_status status = SLD_OK;
  if (o->dialect) status = sld__told_dialect(told, o->dialect, "options.dialect", err);
  if (status == SLD_OK && o->zone) status = sld__told_zone(told, o->zone, a, "options.zone", err);
  if (status == SLD_OK && o->pair) status = sld__told_pair(told, own, o->pair, "options.pair", err);
  if (status == SLD_OK && o->side) status = sld__told_side(told, o->side, "options.side", err);
  if (status == SLD_OK && o->date) status = sld__told_date(told, o->date, "options.date", err);
  if (status == SLD_OK && o->scale != 0.0) status = sld__told_scale(told, o->scale, "options.scale", err);
  told->ask = o->ask;
  told->day_order = o->day_order;
  told->row_order = o->row_order;
  return status;
}

void sld__told_cover(sld__told *told, const sld__told *over) {
  if (over->dialect) told->dialect = over->dialect;
  if (over->zone) told->zone = over->zone;
  if (over->instrument) told->instrument = over->instrument;
  if (over->ask) told->ask = over->ask;
  if (over->has_side) {
    told->has_side = true;
    told->side = over->side;
    told->side_assumed = over->side_assumed;
  }
  if (over->has_date) {
    told->has_date = true;
    told->date = over->date;
  }
  if (over->scale != 0.0) told->scale = over->scale;
  if (over->period_ns != 0) told->period_ns = over->period_ns;
  if (over->day_order != SLD_DAY_UNTOLD) told->day_order = over->day_order;
  if (over->row_order != SLD_ROWS_UNTOLD) told->row_order = over->row_order;
}

void sld__told_idle(const sld__told *told, unsigned used, char out[SLD__IDLE_SIZE]) {
  const struct { const char *name; bool told; unsigned bit; } all[] = {
    { "dialect", told->dialect, SLD__TOLD_DIALECT }, { "zone", told->zone, SLD__TOLD_ZONE }, { "pair", told->instrument, SLD__TOLD_PAIR },
    { "side", told->has_side, SLD__TOLD_SIDE }, { "date", told->has_date, SLD__TOLD_DATE }, { "scale", told->scale != 0.0, SLD__TOLD_SCALE },
    { "day_first", told->day_order != SLD_DAY_UNTOLD, SLD__TOLD_DAY_ORDER }, { "newest_first", told->row_order != SLD_ROWS_UNTOLD, SLD__TOLD_ROW_ORDER },
  };
  size_t size = 0;
  out[0] = '\0';
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (all[i].told && !(used & all[i].bit)) size += (size_t)sprintf(out + size, "%s%s", size ? " " : "", all[i].name); /* all of them fit */
}
