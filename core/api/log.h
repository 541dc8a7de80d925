/* The sink of a host: who tells it what. Only the thread that called the library gets here. */
#ifndef SLD_API_LOG_H
#define SLD_API_LOG_H

#include <sliders.h>

/* Tells every note of a report. A sink without `write` is told nothing, here and below. */
void sld__log_report(const sld_log *log, const sld_load_report *report);

/* Tells what the jobs of a finished run printed, and why they failed. */
void sld__log_result(const sld_log *log, const sld_result *result);

/* Tells that a call failed. */
void sld__log_call(const sld_log *log, const sld_error *err);

#endif
