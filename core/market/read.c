/* The header of a CSV file, and what both of its forms share. */
#include "market/read.h"

#include "market/column.h"
#include "market/decimal.h"
#include "market/stamp.h"

#include <string.h>

/* No exchange rate is quoted in so many columns; a first line with more is no header. */
enum { COLUMNS_MAX = 10000 };

static sld_status check_names(const sld__header *header, sld_error *err) {
  for (size_t i = 0; i < header->count; i++) {
    const sld__field *name = &header->names[i];
    double number;
    sld__stamp stamp;
    char word[SLD__WORD_SIZE];
    if (sld__decimal_parse(&number, name->start, name->size) == SLD__DECIMAL_OK || !sld__stamp_parse(&stamp, name->start, name->size))
      return sld__text_fail(&header->text, SLD_EPARSE, name->start, err, "'%s' is no column's name; the first line must be a header", sld__field_word(name, word));
    if (name->size == 0 && i > 0) return sld__text_fail(&header->text, SLD_EPARSE, name->start, err, "column %zu has no name", i + 1);
    for (size_t k = 0; k < i; k++)
      if (header->names[k].size == name->size && memcmp(header->names[k].start, name->start, name->size) == 0)
        return sld__text_fail(&header->text, SLD_EPARSE, name->start, err, "two columns are called '%s'", sld__field_word(name, word));
  }
  return SLD_OK;
}

static sld_status read_header(sld__header *out, const sld_allocator *a, const sld__source *source, sld_error *err) {
  *out = (sld__header){ .names = NULL };
  sld__text *text = &out->text;
  bool more;
  sld_status status = sld__text_open(text, source->file, source->data, source->size, err);
  if (status == SLD_OK) status = sld__text_next(text, &more, err);
  if (status != SLD_OK) return status;
  if (!more) return sld__fail_at(err, SLD_EPARSE, source->file, 1, 1, "the file holds nothing but blanks");
  if (!text->separator) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "a header of columns with , ; or tab between them is expected");

  out->count = sld__text_count_fields(text);
  if (out->count > COLUMNS_MAX) return sld__text_fail(text, SLD_EPARSE, text->line_start, err, "a header of %zu columns", out->count);
  out->names = sld__alloc(a, out->count + 1, sizeof *out->names);
  if (!out->names) return sld__fail_memory(err);
  size_t count;
  status = sld__text_split(text, out->names, out->count + 1, &count, err);
  if (status != SLD_OK) return status;
  if (out->count > 1 && out->names[out->count - 1].size == 0) out->count--;
  return check_names(out, err);
}

static bool holds_bars(const sld__header *header) {
  for (size_t i = 0; i < header->count; i++) {
    int kind = sld__column_kind(header->names[i].start, header->names[i].size);
    if (kind >= SLD__OPEN && kind <= SLD__CLOSE) return true;
  }
  return false;
}

sld_status sld__read_csv(sld__intake *intake, const sld__source *source, sld_error *err) {
  sld__header header;
  sld_status status = read_header(&header, intake->allocator, source, err);
  if (status == SLD_OK) status = holds_bars(&header) ? sld__read_long(intake, source, &header, err) : sld__read_wide(intake, source, &header, err);
  sld__free(intake->allocator, header.names);
  return status;
}

sld_status sld__read_row(sld__header *header, sld__field *fields, bool *more, sld_error *err) {
  sld_status status = sld__text_next(&header->text, more, err);
  if (status != SLD_OK || !*more) return status;
  size_t count;
  status = sld__text_split(&header->text, fields, header->count + 1, &count, err);
  if (status != SLD_OK) return status;
  if (count < header->count)
    return sld__text_fail(&header->text, SLD_EPARSE, header->text.line_end, err, "%zu fields where the header has %zu", count, header->count);
  bool trailing_separator = count == header->count + 1 && fields[header->count].size == 0;
  if (count > header->count && !trailing_separator)
    return sld__text_fail(&header->text, SLD_EPARSE, fields[header->count].start, err, "%zu fields where the header has %zu", count, header->count);
  return SLD_OK;
}

static const char *hint(const sld__field *field) {
  return memchr(field->start, ',', field->size) ? " (decimals are written with a point)" : "";
}

sld_status sld__read_price(double *out, const sld__text *text, const sld__field *field, const char *name, const sld_instrument *instrument, sld_error *err) {
  char word[SLD__WORD_SIZE];
  double value;
  sld__decimal_fault fault = sld__decimal_parse(&value, field->start, field->size);
  if (fault == SLD__DECIMAL_TEXT) return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: '%s' is not a number%s", name, sld__field_word(field, word), hint(field));
  if (fault == SLD__DECIMAL_RANGE) return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s is outside the range of a double", name, sld__field_word(field, word));
  if (!(value > 0.0)) return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s; a price must be above 0", name, sld__field_word(field, word));
  if (value > SLD__READ_MAX_PIPS * instrument->pip)
    return sld__text_fail(text, SLD_EPARSE, field->start, err, "%s: %s is no price of %s; is it in points?", name, sld__field_word(field, word), instrument->pair);
  *out = value;
  return SLD_OK;
}

size_t sld__read_estimate(const sld__text *text) {
  size_t row = (size_t)(text->line_end - text->line_start) + 1;
  return (size_t)(text->end - text->line_start) / row + 16;
}
