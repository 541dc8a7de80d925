#include "api/log.h"

#include <string.h>

const char *sld_log_level_name(sld_log_level level) {
  static const char *const words[] = { "print", "info", "warning", "error" };
  return (size_t)level < sizeof words / sizeof *words ? words[level] : "?";
}

static void tell_error(const sld_log *log, sld_log_level level, const char *pair, size_t ordinal, const sld_error *err) {
  char text[sizeof err->file + sizeof err->message + 64];
  size_t size = sld_error_format(err, text, sizeof text);
  const sld_log_record record = { level, pair, ordinal, text, size < sizeof text ? size : sizeof text - 1 };
  log->write(log->ud, &record);
}

/* ---- Loading ---- */

static sld_log_level level_of(sld_note_kind kind) {
  return kind == SLD_NOTE_FOUND ? SLD_LOG_INFO : SLD_LOG_WARNING;
}

static void copy(char *to, size_t size, const char *from) {
  size_t length = strlen(from);
  if (length >= size) length = size - 1;
  memcpy(to, from, length);
  to[length] = '\0';
}

void sld__log_report(const sld_log *log, const sld_load_report *report) {
  for (size_t i = 0; log->write && i < sld_load_report_note_count(report); i++) {
    const sld_load_note *note = sld_load_report_note_at(report, i);
    sld_error as_error = { .line = note->line, .column = note->column };
    copy(as_error.file, sizeof as_error.file, note->file);
    copy(as_error.message, sizeof as_error.message, note->message);
    tell_error(log, level_of(note->kind), "", 0, &as_error);
  }
}

/* ---- Jobs and calls ---- */

static void tell_lines(const sld_log *log, const sld_job *job) {
  for (const char *at = job->log; *at;) {
    size_t size = strcspn(at, "\n");
    const sld_log_record record = { SLD_LOG_PRINT, job->pair, job->ordinal, at, size };
    log->write(log->ud, &record);
    at += size + (at[size] == '\n');
  }
}

void sld__log_result(const sld_log *log, const sld_result *result) {
  for (size_t i = 0; log->write && i < sld_result_job_count(result); i++) {
    const sld_job *job = sld_result_job_at(result, i);
    tell_lines(log, job);
    if (job->state == SLD_JOB_FAILED) tell_error(log, SLD_LOG_ERROR, job->pair, job->ordinal, job->error);
  }
}

void sld__log_call(const sld_log *log, const sld_error *err) {
  if (log->write) tell_error(log, SLD_LOG_ERROR, "", 0, err);
}
