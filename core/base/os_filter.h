/* For os_jail.c alone. */
#ifndef SLD_BASE_OS_FILTER_H
#define SLD_BASE_OS_FILTER_H

#include <stdbool.h>

/* Lets all threads of this process make only the calls that a job needs, for ever. It has no new privileges. False: the system cannot. True without
 * any effect where the platform has no such filter, or a sanitizer watches. */
bool sld__os_filter_calls(void);

#endif
