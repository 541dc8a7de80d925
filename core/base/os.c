/* Files and folders. */
#include "base/os.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

static int open_retrying(const char *path, int flags, mode_t mode) {
  int descriptor;
  do descriptor = open(path, flags | O_CLOEXEC, mode);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

sld_status sld__os_map_file(struct sld__map *out, const char *path, sld_error *err) {
  *out = (struct sld__map){ NULL, 0 };
  int descriptor = open_retrying(path, O_RDONLY | O_NONBLOCK, 0); /* a pipe without writer must not hold us */
  if (descriptor < 0) return sld__fail_errno(err, path, "cannot open", errno);
  struct stat info;
  sld_status status = SLD_OK;
  if (fstat(descriptor, &info) != 0) {
    status = sld__fail_errno(err, path, "cannot read", errno);
  } else if (S_ISDIR(info.st_mode)) {
    status = sld__fail_errno(err, path, "cannot read", EISDIR);
  } else if (!S_ISREG(info.st_mode)) {
    status = sld__fail_at(err, SLD_EIO, path, 0, 0, "cannot read: not a regular file");
  } else if (info.st_size == 0) {
    out->data = "";
  } else if ((uintmax_t)info.st_size > SIZE_MAX) {
    status = sld__fail_errno(err, path, "cannot map", EFBIG);
  } else {
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED)
      status = sld__fail_errno(err, path, "cannot map", errno);
    else
      *out = (struct sld__map){ data, (size_t)info.st_size };
  }
  close(descriptor);
  return status;
}

void sld__os_map_close(struct sld__map *map) {
  if (map->size > 0) munmap((void *)(uintptr_t)map->data, map->size);
  *map = (struct sld__map){ NULL, 0 };
}

