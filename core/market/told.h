/* What is told about a file that its text does not say: by the caller's options, or by the description beside it. */
#ifndef SLD_MARKET_TOLD_H
#define SLD_MARKET_TOLD_H

#include "base/alloc.h"
#include "base/error.h"
#include "market/dialect.h"
#include "market/instrument.h"

/* Zeroed memory tells nothing. Texts are borrowed. */
typedef struct sld__told {
  const sld__dialect *dialect;      /* NULL: not told, as in what follows */
  const char *zone;                 /* a name that sld__wall_open knows */
  const sld_instrument *instrument;
  const char *ask;                  /* the file with the asks */
  bool has_side;
  sld_side side;
  bool side_assumed;                /* the side is told, but was a guess itself */
  bool has_date;
  int64_t date;                     /* midnight, ns */
  double scale;                     /* 0: not told */
  int64_t period_ns;                /* 0: not told */
  sld_day_order day_order;
  sld_row_order row_order;
} sld__told;

/* What may be told, as a set of bits: of which of it a file has made use. */
enum { SLD__TOLD_DIALECT = 1, SLD__TOLD_ZONE = 2, SLD__TOLD_PAIR = 4, SLD__TOLD_SIDE = 8, SLD__TOLD_DATE = 16, SLD__TOLD_SCALE = 32, SLD__TOLD_DAY_ORDER = 64, SLD__TOLD_ROW_ORDER = 128 };

enum { SLD__IDLE_SIZE = 64 };

/* The names of what is told although a file that made use of `used` knows it without, with blanks between them: "zone date". */
void sld__told_idle(const sld__told *told, unsigned used, char out[SLD__IDLE_SIZE]);

/* Each reads one thing; `name` is the place for errors, such as "options.zone". The texts of the two sources are the same.
 * ENAME: unknown, with the nearest name; EINVAL: not acceptable. */
sld_status sld__told_dialect(sld__told *told, const char *text, const char *name, sld_error *err);
sld_status sld__told_zone(sld__told *told, const char *text, const sld_allocator *a, const char *name, sld_error *err);
sld_status sld__told_pair(sld__told *told, const sld__instruments *own, const char *text, const char *name, sld_error *err);
sld_status sld__told_side(sld__told *told, const char *text, const char *name, sld_error *err);
sld_status sld__told_date(sld__told *told, const char *text, const char *name, sld_error *err);
sld_status sld__told_timeframe(sld__told *told, const char *text, const char *name, sld_error *err);
sld_status sld__told_scale(sld__told *told, double scale, const char *name, sld_error *err);

/* All of the caller's options; NULL tells nothing. EINVAL, ENAME with "options.zone" and the like. */
sld_status sld__told_options(sld__told *told, const sld_load_options *options, const sld_allocator *a, const sld__instruments *own, sld_error *err);

/* Puts what `over` tells into the place of what `told` does. */
void sld__told_cover(sld__told *told, const sld__told *over);

#endif
