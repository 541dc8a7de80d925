/* Descriptors that wake whoever polls them. */
#include "base/os.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

sld_status sld__os_signal_open(int *out, sld_error *err) {
  *out = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return *out >= 0 ? SLD_OK : sld__fail_errno(err, "", "cannot make an event descriptor", errno);
}

void sld__os_signal_raise(int signal) {
  const uint64_t one = 1;
  while (write(signal, &one, sizeof one) < 0 && errno == EINTR) {} /* EAGAIN: it is raised as it can be */
}

void sld__os_signal_clear(int signal) {
  uint64_t count;
  while (read(signal, &count, sizeof count) < 0 && errno == EINTR) {} /* EAGAIN: it was not raised */
}

void sld__os_signal_close(int signal) {
  if (signal >= 0) close(signal);
}