void sld__os_map_ahead(const struct sld__map *map) {
  if (map->size > 0) posix_madvise((void *)(uintptr_t)map->data, map->size, POSIX_MADV_SEQUENTIAL);
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

/* Names of what a process has open already. They look like links, but nothing can be put in the place of a pipe or of a file that a shell writes to. */
static bool names_descriptor(const char *path) {
  static const char *const names[] = { "/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strncmp(path, names[i], strlen(names[i])) == 0) return true;
  return false;
}

/* Where the bytes end up: what a link points at, or the path itself where nothing is there yet. */
static sld_status resolve(struct sld__writer *writer, const char *path, sld_error *err) {
  char resolved[PATH_MAX];
  struct stat info;
  const char *target = path;
  bool descriptor = names_descriptor(path);
  if (!descriptor && lstat(path, &info) == 0 && S_ISLNK(info.st_mode)) {
    /* A link to nothing is not repaired: its target's folder may be missing for a reason. */
    if (!realpath(path, resolved)) return sld__fail_errno(err, path, "cannot follow the link", errno);
    target = resolved;
  }
  writer->in_place = descriptor || (stat(target, &info) == 0 && !S_ISREG(info.st_mode));
  if (strlen(target) >= sizeof writer->path) return sld__fail_errno(err, path, "cannot create", ENAMETOOLONG);
  memcpy(writer->path, target, strlen(target) + 1);
  return SLD_OK;
}

/* A new file beside the target. Names carry the process id; other threads of it take other numbers. */
static int create_beside(struct sld__writer *writer) {
  for (int attempt = 0; attempt < 10000; ++attempt) {
    snprintf(writer->beside, sizeof writer->beside, "%s.%ld.%d.new", writer->path, (long)getpid(), attempt);
    int descriptor = open_retrying(writer->beside, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

sld_status sld__os_writer_open(struct sld__writer *out, const char *path, sld_error *err) {
  out->descriptor = -1;
  out->in_place = false;
  out->path[0] = '\0';
  out->beside[0] = '\0';
  sld_status status = resolve(out, path, err);
  if (status) return status;
  out->descriptor = out->in_place ? open_retrying(out->path, O_WRONLY | O_APPEND, 0) : create_beside(out);
  if (out->descriptor >= 0) return SLD_OK;
  out->beside[0] = '\0';
  return sld__fail_errno(err, path, "cannot create", errno);
}

sld_status sld__os_writer_add(struct sld__writer *writer, const void *bytes, size_t size, sld_error *err) {
  const char *at = bytes;
  while (size > 0) {
    ssize_t written = write(writer->descriptor, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return sld__fail_errno(err, writer->path, "cannot write", errno);
    if (written == 0) return sld__fail_errno(err, writer->path, "cannot write", ENOSPC);
    at += written;
    size -= (size_t)written;
  }
  return SLD_OK;
}

/* Puts the folder's new entry on the disk. File systems that cannot sync a folder say EINVAL; there is no more to do then. */
static int sync_folder_of(const char *path) {
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) : 0;
  if (length >= sizeof folder) return 0;
  memcpy(folder, path, length);
  folder[length] = '\0';
  int descriptor = open_retrying(!slash ? "." : length == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY, 0);
  if (descriptor < 0) return errno == EACCES ? 0 : errno;
  int problem = fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  close(descriptor);
  return problem;
}

sld_status sld__os_writer_commit(struct sld__writer *writer, sld_error *err) {
  int problem = !writer->in_place && fsync(writer->descriptor) != 0 ? errno : 0;
  if (close(writer->descriptor) != 0 && !problem) problem = errno;
  writer->descriptor = -1;
  if (!problem && !writer->in_place && rename(writer->beside, writer->path) != 0) problem = errno;
  if (problem) {
    sld__os_writer_discard(writer);
    return sld__fail_errno(err, writer->path, "cannot write", problem);
  }
  writer->beside[0] = '\0';
  if (!writer->in_place) problem = sync_folder_of(writer->path);
  return problem ? sld__fail_errno(err, writer->path, "cannot sync the folder", problem) : SLD_OK;
}

void sld__os_writer_discard(struct sld__writer *writer) {
  if (writer->descriptor >= 0) close(writer->descriptor);
  writer->descriptor = -1;
  if (writer->beside[0]) unlink(writer->beside);
  writer->beside[0] = '\0';
}

sld_status sld__os_write_file(const char *path, const void *bytes, size_t size, sld_error *err) {
  struct sld__writer writer;
  sld_status status = sld__os_writer_open(&writer, path, err);
  if (status) return status;
  status = sld__os_writer_add(&writer, bytes, size, err);
  if (status) {
    sld__os_writer_discard(&writer);
    return status;
  }
  return sld__os_writer_commit(&writer, err);
}

sld_status sld__os_can_write(const char *path, sld_error *err) {
  struct sld__writer writer = { .descriptor = -1 };
  sld_status status = resolve(&writer, path, err);
  if (status) return status;
  if (!writer.in_place) {
    status = sld__os_writer_open(&writer, path, err);
    sld__os_writer_discard(&writer);
    return status;
  }
  if (sld__os_is_dir(writer.path)) return sld__fail_errno(err, path, "cannot create", EISDIR);
  return access(writer.path, W_OK) == 0 ? SLD_OK : sld__fail_errno(err, path, "cannot create", errno);
}

/* The last folder of `path` that is there, or what is there in its place. */
static void nearest_there(const char *path, char out[PATH_MAX]) {
  struct stat info;
  size_t length = strlen(path);
  memcpy(out, path, length + 1);
  while (strcmp(out, ".") != 0 && stat(out, &info) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    while (length > 0 && out[length - 1] == '/') length--;
    while (length > 0 && out[length - 1] != '/') length--;
    while (length > 1 && out[length - 1] == '/') length--; /* "file/" would not be there */
    if (length == 0) out[length++] = '.';
    out[length] = '\0';
  }
}

sld_status sld__os_can_write_in(const char *path, sld_error *err) {
  char place[PATH_MAX];
  struct sld__writer writer = { .descriptor = -1 };
  if (!*path) return sld__fail_errno(err, path, "cannot make folder", ENOENT);
  if (strlen(path) >= sizeof place - sizeof "/sliders") return sld__fail_errno(err, path, "cannot make folder", ENAMETOOLONG);
  nearest_there(path, place);
  if (!sld__os_is_dir(place)) return sld__fail_errno(err, place, "cannot make folder", ENOTDIR);
  snprintf(writer.path, sizeof writer.path, "%s/sliders", place); /* a name to put others beside */
  writer.descriptor = create_beside(&writer);
  if (writer.descriptor < 0) return sld__fail_errno(err, path, "cannot create", errno);
  sld__os_writer_discard(&writer);
  return SLD_OK;
}

/* ---- Folders ---------------------------------------------------------------------------------------------------- */

bool sld__os_is_dir(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool sld__os_is_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

sld_status sld__os_make_dir(const char *path, sld_error *err) {
  char part[PATH_MAX];
  size_t length = strlen(path);
  if (length == 0) return sld__fail_errno(err, path, "cannot make folder", ENOENT);
  if (length >= sizeof part) return sld__fail_errno(err, path, "cannot make folder", ENAMETOOLONG);
  memcpy(part, path, length + 1);
  for (size_t i = 1; i <= length; ++i) {
    if (path[i] != '/' && path[i] != '\0') continue;
    part[i] = '\0';
    /* Somebody may make the same folder meanwhile: what counts is that it is there. */
    if (mkdir(part, 0777) != 0) {
      int problem = errno;
      if (!sld__os_is_dir(part)) return sld__fail_errno(err, part, "cannot make folder", problem == EEXIST ? ENOTDIR : problem);
    }
    part[i] = path[i];
  }
  return SLD_OK;
}

/* Whether `path` still names the folder that is open. */
static bool names(const char *path, int descriptor) {
  struct stat here, open;
  return stat(path, &here) == 0 && fstat(descriptor, &open) == 0 && here.st_dev == open.st_dev && here.st_ino == open.st_ino;
}

sld_status sld__os_lock_dir(struct sld__lock *out, const char *path, sld_error *err) {
  out->descriptor = -1;
  for (;;) {
    sld_status status = sld__os_make_dir(path, err);
    if (status != SLD_OK) return status;
    int descriptor = open_retrying(path, O_RDONLY | O_DIRECTORY, 0);
    if (descriptor < 0 && errno != ENOENT) return sld__fail_errno(err, path, "cannot open", errno);
    if (descriptor < 0) continue; /* whoever had it has removed it again */
    while (flock(descriptor, LOCK_EX) != 0 && errno == EINTR) {}
    if (names(path, descriptor)) {
      out->descriptor = descriptor;
      return SLD_OK;
    }
    close(descriptor);
  }
}

void sld__os_unlock_dir(struct sld__lock *lock) {
  if (lock->descriptor >= 0) close(lock->descriptor);
  lock->descriptor = -1;
}

bool sld__os_remove(const char *path) {
  return remove(path) == 0;
}

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds a copy of `name`; false when out of memory. Room doubles at powers of two. */
static bool add_name(struct sld__names *names, const char *name) {
  size_t count = names->count;
  if (count == 0 || (count >= 16 && (count & (count - 1)) == 0)) {
    char **grown = sld__realloc(&names->allocator, names->names, count == 0 ? 16 : 2 * count, sizeof *grown);
    if (!grown) return false;
    names->names = grown;
  }
  char *copy = sld__strndup(&names->allocator, name, strlen(name));
  if (!copy) return false;
  names->names[names->count++] = copy;
  return true;
}

sld_status sld__os_list_dir(struct sld__names *out, const char *path, const sld_allocator *allocator, sld_error *err) {
  *out = (struct sld__names){ NULL, 0, *allocator };
  DIR *folder = opendir(path);
  if (!folder) return sld__fail_errno(err, path, "cannot list", errno);
  sld_status status = SLD_OK;
  while (!status) {
    errno = 0;
    const struct dirent *entry = readdir(folder);
    if (!entry) {
      if (errno) status = sld__fail_errno(err, path, "cannot list", errno);
      break;
    }
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (!add_name(out, entry->d_name)) status = sld__fail_memory(err);
  }
  closedir(folder);
  if (status)
    sld__os_names_free(out);
  else if (out->count > 1)
    qsort(out->names, out->count, sizeof *out->names, by_bytes);
  return status;
}

void sld__os_names_free(struct sld__names *names) {
  for (size_t i = 0; i < names->count; ++i) sld__free(&names->allocator, names->names[i]);
  sld__free(&names->allocator, names->names);
  names->names = NULL;
  names->count = 0;
}

char *sld__os_join(const sld_allocator *allocator, const char *folder, const char *name) {
  size_t front = name[0] == '/' ? 0 : strlen(folder);
  size_t back = strlen(name);
  bool slash = front > 0 && folder[front - 1] != '/';
  char *path = sld__alloc(allocator, front + back + 2, 1);
  if (!path) return NULL;
  memcpy(path, folder, front);
  if (slash) path[front++] = '/';
  memcpy(path + front, name, back + 1);
  return path;
}
