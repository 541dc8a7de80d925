/* Memory that several processes read and nobody can change. */
#include "base/os_child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Standard streams may be closed in a host, and a descriptor in their place would be in the way of a child's own. */
static int lifted(int descriptor) {
  enum { LEAST = 10 };
  int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, LEAST);
  int problem = errno;
  close(descriptor);
  errno = problem;
  return moved;
}

static bool write_at(int descriptor, const struct sld__part *part) {
  const char *data = part->data;
  for (size_t done = 0; done < part->size;) {
    ssize_t written = pwrite(descriptor, data + done, part->size - done, (off_t)(part->at + done));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    done += (size_t)written;
  }
  return true;
}

static bool fill(int descriptor, size_t size, const struct sld__part *parts, size_t count) {
  if (ftruncate(descriptor, (off_t)size) != 0) return false;
  for (size_t i = 0; i < count; i++)
    if (!write_at(descriptor, &parts[i])) return false;
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0;
}

sld_status sld__os_sealed_new(int *out, size_t size, const struct sld__part *parts, size_t count, sld_error *err) {
  int descriptor = memfd_create("sliders", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor >= 0) descriptor = lifted(descriptor);
  if (descriptor < 0) return sld__fail_errno(err, NULL, "cannot make memory that processes share", errno);
  if (!fill(descriptor, size, parts, count)) {
    int problem = errno;
    close(descriptor);
    return sld__fail_errno(err, NULL, "cannot fill memory that processes share", problem);
  }
  *out = descriptor;
  return SLD_OK;
}

sld_status sld__os_sealed_map(struct sld__map *out, int descriptor, sld_error *err) {
  struct stat info;
  *out = (struct sld__map){ NULL, 0 };
  if (fstat(descriptor, &info) != 0) return sld__fail_errno(err, NULL, "cannot map memory that processes share", errno);
  void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) return sld__fail_errno(err, NULL, "cannot map memory that processes share", errno);
  *out = (struct sld__map){ data, (size_t)info.st_size };
  return SLD_OK;
}

void sld__os_close(int descriptor) {
  if (descriptor >= 0) close(descriptor);
}
