/* Loading from paths and saving to them. Every file is read by a task of its own into a harvest and a report of its own, and these are put together in
 * the order of the files: no byte of the result depends on who read what when. */
#include "market/load.h"

#include "market/files.h"
#include "market/read.h"
#include "market/store.h"
#include "market/unpack.h"

#include <stdatomic.h>
#include <string.h>

typedef struct loading {
  const sld_allocator *allocator;
  const sld__instruments *own;
  const sld__told *told;          /* by the caller */
  const sld__parallel *parallel;
  bool lenient;
  atomic_size_t first_failed;     /* lowest index of a file that could not be read: those behind need not be. Relaxed: it orders nothing else */
  struct job *jobs;               /* [count] */
} loading;

/* One file. Its task alone writes here, and the loader after all tasks have returned. */
typedef struct job {
  const char *path;
  bool store;
  sld__harvest harvest;
  sld_load_report report;
  sld_status status;
  sld_error *fault; /* NULL where there was no memory for it */
} job;

/* ---- One file ---- */

/* What is in a file, once it is unpacked. */
typedef struct content {
  struct sld__map map;
  sld__members members; /* none: the file itself */
} content;

static sld_status open_content(content *out, const sld_allocator *a, const char *path, sld_error *err) {
  *out = (content){ .map = { NULL, 0 } };
  sld_status status = sld__os_map_file(&out->map, path, err);
  if (status != SLD_OK) return status;
  sld__os_map_ahead(&out->map);
  const char *data = out->map.data;
  size_t size = out->map.size;
  if (sld__files_end(path, ".bi5")) return size == 0 ? SLD_OK : sld__unpack_lzma(&out->members, a, path, data, size, err);
  if (sld__is_gzip(data, size)) return sld__unpack_gzip(&out->members, a, path, data, size, err);
  if (sld__is_zip(data, size)) return sld__unpack_zip(&out->members, a, path, data, size, err);
  return SLD_OK;
}

static void close_content(content *c) {
  sld__members_free(&c->members);
  sld__os_map_close(&c->map);
}

static sld_status read_bi5(sld__harvest *harvest, const sld__source *source, sld_error *err) {
  if (source->size > 0) return sld__read_bi5(harvest, source, err);
  return sld__report_note(source->report, err, SLD_NOTE_FOUND, source->file, 0, 0, "no bytes: an hour without ticks");
}

static sld_status read_member(sld__harvest *harvest, sld__source source, const sld__member *member, sld_error *err) {
  const sld_allocator *a = harvest->allocator;
  source.data = member->data;
  source.size = member->size;
  if (!member->name) return sld__files_end(source.file, ".bi5") ? read_bi5(harvest, &source, err) : sld__read_text(harvest, &source, err);
  size_t front = strlen(source.file);
  size_t size = strlen(member->name);
  char *name = sld__alloc(a, front + size + 2, 1);
  if (!name) return sld__fail_memory(err);
  memcpy(name, source.file, front);
  name[front] = ':';
  memcpy(name + front + 1, member->name, size + 1);
  source.file = name;
  sld_status status = sld__read_text(harvest, &source, err);
  sld__free(a, name);
  return status;
}

static sld_status read_content(sld__harvest *harvest, const content *c, const sld__source *source, sld_error *err) {
  const sld__member whole = { NULL, (char *)(uintptr_t)c->map.data, c->map.size };
  if (c->members.count == 0) return read_member(harvest, *source, &whole, err);
  sld_status status = SLD_OK;
  for (size_t i = 0; i < c->members.count && status == SLD_OK; i++) status = read_member(harvest, *source, &c->members.list[i], err);
  return status;
}

static sld_status read_file(const loading *l, sld__harvest *harvest, sld_load_report *report, const char *path, bool asks, sld_error *err);

/* Reads the file of the asks and joins it with the bids of file `bids` in `harvest`. */
static sld_status join_asks(const loading *l, sld__harvest *harvest, sld_load_report *report, const char *bids, const char *path, sld_error *err) {
  if (strcmp(bids, path) == 0) return sld__fail_at(err, SLD_EVALUE, path, 0, 0, "the asks are in a file of their own, not in that of the bids");
  sld__harvest asks = { .allocator = l->allocator };
  sld_status status = read_file(l, &asks, report, path, true, err);
  if (status == SLD_OK) status = sld__harvest_pair(harvest, &asks, report, l->lenient, err);
  sld__harvest_fini(&asks);
  return status;
}

