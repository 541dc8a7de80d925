/* Reading files of data at once. */
#ifndef SLD_MARKET_LOAD_H
#define SLD_MARKET_LOAD_H

#include "market/files.h"
#include "market/harvest.h"
#include "market/parallel.h"
#include "market/told.h"

typedef struct sld__reading {
  const sld__instruments *own;  /* what the user has declared; NULL: nothing */
  const sld__told *told;        /* by the caller */
  const sld__parallel *parallel;
  bool lenient;
} sld__reading;

/* Appends what files[count] hold to `harvest`, column stores among them to `stores`, and what there is to tell to `report`, all in the order of the files
 * whatever was read first. Errors are those of the first file that has one, as sld__market_load; what was read before it stays. */
sld_status sld__load_files(const sld__reading *how, const sld__file *files, size_t count, sld__harvest *harvest, sld__intake *stores, sld_load_report *report, sld_error *err);

#endif
