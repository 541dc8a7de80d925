/* The bytes of records: which fields each has, in which order. For outcome_write.c and outcome_read.c alone. */
#ifndef SLD_ENGINE_OUTCOME_FIELDS_H
#define SLD_ENGINE_OUTCOME_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/* Eight bytes each, but for names. A bar is an index or -1; a word one of an enumeration's. */
typedef enum sld__field_kind { SLD__NUMBER, SLD__INTEGER, SLD__BAR, SLD__COUNT, SLD__WORD, SLD__FLAG, SLD__NAME } sld__field_kind;

/* Fields of one kind that stand side by side in the struct. */
typedef struct sld__fields {
  sld__field_kind kind;
  size_t offset, count;
  int last; /* of words: the highest */
} sld__fields;

typedef struct sld__form {
  const sld__fields *runs;
  size_t count;
  size_t size;  /* of the struct */
  size_t bytes; /* of the record */
} sld__form;

extern const sld__form sld__form_order, sld__form_terms, sld__form_trade, sld__form_rollover, sld__form_book, sld__form_job;

#endif