static sld_status read_described(const loading *l, sld__harvest *harvest, sld_load_report *report, const char *path, const sld__description *description, bool asks, sld_error *err) {
  content c;
  sld__told told = description->told;
  sld__told_cover(&told, l->told);
  const sld__source source = { .file = path, .description = description, .told = &told, .own = l->own, .parallel = l->parallel, .report = report, .lenient = l->lenient, .asks = asks };
  sld_status status = open_content(&c, l->allocator, path, err);
  if (status == SLD_OK) status = read_content(harvest, &c, &source, err);
  close_content(&c);
  if (status != SLD_OK || asks || !told.ask) return status;
  if (l->told->ask) return join_asks(l, harvest, report, path, l->told->ask, err);
  char *other = sld__files_beside(l->allocator, path, told.ask);
  status = other ? join_asks(l, harvest, report, path, other, err) : sld__fail_memory(err);
  sld__free(l->allocator, other);
  return status;
}

static sld_status read_file(const loading *l, sld__harvest *harvest, sld_load_report *report, const char *path, bool asks, sld_error *err) {
  sld__description description = { .file = NULL };
  sld_status status = sld__files_describe(&description, l->allocator, l->own, path, err);
  if (status == SLD_OK) status = read_described(l, harvest, report, path, &description, asks, err);
  sld__description_fini(&description);
  return status;
}

/* ---- All files ---- */

static void fail_job(loading *l, size_t i, const sld_error *fault) {
  job *j = &l->jobs[i];
  j->fault = sld__alloc(l->allocator, 1, sizeof *j->fault);
  if (j->fault) *j->fault = *fault;
  else j->status = SLD_ENOMEM;
  size_t lowest = atomic_load_explicit(&l->first_failed, memory_order_relaxed);
  while (i < lowest && !atomic_compare_exchange_weak_explicit(&l->first_failed, &lowest, i, memory_order_relaxed, memory_order_relaxed)) continue;
}

static void run_job(void *arg, size_t i) {
  loading *l = arg;
  job *j = &l->jobs[i];
  sld_error fault;
  if (j->store || i > atomic_load_explicit(&l->first_failed, memory_order_relaxed)) return;
  j->status = read_file(l, &j->harvest, &j->report, j->path, false, &fault);
  if (j->status != SLD_OK) fail_job(l, i, &fault);
}

static sld_status open_store(sld__intake *stores, const char *path, sld_load_report *report, sld_error *err) {
  sld_status status = sld__store_open(stores, path, err);
  if (status != SLD_OK || !stores->series[stores->count - 1]->info.floating) return status;
  return sld__report_note(report, err, SLD_NOTE_WARNING, path, 0, 0, "the clock of its times is not known: they are taken as they stand; tell it by zone when the files are imported");
}

/* Puts what the jobs have read together, in order. */
static sld_status gather(const loading *l, size_t count, sld__harvest *harvest, sld__intake *stores, sld_load_report *report, sld_error *err) {
  sld_status status = SLD_OK;
  for (size_t i = 0; i < count && status == SLD_OK; i++) {
    job *j = &l->jobs[i];
    status = j->store ? open_store(stores, j->path, report, err) : j->status;
    if (status != SLD_OK && !j->store) {
      if (err && j->fault) *err = *j->fault;
      return j->fault ? status : sld__fail_memory(err);
    }
    if (status == SLD_OK) status = sld__report_append(report, &j->report, err);
    if (status == SLD_OK) status = sld__harvest_append(harvest, &j->harvest, err);
  }
  return status;
}

static sld_status run_jobs(loading *l, const sld__file *files, size_t count, sld__harvest *harvest, sld__intake *stores, sld_load_report *report, sld_error *err) {
  l->jobs = sld__alloc_zero(l->allocator, count, sizeof *l->jobs);
  if (!l->jobs) return sld__fail_memory(err);
  for (size_t i = 0; i < count; i++) {
    job *j = &l->jobs[i];
    j->path = files[i].path;
    j->store = files[i].store;
    j->harvest.allocator = l->allocator;
    sld__report_init(&j->report, l->allocator);
  }
  sld__parallel_each(l->parallel, count, run_job, l);
  sld_status status = gather(l, count, harvest, stores, report, err);
  for (size_t i = 0; i < count; i++) {
    sld__harvest_fini(&l->jobs[i].harvest);
    sld__report_fini(&l->jobs[i].report);
    sld__free(l->allocator, l->jobs[i].fault);
  }
  sld__free(l->allocator, l->jobs);
  return status;
}

