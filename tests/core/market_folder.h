/* A folder of a test program's own: setup makes it before each test, teardown removes it. */
#ifndef TESTS_MARKET_FOLDER_H
#define TESTS_MARKET_FOLDER_H

#include "market_files.h"

static char folder[PATH_SIZE];

static int make(void **state) {
  (void)state;
  make_folder(folder);
  return 0;
}

static int clear(void **state) {
  (void)state;
  remove_folder(folder);
  return 0;
}

#endif
