/* Imports: the options resolved once and kept, files read in steps. */
#include "api/host.h"
#include "api/log.h"
#include "api/options.h"
#include "base/alloc.h"
#include "base/error.h"
#include "market/import.h"
#include "market/parallel.h"

#include <string.h>

enum { TEXTS = 8 };

struct sld_import {
  sld_host *host;
  sld__market *instruments; /* holds what is declared, and no prices */
  char *texts[TEXTS];       /* copies of the options' */
  size_t text_count;
  sld__told told;
  sld__resampling frame;
  sld__parallel parallel;
  sld__import import;
  bool committed;
};

/* A copy that lives as long as the import; NULL of NULL. */
static sld_status keep(sld_import *import, const char **out, const char *text, sld_error *err) {
  *out = NULL;
  if (!text) return SLD_OK;
  char *copy = sld__strndup(&import->host->alloc, text, strlen(text));
  if (!copy) return sld__fail_memory(err);
  *out = import->texts[import->text_count++] = copy;
  return SLD_OK;
}

static sld_status read_load_options(sld_import *import, const sld_load_options *given, sld_error *err) {
  sld_load_options o = SLD_LOAD_OPTIONS_INIT;
  sld_status status = sld__options_read(&o, sizeof o, given, "options.load", err);
  if (status == SLD_OK) status = keep(import, &o.zone, o.zone, err); /* the only text that is told as a text */
  if (status == SLD_OK && o.ask) status = sld__fail_at(err, SLD_EINVAL, "options.load.ask", 0, 0, "a file of asks goes with one file of bids; say it in the description beside that");
  if (status == SLD_OK) status = sld__told_options(&import->told, &o, &import->host->alloc, sld__market_instruments(import->instruments), err);
  import->import.how = (sld__reading){ sld__market_instruments(import->instruments), &import->told, &import->parallel, o.lenient };
  return status;
}

static sld_status read_frame(sld_import *import, const sld_import_options *o, sld_error *err) {
  if ((int)o->day < 0 || o->day > SLD_DAY_SOURCE) return sld__fail_at(err, SLD_EINVAL, "options.day", 0, 0, "is no end of days");
  if (!o->timeframe) return SLD_OK;
  import->frame.day = o->day;
  sld_status status = keep(import, &import->frame.zone, o->day_zone, err);
  if (status == SLD_OK) status = sld__timeframe_parse(&import->frame.frame, o->timeframe, "options.timeframe", err);
  import->import.frame = &import->frame;
  return status;
}

static sld_status read_options(sld_import *import, const char *store, const sld_import_options *o, sld_error *err) {
  if (!store || !*store) return sld__fail_at(err, SLD_EINVAL, "store", 0, 0, "a path is needed");
  sld_status status = keep(import, &import->import.store, store, err);
  if (status == SLD_OK) status = sld__market_new(&import->instruments, &import->host->alloc, err);
  if (status == SLD_OK && o->instruments) status = sld__market_load_instruments(import->instruments, o->instruments, err);
  if (status == SLD_OK) status = read_load_options(import, o->load, err);
  return status == SLD_OK ? read_frame(import, o, err) : status;
}

sld_status sld_import_open(sld_import **out, sld_host *host, const char *store, const sld_import_options *options, sld_error *err) {
  sld_import_options whole = SLD_IMPORT_OPTIONS_INIT;
  sld_status status = sld__options_read(&whole, sizeof whole, options, "options", err);
  if (status != SLD_OK) return status;
  sld_import *import = sld__alloc_zero(&host->alloc, 1, sizeof *import);
  if (!import) return sld__fail_memory(err);
  import->host = host;
  import->parallel = (sld__parallel){ sld__host_each, host, sld__pool_workers(host->pool) };
  import->import.allocator = &host->alloc;
  sld__report_init(&import->import.report, &host->alloc);
  host->open_count++;
  status = read_options(import, store, &whole, err);
  if (status == SLD_OK) *out = import;
  else sld_import_free(import);
  return status;
}

sld_status sld_import_find(sld_import *import, const char *path, sld_error *err) {
  if (!path || !*path) return sld__fail_at(err, SLD_EINVAL, "path", 0, 0, "a path is needed");
  return sld__import_find(&import->import, path, err);
}

size_t sld_import_files(const sld_import *import, size_t *read) {
  if (read) *read = import->import.read;
  return import->import.files.count;
}

sld_status sld_import_read(sld_import *import, size_t count, sld_error *err) {
  return sld__import_read(&import->import, count, err);
}

sld_status sld_import_commit(sld_import *import, sld_error *err) {
  const sld__import *i = &import->import;
  if (import->committed) return sld__fail(err, SLD_EINVAL, "this import is stored already");
  if (i->read == 0 || i->read < i->files.count) return sld__fail(err, SLD_EINVAL, "%zu of %zu files are read", i->read, i->files.count);
  sld_status status = sld__import_commit(&import->import, err);
  import->committed = status == SLD_OK;
  if (status == SLD_OK) sld__log_report(&import->host->log, &i->report);
  return status;
}

const sld_load_report *sld_import_report(const sld_import *import) {
  return &import->import.report;
}

const sld_import_series *sld_import_series_at(const sld_import *import, size_t i) {
  return import->committed && i < import->import.done_count ? &import->import.done[i] : NULL;
}

void sld_import_free(sld_import *import) {
  if (!import) return;
  sld_host *host = import->host;
  sld__import_fini(&import->import);
  sld__market_free(import->instruments);
  for (size_t i = 0; i < import->text_count; i++) sld__free(&host->alloc, import->texts[i]);
  sld__free(&host->alloc, import);
  host->open_count--;
}