sld_status sld__load_files(const sld__reading *how, const sld__file *files, size_t count, sld__harvest *harvest, sld__intake *stores, sld_load_report *report, sld_error *err) {
  loading l = { .allocator = harvest->allocator, .own = how->own, .told = how->told, .parallel = how->parallel, .lenient = how->lenient };
  atomic_init(&l.first_failed, SIZE_MAX);
  return run_jobs(&l, files, count, harvest, stores, report, err);
}

/* Adds the files of `path`, of which there must be some. */
static sld_status find_files(sld__files *files, const char *path, const sld__told *told, sld_error *err) {
  size_t before = files->count;
  if (told->ask && sld__os_is_dir(path)) return sld__fail_at(err, SLD_EINVAL, "options.ask", 0, 0, "a file of asks goes with one file of bids, not with a folder");
  sld_status status = sld__files_find(files, path, err);
  return status == SLD_OK && files->count == before ? sld__files_none(path, files->allocator, err) : status;
}

/* A lone hour without ticks is no failure, a folder without anything is. */
static sld_status load_paths(const sld__reading *how, const char *const *paths, size_t count, sld__intake *intake, sld_load_report *report, sld_error *err) {
  sld__files files = { .allocator = intake->allocator, .own = how->own };
  sld__harvest harvest = { .allocator = intake->allocator };
  sld_status status = how->told->ask && count != 1 ? sld__fail_at(err, SLD_EINVAL, "options.ask", 0, 0, "a file of asks goes with one file of bids, not with several") : SLD_OK;
  for (size_t i = 0; i < count && status == SLD_OK; i++) status = find_files(&files, paths[i], how->told, err);
  if (status == SLD_OK) status = sld__load_files(how, files.list, files.count, &harvest, intake, report, err);
  if (status == SLD_OK) status = sld__harvest_seal(&harvest, intake, how->lenient ? report : NULL, err);
  sld__harvest_fini(&harvest);
  sld__files_fini(&files);
  return status;
}

sld_status sld__market_load_paths(sld__market *market, const char *const *paths, size_t count, const sld_load_options *options, const sld__parallel *parallel, sld_load_report **out, sld_error *err) {
  const sld_allocator *a = sld__market_allocator(market);
  sld__intake intake = { .allocator = a, .own = sld__market_instruments(market) };
  sld_load_report report;
  sld__told told;
  const sld__reading how = { intake.own, &told, parallel, options && options->lenient };
  sld__report_init(&report, a);
  sld_status status = sld__told_options(&told, options, a, intake.own, err);
  if (status == SLD_OK) status = load_paths(&how, paths, count, &intake, &report, err);
  sld_load_report *kept = status == SLD_OK && out ? sld__alloc(a, 1, sizeof *kept) : NULL;
  if (status == SLD_OK && out && !kept) status = sld__fail_memory(err);
  if (status == SLD_OK) status = sld__market_take(market, &intake, count > 0 ? paths[0] : NULL, err);
  sld__intake_fini(&intake);
  if (status == SLD_OK && out) {
    *kept = report;
    *out = kept;
    return SLD_OK;
  }
  sld__free(a, kept);
  sld__report_fini(&report);
  return status;
}

sld_status sld__market_load_with(sld__market *market, const char *path, const sld_load_options *options, const sld__parallel *parallel, sld_load_report **out, sld_error *err) {
  return sld__market_load_paths(market, &path, 1, options, parallel, out, err);
}

sld_status sld__market_load(sld__market *market, const char *path, sld_error *err) {
  return sld__market_load_paths(market, &path, 1, NULL, NULL, NULL, err);
}

sld_status sld__market_save(const sld__market *market, const char *path, sld_error *err) {
  const sld_allocator *a = sld__market_allocator(market);
  size_t count = sld__market_count(market);
  const sld__series **series = sld__alloc(a, count, sizeof *series);
  if (!series) return sld__fail_memory(err);
  for (size_t i = 0; i < count; i++) series[i] = sld__market_at(market, i);
  sld__held held;
  sld_status status = sld__store_hold(&held, path, a, err);
  if (status == SLD_OK) status = sld__store_write_all(series, count, path, err);
  sld__store_release(&held);
  sld__free(a, series);
  return status;
}
