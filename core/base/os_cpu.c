/* Processors, pages, the clock and the "C" locale. */
#include "base/os.h"

#include <limits.h>
#include <locale.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <xlocale.h>
#endif

size_t sld__os_page(void) {
  long size = sysconf(_SC_PAGESIZE);
  return size > 0 ? (size_t)size : 4096;
}

int64_t sld__os_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

double sld__os_strtod(const char *text, char **end) {
  locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* no memory is needed for this one in glibc */
  if (!plain) return strtod(text, end);
  double value = strtod_l(text, end, plain);
  freelocale(plain);
  return value;
}

/* ---- Quotas of control groups ----------------------------------------------------------------------------------- */

/* The first line of a small file, without its end; false where there is none. */
static bool first_line(char *line, size_t size, const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) return false;
  bool found = fgets(line, (int)size, file) != NULL;
  fclose(file);
  if (found) line[strcspn(line, "\n")] = '\0';
  return found;
}

/* Whole processors in quota / period, rounded up; 0 where either is not positive: no limit. */
static int processors(long long quota, long long period) {
  if (quota <= 0 || period <= 0) return 0;
  long long whole = quota / period + (quota % period != 0);
  return whole > INT_MAX ? INT_MAX : (int)whole;
}

/* The limit of one group's folder: "max 100000" and "150000 100000" in version 2, two files in version 1. */
static int group_limit(const char *folder) {
  char path[PATH_MAX + 32], line[128];
  long long quota = 0, period = 0;
  snprintf(path, sizeof path, "%s/cpu.max", folder);
  if (first_line(line, sizeof line, path)) return sscanf(line, "%lld %lld", &quota, &period) == 2 ? processors(quota, period) : 0;
  snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
  if (!first_line(line, sizeof line, path) || sscanf(line, "%lld", &quota) != 1) return 0;
  snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
  if (!first_line(line, sizeof line, path) || sscanf(line, "%lld", &period) != 1) return 0;
  return processors(quota, period);
}

static int tighter(int a, int b) {
  if (a == 0 || b == 0) return a + b;
  return a < b ? a : b;
}

/* The tightest limit of `group` ("/a/b") and the groups above it, below `root`. Folders that a container hides give none. */
static int tightest(const char *root, const char *group) {
  char folder[PATH_MAX];
  int length = snprintf(folder, sizeof folder, "%s%s", root, group);
  if (length < 0 || (size_t)length >= sizeof folder) return 0;
  size_t stop = strlen(root);
  int limit = 0;
  for (;;) {
    limit = tighter(limit, group_limit(folder));
    if (strlen(folder) <= stop) return limit;
    *strrchr(folder, '/') = '\0';
  }
}

/* Whether "cpu" is among the controllers of "cpu,cpuacct". */
static bool has_cpu(const char *controllers, size_t size) {
  for (size_t i = 0; i < size;) {
    size_t length = 0;
    while (i + length < size && controllers[i + length] != ',') ++length;
    if (length == 3 && memcmp(controllers + i, "cpu", 3) == 0) return true;
    i += length + 1;
  }
  return false;
}

/* One line "hierarchy:controllers:group". Version 2 has an empty list and is mounted at the top, or at "unified" beside version 1;
 * version 1 is mounted below its list's name or below "cpu". */
static int line_limit(const char *line, size_t size, const char *mount) {
  const char *end = line + size;
  const char *controllers = memchr(line, ':', size);
  if (!controllers) return 0;
  ++controllers;
  const char *colon = memchr(controllers, ':', (size_t)(end - controllers));
  if (!colon || colon + 1 == end || colon[1] != '/') return 0;
  int list = (int)(colon - controllers);
  char group[PATH_MAX], root[PATH_MAX];
  int length = snprintf(group, sizeof group, "%.*s", (int)(end - colon - 1), colon + 1);
  if (length < 0 || (size_t)length >= sizeof group) return 0;
  if (strcmp(group, "/") == 0) group[0] = '\0';
  if (list == 0) {
    snprintf(root, sizeof root, "%s/unified", mount);
    return tighter(tightest(mount, group), tightest(root, group));
  }
  if (!has_cpu(controllers, (size_t)list)) return 0;
  snprintf(root, sizeof root, "%s/%.*s", mount, list, controllers);
  int limit = tightest(root, group);
  snprintf(root, sizeof root, "%s/cpu", mount);
  return tighter(limit, tightest(root, group));
}

int sld__os_quota(const char *listing, const char *mount) {
  int limit = 0;
  while (*listing) {
    size_t size = strcspn(listing, "\n");
    limit = tighter(limit, line_limit(listing, size, mount));
    listing += size + (listing[size] == '\n');
  }
  return limit;
}

/* ---- Workers ---------------------------------------------------------------------------------------------------- */

#if defined(__linux__)

static int allowed(void) {
  /* The kernel refuses a mask smaller than its own; grow until it fits. */
  for (int most = 1024; most <= 1 << 20; most *= 4) {
    cpu_set_t *set = CPU_ALLOC((size_t)most);
    if (!set) break;
    size_t size = CPU_ALLOC_SIZE((size_t)most);
    int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

static int quota(void) {
  char listing[8192];
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (!file) return 0;
  size_t size = fread(listing, 1, sizeof listing - 1, file);
  fclose(file);
  listing[size] = '\0';
  return sld__os_quota(listing, "/sys/fs/cgroup");
}

#else

static int allowed(void) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

static int quota(void) {
  return 0;
}

#endif

int sld__os_workers(void) {
  int workers = tighter(allowed(), quota());
  return workers < 1 ? 1 : workers;
}
