/* What a child can still do once it has closed itself in. Each probe is a process of its own, whose exit status is what the probe found. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os_child.h"

enum { NO_JAIL = 100 };

/* In a process that is not in the jail yet. */
static int in_jail(int (*probe)(void)) {
  const pid_t self = getpid();
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    const struct sld__jail jail = { .memory = (size_t)64 << 20 };
    if (!sld__os_jail_enter(self) || sld__os_jail_close(&jail, NULL) != SLD_OK) _exit(NO_JAIL);
    _exit(probe());
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* 0: it worked, else errno. */
static int got(long result) {
  return result >= 0 ? 0 : errno;
}

static int reads(void) {
  return got(open("/usr/share/zoneinfo/UTC", O_RDONLY));
}

static int compiles(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? errno : got(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int takes_memory(void) {
  void *block = malloc((size_t)16 << 20);
  if (!block) return ENOMEM;
  memset(block, 1, (size_t)16 << 20);
  free(block);
  return 0;
}

static void what_a_job_needs_is_there(void **state) {
  (void)state;
  assert_int_equal(in_jail(reads), 0);
  assert_int_equal(in_jail(compiles), 0);
  assert_int_equal(in_jail(takes_memory), 0);
}

#if !defined(SLD__SANITIZED)

static int takes_too_much_memory(void) {
  void *volatile block = malloc((size_t)1 << 30); /* volatile: clang leaves out what nobody reads */
  return block ? 0 : errno;
}

static int writes(void) {
  return got(open("/dev/null", O_WRONLY));
}

static int makes_a_file(void) {
  return got(open("/tmp/sliders-jail", O_RDWR | O_CREAT, 0600));
}

static int executes(void) {
  return got(execl("/bin/true", "true", (char *)NULL));
}

static int forks(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  return got(child);
}

static int connects(void) {
  return got(socket(AF_INET, SOCK_STREAM, 0));
}

static int traces(void) {
  return got(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int kills(void) {
  return got(kill(getppid(), 0));
}

static int removes(void) {
  return got(unlink("/tmp/sliders-jail"));
}

static void what_a_job_does_not_need_is_refused(void **state) {
  (void)state;
  static int (*const probes[])(void) = { writes, makes_a_file, executes, forks, connects, traces, kills, removes };
  for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
    int found = in_jail(probes[i]);
    if (found != EPERM && found != EACCES) print_error("probe %zu: %s\n", i, found ? strerror(found) : "it worked");
    assert_true(found == EPERM || found == EACCES);
  }
  assert_int_equal(in_jail(takes_too_much_memory), ENOMEM);
}

#endif

static int seen_descriptor(void) {
  for (int i = SLD__CHILD_MEMORY + 1; i < 64; i++)
    if (fcntl(i, F_GETFD) >= 0) return i;
  return 0;
}

static void no_descriptor_is_inherited(void **state) {
  (void)state;
  const pid_t self = getpid();
  int more = fcntl(0, F_DUPFD, 40), status;
  assert_true(more >= 40);
  pid_t child = fork();
  if (child == 0) _exit(sld__os_jail_enter(self) ? seen_descriptor() : NO_JAIL);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(WEXITSTATUS(status), 0);
  close(more);
}

static void an_orphan_does_not_begin(void **state) {
  (void)state;
  assert_false(sld__os_jail_enter((int64_t)getpid())); /* its own parent it is not */
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_a_job_needs_is_there),
#if !defined(SLD__SANITIZED)
    cmocka_unit_test(what_a_job_does_not_need_is_refused),
#endif
    cmocka_unit_test(no_descriptor_is_inherited),
    cmocka_unit_test(an_orphan_does_not_begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
