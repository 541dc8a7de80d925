/* What a process has: descriptors, and children that have not been waited for. */
#ifndef TESTS_CHILDREN_H
#define TESTS_CHILDREN_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static inline size_t count_entries(const char *path) {
  DIR *folder = opendir(path);
  size_t count = 0;
  while (folder && readdir(folder)) count++;
  if (folder) closedir(folder);
  return count;
}

static inline size_t count_descriptors(void) {
  return count_entries("/proc/self/fd");
}

/* Some child of some thread of this process; 0: there is none. */
static inline long any_child(void) {
  DIR *folder = opendir("/proc/self/task");
  long child = 0;
  for (struct dirent *task; folder && !child && (task = readdir(folder)) != NULL;) {
    char path[512], line[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/children", task->d_name);
    FILE *file = fopen(path, "r");
    if (file && fgets(line, sizeof line, file)) child = strtol(line, NULL, 10);
    if (file) fclose(file);
  }
  if (folder) closedir(folder);
  return child;
}

#endif
