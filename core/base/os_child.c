/* Starting, driving and ending a child process. */
#include "base/os_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- Starting --------------------------------------------------------------------------------------------------- */

/* What a child needs of the environment: where its libraries and time zones are, and what sanitizers are told. The rest may be secret. */
static bool passes(const char *entry) {
  static const char *const names[] = { "LD_LIBRARY_PATH=", "TZDIR=", "ASAN_OPTIONS=", "LSAN_OPTIONS=", "TSAN_OPTIONS=", "UBSAN_OPTIONS=" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strncmp(entry, names[i], strlen(names[i])) == 0) return true;
  return false;
}

enum { ENTRIES = 8 };

static void choose_environment(char *out[ENTRIES + 1]) {
  size_t count = 0;
  for (char **entry = environ; entry && *entry && count < ENTRIES; entry++)
    if (passes(*entry)) out[count++] = *entry;
  out[count] = NULL;
}

/* A pair of sockets above the descriptors that a child is given. */
static bool make_sockets(int ends[2]) {
  enum { LEAST = 10 };
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
  for (int i = 0; i < 2; i++) ends[i] = fcntl(pair[i], F_DUPFD_CLOEXEC, LEAST);
  int problem = errno;
  for (int i = 0; i < 2; i++) close(pair[i]);
  if (ends[0] >= 0 && ends[1] >= 0) return true;
  for (int i = 0; i < 2; i++) sld__os_close(ends[i]);
  errno = problem;
  return false;
}

/* Descriptors of the child. What sanitizers have to say is said where the parent says it. */
static int set_descriptors(posix_spawn_file_actions_t *actions, int socket, int memory) {
  int problem = posix_spawn_file_actions_adddup2(actions, socket, SLD__CHILD_SOCKET);
  if (!problem) problem = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
#if !defined(SLD__SANITIZED)
  if (!problem) problem = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
#endif
  if (!problem) problem = posix_spawn_file_actions_adddup2(actions, memory, SLD__CHILD_MEMORY);
  return problem;
}

/* No signal is blocked, ignored or handled in the child; what a terminal sends to the parent's group does not reach it. */
static int set_attributes(posix_spawnattr_t *attributes) {
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int problem = posix_spawnattr_setsigdefault(attributes, &all);
  if (!problem) problem = posix_spawnattr_setsigmask(attributes, &none);
  if (!problem) problem = posix_spawnattr_setpgroup(attributes, 0);
  if (!problem) problem = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  return problem;
}

static int spawn(pid_t *out, const char *program, int socket, int memory) {
  char parent[24], *arguments[] = { (char *)(uintptr_t)program, parent, NULL }, *environment[ENTRIES + 1];
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  snprintf(parent, sizeof parent, "%lld", (long long)getpid());
  choose_environment(environment);
  int problem = posix_spawn_file_actions_init(&actions);
  if (problem) return problem;
  problem = posix_spawnattr_init(&attributes);
  if (!problem) {
    problem = set_descriptors(&actions, socket, memory);
    if (!problem) problem = set_attributes(&attributes);
    if (!problem) problem = posix_spawn(out, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return problem;
}

/* A descriptor that goes on to mean this process when its id is given to another; -1: there are none. */
static int handle_of(pid_t process) {
#if defined(SYS_pidfd_open)
  return (int)syscall(SYS_pidfd_open, process, 0);
#else
  (void)process;
  return -1;
#endif
}

sld_status sld__os_child_start(struct sld__child *out, const char *program, int memory, sld_error *err) {
  int ends[2];
  pid_t process;
  if (!make_sockets(ends)) return sld__fail_errno(err, NULL, "cannot make a pair of sockets", errno);
  int problem = spawn(&process, program, ends[1], memory);
  close(ends[1]);
  if (problem) {
    close(ends[0]);
    return sld__fail_errno(err, program, "cannot start", problem);
  }
  *out = (struct sld__child){ true, process, handle_of(process), ends[0] };
  return SLD_OK;
}

/* Whether there is something to read, the end or, of a process, its death. */
static bool readable(int socket, int timeout_ms) {
  const int64_t end = sld__os_now_ns() + (int64_t)timeout_ms * 1000000;
  for (;;) {
    struct pollfd look = { .fd = socket, .events = POLLIN };
    int found = poll(&look, 1, timeout_ms);
    if (found > 0) return true;
    if (found == 0 || errno != EINTR) return false;
    if (timeout_ms < 0) continue;
    int64_t left = (end - sld__os_now_ns() + 999999) / 1000000;
    timeout_ms = left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
  }
}

/* ---- Ending ----------------------------------------------------------------------------------------------------- */

void sld__os_child_kill(const struct sld__child *child) {
#if defined(SYS_pidfd_send_signal)
  if (child->handle >= 0) {
    syscall(SYS_pidfd_send_signal, child->handle, SIGKILL, NULL, 0);
    return;
  }
#endif
  kill((pid_t)child->process, SIGKILL);
}

bool sld__os_child_ends(const struct sld__child *child, int timeout_ms) {
  return child->handle >= 0 && readable(child->handle, timeout_ms);
}

void sld__os_child_end(struct sld__child *child, struct sld__end *how) {
  int status = 0;
  pid_t ended;
  *how = (struct sld__end){ false, 0, 0 };
  close(child->socket);
  do ended = waitpid((pid_t)child->process, &status, 0);
  while (ended < 0 && errno == EINTR);
  sld__os_close(child->handle);
  *child = (struct sld__child){ .handle = -1, .socket = -1 };
  if (ended < 0) return; /* the host ignores SIGCHLD, or waits for every child itself */
  how->known = true;
  how->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  how->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

const char *sld__os_signal_name(int signal, char *buf) {
  static const struct { int signal; const char *name; } names[] = {
    { SIGABRT, "SIGABRT" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" }, { SIGILL, "SIGILL" }, { SIGKILL, "SIGKILL" }, { SIGSEGV, "SIGSEGV" },
    { SIGSYS, "SIGSYS" }, { SIGTERM, "SIGTERM" }, { SIGTRAP, "SIGTRAP" }, { SIGXCPU, "SIGXCPU" }, { SIGXFSZ, "SIGXFSZ" }, { SIGINT, "SIGINT" },
    { SIGHUP, "SIGHUP" }, { SIGQUIT, "SIGQUIT" }, { SIGPIPE, "SIGPIPE" }, { SIGALRM, "SIGALRM" },
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].signal == signal) return names[i].name;
  snprintf(buf, 16, "signal %d", signal);
  return buf;
}

/* ---- The socket ------------------------------------------------------------------------------------------------- */

bool sld__os_socket_send(int socket, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size > 0) {
    ssize_t sent = send(socket, at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    at += sent;
    size -= (size_t)sent;
  }
  return true;
}

int64_t sld__os_socket_take(int socket, void *bytes, size_t size, int timeout_ms) {
  if (timeout_ms >= 0 && !readable(socket, timeout_ms)) return -1;
  ssize_t taken;
  do taken = recv(socket, bytes, size, 0);
  while (taken < 0 && errno == EINTR);
  return taken < 0 ? 0 : taken; /* a connection that is reset has ended */
}
