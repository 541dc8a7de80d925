/* Reading a text of any form, and what the forms share. */
#include "market/read.h"

#include <math.h>
#include <string.h>

sld_status sld__read_text(sld__harvest *harvest, const sld__source *source, sld_error *err) {
  sld__layout layout;
  sld__text text;
  sld_status status = sld__layout_open(&layout, harvest->allocator, source, &text, err);
  if (status == SLD_OK) {
    bool list = layout.dialect == sld__dialect_rates_list();
    if (sld__layout_holds_bars(&layout)) status = sld__read_rows(harvest, source, &layout, &text, err);
    else status = list ? sld__read_list(harvest, source, &layout, &text, err) : sld__read_wide(harvest, source, &layout, &text, err);
  }
  sld__layout_close(&layout);
  return status;
}

static const char *hint(const sld__field *field) {
  return memchr(field->start, ',', field->size) ? " (decimals are written with a point)" : "";
}

/* A point is the instrument's smallest step. What is written in points is a whole number, and noise beside it is below this part of one. */
static const double noise = 1e-6;

/* Junk digits lie below this part of a point. */
static const double junk = 0.05;

/* Divides by the file's scale; takes noise off whole points. */
static double in_scale(const sld__layout *layout, double value, size_t *rounded) {
  if (layout->scale == 1.0) return value;
  double whole = nearbyint(value);
  if (whole != value && layout->scale > 1.0 && fabs(value - whole) < noise) {
    value = whole;
    ++*rounded;
  }
  return value / layout->scale;
}

/* The price without the noise of a 32-bit float, or 0 where the digits behind the instrument's are none. */
static double without_junk(double value, const sld_instrument *instrument, size_t *rounded) {
  double points = sld__decimal_tens[instrument->digits];
  double whole = nearbyint(value * points);
  if (!(fabs(value * points - whole) < junk)) return 0.0;
  *rounded += whole / points != value;
  return whole / points;
}

sld_status sld__read_price(double *out, const sld__layout *layout, const sld__text *text, const sld__field *field, const char *name, const sld_instrument *instrument, size_t *rounded,
                           sld_error *err) {
  char word[SLD__WORD_SIZE];
  double value;
  sld__decimal_fault fault = sld__layout_number(layout, field, &value);
  if (fault == SLD__DECIMAL_TEXT)
    return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: '%s' is not a number%s", name, sld__field_word(field, word), layout->decimal == '.' ? hint(field) : " (decimals are written with a comma here)");
  if (fault == SLD__DECIMAL_RANGE) return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s is outside the range of a double", name, sld__field_word(field, word));
  if (!(value > 0.0)) return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s; a price must be above 0", name, sld__field_word(field, word));
  value = in_scale(layout, value, rounded);
  if (value > SLD__READ_MAX_PIPS * instrument->pip)
    return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s is no price of %s; is it in points?", name, sld__field_word(field, word), instrument->pair);
  if (sld__layout_habit(layout, SLD__JUNK_DIGITS)) {
    value = without_junk(value, instrument, rounded);
    if (!(value > 0.0)) return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s is finer than the %d decimals of %s", name, sld__field_word(field, word), instrument->digits, instrument->pair);
  }
  *out = value;
  return SLD_OK;
}

size_t sld__read_estimate(const sld__text *text) {
  size_t row = (size_t)(text->line_end - text->line_start) + 1;
  return (size_t)(text->end - text->line_start) / row + 16;
}

sld_status sld__read_drop(const sld__source *source, sld_status status, const sld_error *fault, size_t *dropped, sld_error *err) {
  if (status != SLD_OK && (!source->lenient || (status != SLD_EPARSE && status != SLD_EVALUE))) {
    if (err) *err = *fault;
    return status;
  }
  ++*dropped;
  return sld__report_note(source->report, err, SLD_NOTE_DROPPED, fault->file, fault->line, fault->column, "%s", fault->message);
}

void sld__read_source(sld__series_form *form, const sld__source *source, const sld__layout *layout) {
  sld__series_form_source(form, layout->dialect->public.name);
  sld__series_form_source(form, source->description->source);
}

sld_status sld__read_tell(const sld__source *source, const sld__layout *layout, const sld_load_source *rows, unsigned used, size_t rounded, sld_error *err) {
  if (rounded > 0) {
    const char *what = sld__layout_habit(layout, SLD__JUNK_DIGITS) ? "digits behind the instrument's own" : "noise of less than a millionth beside whole points";
    sld_status status = sld__report_note(source->report, err, SLD_NOTE_FOUND, source->file, 0, 0, "%zu prices had %s, which is taken off", rounded, what);
    if (status != SLD_OK) return status;
  }
  char idle[SLD__IDLE_SIZE];
  sld__told_idle(source->told, used, idle);
  sld_load_source told = *rows;
  told.idle = idle;
  told.file = source->file;
  told.asks = source->asks;
  told.dialect = layout->dialect->public.name;
  told.scale = layout->scale;
  return sld__report_source(source->report, &told, err);
}
