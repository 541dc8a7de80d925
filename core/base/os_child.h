/* Child processes that a parent drives over a socket (os_child.c), memory that both read (os_sealed.c), and what a child does to itself before it runs
 * what it does not trust (os_jail.c).
 *
 * A child is another program, started by posix_spawn: a process with threads is never forked and continued. It is given a socket as descriptor 0, the
 * shared memory as descriptor 3, and nothing to write to; no other descriptor, no handler of signals and little of the environment go with it.
 *
 * Errors are EIO in the system's words. */
#ifndef SLD_BASE_OS_CHILD_H
#define SLD_BASE_OS_CHILD_H

#include "base/os.h"

/* ---- Sealed memory (os_sealed.c) -------------------------------------------------------------------------------- */

/* Bytes that go to an offset of the memory. */
struct sld__part {
  const void *data; /* [size] */
  size_t size;
  size_t at;
};

/* Makes a descriptor of size bytes of memory, zero but for the parts, that nobody can change or resize any more. */
sld_status sld__os_sealed_new(int *out, size_t size, const struct sld__part *parts, size_t count, sld_error *err);

/* Maps all of it, read-only. */
sld_status sld__os_sealed_map(struct sld__map *out, int descriptor, sld_error *err);

/* -1 is fine. */
void sld__os_close(int descriptor);

/* ---- The parent's side (os_child.c) ----------------------------------------------------------------------------- */

enum { SLD__CHILD_SOCKET = 0, SLD__CHILD_MEMORY = 3 };

/* Zeroed memory is a child that is not there. */
struct sld__child {
  bool there;
  int64_t process; /* its id */
  int handle;      /* a descriptor of the process; -1: the system has none to give */
  int socket;
};

/* How a process ended. */
struct sld__end {
  bool known;  /* false: somebody else in this process took the answer */
  int signal;  /* that killed it; 0: none */
  int status;  /* of its exit, where no signal did */
};

/* Starts `program` with the parent's process id as its only argument. EIO, with `program`: it cannot be started. */
sld_status sld__os_child_start(struct sld__child *out, const char *program, int memory, sld_error *err);

/* Ends it at once. Any thread, while the child is there; one that has ended already is fine. */
void sld__os_child_kill(const struct sld__child *child);

/* Whether it ends within timeout_ms. False where the system cannot tell. */
bool sld__os_child_ends(const struct sld__child *child, int timeout_ms);

/* Closes the socket, waits until the process has ended (it does where it was killed, has ended, or heeds the socket's end) and takes its answer.
 * The child is not there any more. */
void sld__os_child_end(struct sld__child *child, struct sld__end *how);

/* The name of a signal, "SIGSEGV", or "signal 77". To buf[16]. */
const char *sld__os_signal_name(int signal, char *buf);

/* ---- The socket, for both ---------------------------------------------------------------------------------------- */

/* Sends all of it. False: nobody is there to take it. No signal is raised. */
bool sld__os_socket_send(int socket, const void *bytes, size_t size);

/* Waits up to timeout_ms (negative: without limit) for bytes and takes as many as are there: how many, 0 at the end, -1 when the time has passed. */
int64_t sld__os_socket_take(int socket, void *bytes, size_t size, int timeout_ms);

/* ---- The child's side (os_jail.c) -------------------------------------------------------------------------------- */

/* First thing: makes the process end when its parent does, closes every other descriptor, lets the system end it before others for want of memory, and
 * gives up privileges, writing files and looking into other processes. Threads that are made later are bound by it too. False: the parent is gone already. */
bool sld__os_jail_enter(int64_t parent);

/* What the process may use from now on. */
struct sld__jail {
  size_t memory;  /* bytes of address space beyond what it has now; 0: no limit */
};

/* Limits the process with all its threads, without a way back: no core files, no descriptors beyond a few, and of the system's calls only those that a job
 * needs (os_filter.c). Last thing before it runs what it does not trust: no library, thread or process can be added. */
sld_status sld__os_jail_close(const struct sld__jail *jail, sld_error *err);

#endif
