/* The operating system: the only place of the core that knows a platform. Files and folders here; processors and clock in os_cpu.c,
 * shared libraries in os_library.c, signals in os_signal.c.
 *
 * Paths are the system's bytes, 0-terminated, relative ones against the process's folder. Errors carry the path in `file` and the
 * system's words in the message; every one is EIO unless said otherwise. Any thread may call; no function changes process-wide state.
 */
#ifndef SLD_BASE_OS_H
#define SLD_BASE_OS_H

#include "base/error.h"

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

/* A file's bytes, mapped read-only. Somebody else who shortens the file while it is mapped makes reading past its new end fault. */
struct sld__map {
  const char *data; /* [size], not terminated; never NULL while open */
  size_t size;
};

/* Maps regular file `path`; an empty one gives size 0. A folder or a device is EIO. On failure *out is empty, fit for close. */
sld_status sld__os_map_file(struct sld__map *out, const char *path, sld_error *err);

/* Unmaps and empties; an empty map is fine. */
void sld__os_map_close(struct sld__map *map);

/* Tells the system that map is about to be read front to back. */
void sld__os_map_ahead(const struct sld__map *map);

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

/* A file that appears whole or not at all: bytes go to a new file beside it, which is synced and renamed over it at the end.
 * A link is followed: what it points at is replaced. A target that exists and is no regular file (/dev/null, a pipe) is written in place, and so is what
 * /dev/stdout, /dev/stderr and /dev/fd/N stand for: bytes go behind those that are there. */
struct sld__writer {
  int descriptor;    /* -1: closed */
  bool in_place;
  char path[4096];   /* links resolved */
  char beside[4128]; /* the new file, "" in place */
};

/* Starts writing `path`. On failure *out is closed, fit for discard. */
sld_status sld__os_writer_open(struct sld__writer *out, const char *path, sld_error *err);

/* Appends, all or EIO ("No space left on device"); after a failure only discard is of use. */
sld_status sld__os_writer_add(struct sld__writer *writer, const void *bytes, size_t size, sld_error *err);

/* Makes the file appear, with its bytes on the disk. On failure nothing is left behind and the old file stays. The writer is closed either way. */
sld_status sld__os_writer_commit(struct sld__writer *writer, sld_error *err);

/* Closes and removes what was written beside the file. A closed writer is fine. */
void sld__os_writer_discard(struct sld__writer *writer);

/* The three in one: writes bytes[size] as `path`. */
sld_status sld__os_write_file(const char *path, const void *bytes, size_t size, sld_error *err);

/* Whether `path` could be written now, as the error that sld__os_writer_open has where it could not. What is there stays as it is, and nothing is left behind;
 * nor is a pipe opened, whose reader would see its end. */
sld_status sld__os_can_write(const char *path, sld_error *err);

/* The same of files in folder `path`, which sld__os_make_dir would make. */
sld_status sld__os_can_write_in(const char *path, sld_error *err);

/* ---- Folders ---------------------------------------------------------------------------------------------------- */

/* Makes folder `path` and the ones above it where missing. */
sld_status sld__os_make_dir(const char *path, sld_error *err);

/* Whether `path` is a folder, or a link to one. False where it cannot be told. */
bool sld__os_is_dir(const char *path);

/* Whether `path` is a regular file, or a link to one. */
bool sld__os_is_file(const char *path);

/* A folder that this process has for itself. */
struct sld__lock {
  int descriptor; /* -1: not held */
};

/* Makes the folder where missing, and waits until no other holder of its lock is left: in this process or in others, which let go of it when they end, however
 * they do. Where the file system knows no locks, nobody waits. On failure *out is not held. */
sld_status sld__os_lock_dir(struct sld__lock *out, const char *path, sld_error *err);

/* Not held is fine. */
void sld__os_unlock_dir(struct sld__lock *lock);

/* Removes a file or an empty folder. False where it cannot, or where there is none: for clearing up after a failure. */
bool sld__os_remove(const char *path);

/* Names of a folder's entries without "." and "..", ascending by bytes. */
struct sld__names {
  char **names; /* [count] */
  size_t count;
  sld_allocator allocator;
};

/* Lists folder `path`. ENOMEM. On failure *out is empty, fit for free. */
sld_status sld__os_list_dir(struct sld__names *out, const char *path, const sld_allocator *allocator, sld_error *err);
void sld__os_names_free(struct sld__names *names);

/* "folder/name" as a new text, without doubling a slash; an absolute `name` stands alone. NULL when out of memory. */
char *sld__os_join(const sld_allocator *allocator, const char *folder, const char *name);

/* ---- Processor and clock (os_cpu.c) ----------------------------------------------------------------------------- */

/* Bytes of a memory page. */
size_t sld__os_page(void);

/* Threads that can run at once here: the smaller of the affinity mask and the cgroups' quota (v2 cpu.max, v1 cpu.cfs_quota_us, rounded up;
 * the tightest of all groups above the process). At least 1. */
int sld__os_workers(void);

/* The quota part of it, or 0 where there is none: for tests.
 *   listing  text as in /proc/self/cgroup
 *   mount    folder in place of /sys/fs/cgroup */
int sld__os_quota(const char *listing, const char *mount);

/* Nanoseconds of a clock that never goes back, from an unknown start. For timeouts and measuring, never for results. */
int64_t sld__os_now_ns(void);

/* Reads a number as strtod does in the "C" locale, whatever the process's locale. */
double sld__os_strtod(const char *text, char **end);

/* ---- Signals (os_signal.c) -------------------------------------------------------------------------------------- */

/* A descriptor that poll finds readable while it is raised. Any thread may raise and clear. EIO: no descriptor to be had; *out is then -1. */
sld_status sld__os_signal_open(int *out, sld_error *err);
void sld__os_signal_raise(int signal);
void sld__os_signal_clear(int signal);
void sld__os_signal_close(int signal); /* -1 is fine */

/* ---- Shared libraries (os_library.c) ---------------------------------------------------------------------------- */

/* Writes the folder of the file that holds this code (the library, or the program it is linked into) to buf[size].
 * ERANGE where it does not fit. */
sld_status sld__os_self_dir(char *buf, size_t size, sld_error *err);

typedef void (*sld__os_function)(void);

/* Opens shared library `path` for this process, its symbols hidden from others and all bound now.
 * Where the process already shows a Lua of its own (inside lua5.4, inside luajit) the library's calls are bound to its own
 * symbols first, or they would run in the foreign Lua. Sanitizers forbid that; their builds then refuse with EVM.
 * EVM with the loader's words. */
sld_status sld__os_library_open(void **out, const char *path, sld_error *err);

/* The function `name` of an open library. EVM: there is none. */
sld_status sld__os_library_find(sld__os_function *out, void *library, const char *name, sld_error *err);

/* NULL is fine. */
void sld__os_library_close(void *library);

#endif
