/* What a child process does to itself. */
#include "base/os_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#if defined(SYS_landlock_restrict_self) && defined(__has_include)
#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#define LANDLOCK
#endif
#endif
#endif

#include "base/os_filter.h"

/* The system ends this process before others: what it does is what takes memory. */
static void go_first(void) {
  int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  ssize_t unused = write(file, "1000", 4);
  (void)unused;
  close(file);
}

static void close_others(void) {
  const int first = SLD__CHILD_MEMORY + 1;
#if defined(SYS_close_range)
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  struct rlimit most;
  int end = getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur < 65536 ? (int)most.rlim_cur : 65536;
  for (int i = first; i < end; i++) close(i);
}

/* No file is written, made, removed or executed, and no other process's memory can be read, whatever may be opened for reading. Kernels without this
 * leave it to the filter of calls, which knows no names. */
static void close_files(void) {
#if defined(LANDLOCK)
  const struct landlock_ruleset_attr all = {
    .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                         LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                         LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM,
  };
  long rules = syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (rules < 0) return;
  syscall(SYS_landlock_restrict_self, rules, 0);
  close((int)rules);
#endif
}

/* For good: no program that is executed gives the process more than it has. */
static bool give_up_privileges(void) {
#if defined(__linux__)
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
#else
  return true;
#endif
}

bool sld__os_jail_enter(int64_t parent) {
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the thread that started it ends; the socket's end says the same */
#endif
  if (getppid() != (pid_t)parent) return false;
  close_others();
  go_first();
  if (!give_up_privileges()) return false;
  close_files();
  return true;
}

static bool limit(int what, rlim_t most) {
  struct rlimit there;
  if (getrlimit((__rlimit_resource_t)what, &there) != 0) return false;
  if (there.rlim_max != RLIM_INFINITY && there.rlim_max < most) most = there.rlim_max;
  struct rlimit wanted = { most, most };
  return setrlimit((__rlimit_resource_t)what, &wanted) == 0;
}

/* Bytes of address space that the process has; 0: not known. */
static size_t address_space(void) {
  char text[64] = "";
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  return size > 0 ? (size_t)strtoull(text, NULL, 10) * sld__os_page() : 0;
}

sld_status sld__os_jail_close(const struct sld__jail *jail, sld_error *err) {
  enum { DESCRIPTORS = 32 };
  bool limited = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, DESCRIPTORS);
#if !defined(SLD__SANITIZED) /* whose shadow memory takes terabytes of addresses */
  size_t there = jail->memory ? address_space() : 0;
  if (there && jail->memory <= SIZE_MAX - there) limited = limited && limit(RLIMIT_AS, there + jail->memory);
#else
  (void)jail;
  (void)address_space;
#endif
  if (!limited) return sld__fail_errno(err, NULL, "cannot limit what the process may use", errno);
#if defined(__linux__) && !defined(SLD__SANITIZED)
  prctl(PR_SET_DUMPABLE, 0); /* others of the user cannot look into it, nor the next of its kind */
#endif
  return sld__os_filter_calls() ? SLD_OK : sld__fail_errno(err, NULL, "cannot filter the calls of the process", errno);
}
