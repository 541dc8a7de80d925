/* Files, folders, processors and shared libraries. */
#include "base/os.h"

#include "base/alloc.h"
#include "failing.h"
#include "scratch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;

static int setup(void **state) {
  (void)state;
  return scratch_make(&scratch);
}

static int teardown(void **state) {
  (void)state;
  return scratch_remove(&scratch);
}

static size_t entries(void) {
  sld_allocator allocator = sld__alloc_default();
  struct sld__names names;
  assert_int_equal(sld__os_list_dir(&names, scratch.folder, &allocator, NULL), SLD_OK);
  size_t count = names.count;
  sld__os_names_free(&names);
  return count;
}

static void holds(const char *path, const char *text) {
  struct sld__map map;
  assert_int_equal(sld__os_map_file(&map, path, NULL), SLD_OK);
  assert_int_equal(map.size, strlen(text));
  assert_memory_equal(map.data, text, map.size);
  sld__os_map_close(&map);
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

static void a_mapped_file_shows_its_bytes(void **state) {
  (void)state;
  struct sld__map map;
  const char *path = scratch_write(&scratch, "a", "one\0two", 7);
  assert_int_equal(sld__os_map_file(&map, path, NULL), SLD_OK);
  sld__os_map_ahead(&map);
  assert_int_equal(map.size, 7);
  assert_memory_equal(map.data, "one\0two", 7);
  sld__os_map_close(&map);
  assert_int_equal(map.size, 0);
  sld__os_map_close(&map);
}

static void an_empty_file_maps_to_no_bytes(void **state) {
  (void)state;
  struct sld__map map;
  assert_int_equal(sld__os_map_file(&map, scratch_write(&scratch, "empty", "", 0), NULL), SLD_OK);
  assert_non_null(map.data);
  assert_int_equal(map.size, 0);
  sld__os_map_ahead(&map);
  sld__os_map_close(&map);
}

static void what_is_no_regular_file_is_refused_with_path_and_cause(void **state) {
  (void)state;
  struct sld__map map;
  sld_error err;
  const char *missing = scratch_path(&scratch, "missing");
  assert_int_equal(sld__os_map_file(&map, missing, &err), SLD_EIO);
  assert_string_equal(err.file, missing);
  assert_string_equal(err.message, "cannot open: No such file or directory");
  assert_int_equal(sld__os_map_file(&map, scratch.folder, &err), SLD_EIO);
  assert_string_equal(err.message, "cannot read: Is a directory");
  const char *pipe_path = scratch_path(&scratch, "pipe");
  assert_int_equal(mkfifo(pipe_path, 0600), 0);
  assert_int_equal(sld__os_map_file(&map, pipe_path, &err), SLD_EIO);
  assert_string_equal(err.message, "cannot read: not a regular file");
  sld__os_map_close(&map);
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

static void a_written_file_replaces_the_old_one(void **state) {
  (void)state;
  const char *path = scratch_path(&scratch, "out");
  assert_int_equal(sld__os_write_file(path, "first", 5, NULL), SLD_OK);
  holds(path, "first");
  assert_int_equal(sld__os_write_file(path, "2nd", 3, NULL), SLD_OK);
  holds(path, "2nd");
  assert_int_equal(sld__os_write_file(path, "", 0, NULL), SLD_OK);
  holds(path, "");
  assert_int_equal(entries(), 1);
}

static void nothing_appears_before_the_commit(void **state) {
  (void)state;
  const char *path = scratch_path(&scratch, "out");
  struct sld__writer writer;
  assert_int_equal(sld__os_writer_open(&writer, path, NULL), SLD_OK);
  assert_int_equal(sld__os_writer_add(&writer, "ab", 2, NULL), SLD_OK);
  assert_false(sld__os_is_file(path));
  assert_int_equal(sld__os_writer_add(&writer, "c", 1, NULL), SLD_OK);
  assert_int_equal(sld__os_writer_commit(&writer, NULL), SLD_OK);
  holds(path, "abc");
  sld__os_writer_discard(&writer);
  assert_true(sld__os_is_file(path));
}

static void a_discarded_file_leaves_the_old_one(void **state) {
  (void)state;
  const char *path = scratch_write(&scratch, "out", "old", 3);
  struct sld__writer writer;
  assert_int_equal(sld__os_writer_open(&writer, path, NULL), SLD_OK);
  assert_int_equal(sld__os_writer_add(&writer, "new", 3, NULL), SLD_OK);
  assert_int_equal(entries(), 2);
  sld__os_writer_discard(&writer);
  sld__os_writer_discard(&writer);
  assert_int_equal(entries(), 1);
  holds(path, "old");
}

static void where_a_file_can_be_written_is_found_out_without_a_trace(void **state) {
  (void)state;
  char deep[2048];
  sld_error err;
  const char *old = scratch_write(&scratch, "old", "old", 3);
  assert_int_equal(sld__os_can_write(old, NULL), SLD_OK);
  holds(old, "old");
  assert_int_equal(sld__os_can_write(scratch_path(&scratch, "new"), NULL), SLD_OK);
  assert_int_equal(sld__os_can_write("/dev/null", NULL), SLD_OK);
  snprintf(deep, sizeof deep, "%s/a/b//c/", scratch_path(&scratch, "made"));
  assert_int_equal(sld__os_can_write_in(deep, NULL), SLD_OK);
  assert_int_equal(sld__os_can_write_in("not/there", NULL), SLD_OK);
  assert_int_equal(entries(), 1);
  assert_int_equal(mkdir(scratch_path(&scratch, "sliders"), 0777), 0); /* what is there is not looked at */
  assert_int_equal(sld__os_can_write_in(scratch.folder, NULL), SLD_OK);
  assert_int_equal(entries(), 2);
  snprintf(deep, sizeof deep, "%s/r.json", scratch_path(&scratch, "none"));
  assert_int_equal(sld__os_can_write(deep, &err), SLD_EIO);
  assert_string_equal(err.file, deep);
  assert_int_equal(sld__os_can_write(scratch.folder, &err), SLD_EIO);
  assert_non_null(strstr(err.message, "Is a directory"));
  old = scratch_path(&scratch, "old");
  snprintf(deep, sizeof deep, "%s/below/it", old);
  assert_int_equal(sld__os_can_write_in(deep, &err), SLD_EIO);
  assert_string_equal(err.file, old);
  assert_string_equal(err.message, "cannot make folder: Not a directory");
  assert_int_equal(sld__os_can_write_in("", NULL), SLD_EIO);
}

static void two_writers_of_one_path_do_not_mix(void **state) {
  (void)state;
  const char *path = scratch_path(&scratch, "out");
  struct sld__writer first, second;
  assert_int_equal(sld__os_writer_open(&first, path, NULL), SLD_OK);
  assert_int_equal(sld__os_writer_open(&second, path, NULL), SLD_OK);
  assert_int_equal(sld__os_writer_add(&first, "first", 5, NULL), SLD_OK);
  assert_int_equal(sld__os_writer_add(&second, "second", 6, NULL), SLD_OK);
  assert_int_equal(sld__os_writer_commit(&second, NULL), SLD_OK);
  holds(path, "second");
  assert_int_equal(sld__os_writer_commit(&first, NULL), SLD_OK);
  holds(path, "first");
  assert_int_equal(entries(), 1);
}

/* The system's own limit on file sizes cuts a write short after 4096 bytes and fails the next, as a full disk does. */
static void a_short_write_fails_and_leaves_nothing_behind(void **state) {
  (void)state;
  const char *path = scratch_write(&scratch, "out", "old", 3);
  static char big[10000];
  memset(big, 'x', sizeof big);
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = { 4096, before.rlim_max };
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  sld_error err;
  sld_status status = sld__os_write_file(path, big, sizeof big, &err);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  assert_int_equal(status, SLD_EIO);
  assert_string_equal(err.file, path);
  assert_string_equal(err.message, "cannot write: File too large");
  assert_int_equal(entries(), 1);
  holds(path, "old");
}

static void a_full_device_is_told(void **state) {
  (void)state;
  struct stat info;
  if (stat("/dev/full", &info) != 0) {
    print_message("no /dev/full here\n");
    skip();
  }
  sld_error err;
  assert_int_equal(sld__os_write_file("/dev/full", "x", 1, &err), SLD_EIO);
  assert_string_equal(err.file, "/dev/full");
  assert_string_equal(err.message, "cannot write: No space left on device");
}

static void a_device_is_written_in_place(void **state) {
  (void)state;
  assert_int_equal(sld__os_write_file("/dev/null", "x", 1, NULL), SLD_OK);
  struct stat info;
  assert_int_equal(stat("/dev/null", &info), 0);
  assert_true(S_ISCHR(info.st_mode));
}

static void what_is_open_already_is_written_to_by_its_descriptor(void **state) {
  (void)state;
  char name[32], got[8] = "";
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
  assert_int_equal(sld__os_write_file(name, "new", 3, NULL), SLD_OK);
  assert_int_equal(read(ends[0], got, sizeof got - 1), 3);
  assert_string_equal(got, "new");
  close(ends[0]);
  close(ends[1]);

  const char *path = scratch_write(&scratch, "redirected", "old", 3);
  int descriptor = open(path, O_WRONLY);
  assert_true(descriptor >= 0);
  snprintf(name, sizeof name, "/dev/fd/%d", descriptor);
  assert_int_equal(sld__os_write_file(name, "new", 3, NULL), SLD_OK);
  close(descriptor);
  holds(path, "oldnew");
}

static void a_link_is_followed(void **state) {
  (void)state;
  const char *target = scratch_write(&scratch, "target", "old", 3);
  const char *link = scratch_path(&scratch, "link");
  assert_int_equal(symlink("target", link), 0);
  assert_int_equal(sld__os_write_file(link, "new", 3, NULL), SLD_OK);
  struct stat info;
  assert_int_equal(lstat(link, &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  holds(target, "new");
  const char *nowhere = scratch_path(&scratch, "nowhere");
  assert_int_equal(symlink("gone", nowhere), 0);
  assert_int_equal(sld__os_write_file(nowhere, "new", 3, NULL), SLD_EIO);
}

static void a_folder_that_went_away_fails_the_commit(void **state) {
  (void)state;
  const char *folder = scratch_path(&scratch, "sub");
  const char *path = scratch_path(&scratch, "sub/out");
  sld_error err;
  assert_int_equal(sld__os_write_file(path, "x", 1, &err), SLD_EIO);
  assert_string_equal(err.message, "cannot create: No such file or directory");
  assert_string_equal(err.file, path);
  assert_int_equal(mkdir(folder, 0777), 0);
  struct sld__writer writer;
  assert_int_equal(sld__os_writer_open(&writer, path, NULL), SLD_OK);
  assert_int_equal(unlink(writer.beside), 0);
  assert_int_equal(rmdir(folder), 0);
  assert_int_equal(sld__os_writer_commit(&writer, &err), SLD_EIO);
  assert_string_equal(err.message, "cannot write: No such file or directory");
  assert_int_equal(writer.descriptor, -1);
}

static void a_folder_as_target_is_refused(void **state) {
  (void)state;
  sld_error err;
  assert_int_equal(sld__os_write_file(scratch.folder, "x", 1, &err), SLD_EIO);
  assert_string_equal(err.message, "cannot create: Is a directory");
}

/* ---- Folders ---------------------------------------------------------------------------------------------------- */

static void folders_are_made_with_their_parents(void **state) {
  (void)state;
  const char *path = scratch_path(&scratch, "a//b/c/");
  assert_int_equal(sld__os_make_dir(path, NULL), SLD_OK);
  assert_true(sld__os_is_dir(scratch_path(&scratch, "a/b/c")));
  assert_int_equal(sld__os_make_dir(path, NULL), SLD_OK);
  assert_int_equal(sld__os_make_dir("/", NULL), SLD_OK);
}

static void a_file_in_the_way_of_a_folder_is_named(void **state) {
  (void)state;
  scratch_write(&scratch, "file", "", 0);
  sld_error err;
  assert_int_equal(sld__os_make_dir(scratch_path(&scratch, "file/b"), &err), SLD_EIO);
  assert_string_equal(err.file, scratch_path(&scratch, "file"));
  assert_string_equal(err.message, "cannot make folder: Not a directory");
  assert_int_equal(sld__os_make_dir("", &err), SLD_EIO);
  static char longest[6000];
  memset(longest, 'x', sizeof longest - 1);
  assert_int_equal(sld__os_make_dir(longest, &err), SLD_EIO);
  assert_string_equal(err.message, "cannot make folder: File name too long");
}

static void names_are_listed_in_order_of_their_bytes(void **state) {
  (void)state;
  static const char *const given[] = { "b", "a", "B", "ab", ".hidden", "\xC3\xA9", "10", "9" };
  static const char *const sorted[] = { ".hidden", "10", "9", "B", "a", "ab", "b", "\xC3\xA9" };
  for (size_t i = 0; i < 8; ++i) scratch_write(&scratch, given[i], "", 0);
  sld_allocator allocator = sld__alloc_default();
  struct sld__names names;
  assert_int_equal(sld__os_list_dir(&names, scratch.folder, &allocator, NULL), SLD_OK);
  assert_int_equal(names.count, 8);
  for (size_t i = 0; i < 8; ++i) assert_string_equal(names.names[i], sorted[i]);
  sld__os_names_free(&names);
  sld_error err;
  assert_int_equal(sld__os_list_dir(&names, scratch_path(&scratch, "missing"), &allocator, &err), SLD_EIO);
  assert_string_equal(err.message, "cannot list: No such file or directory");
  sld__os_names_free(&names);
}

static void refused_memory_while_listing_leaks_nothing(void **state) {
  (void)state;
  for (int i = 0; i < 40; ++i) {
    char name[16];
    snprintf(name, sizeof name, "f%d", i);
    scratch_write(&scratch, name, "", 0);
  }
  sld_status status = SLD_ENOMEM;
  for (size_t refuse = 1; status; ++refuse) {
    struct failing failing = { .refuse = refuse };
    sld_allocator allocator = failing_allocator(&failing);
    struct sld__names names;
    status = sld__os_list_dir(&names, scratch.folder, &allocator, NULL);
    assert_int_equal(names.count, status ? 0 : 40);
    sld__os_names_free(&names);
    assert_int_equal(failing.held, 0);
  }
}

static void joined_paths_have_one_slash(void **state) {
  (void)state;
  static const char *const cases[][3] = { { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" }, { "a", "/b", "/b" }, { "/", "b", "/b" } };
  sld_allocator allocator = sld__alloc_default();
  for (size_t i = 0; i < 5; ++i) {
    char *path = sld__os_join(&allocator, cases[i][0], cases[i][1]);
    assert_string_equal(path, cases[i][2]);
    sld__free(&allocator, path);
  }
}

/* ---- Processors ------------------------------------------------------------------------------------------------- */

static void put(const char *folder, const char *name, const char *text) {
  char path[300];
  assert_int_equal(sld__os_make_dir(scratch_path(&scratch, folder), NULL), SLD_OK);
  snprintf(path, sizeof path, "%s/%s", folder, name);
  assert_non_null(scratch_write(&scratch, path, text, strlen(text)));
}

static void a_quota_is_rounded_up_to_whole_processors(void **state) {
  (void)state;
  static const struct { const char *text; int limit; } cases[] = {
    { "max 100000\n", 0 }, { "200000 100000\n", 2 }, { "150000 100000\n", 2 }, { "1000 100000\n", 1 }, { "", 0 }, { "x y\n", 0 }, { "5 0\n", 0 },
    { "9223372036854775807 1\n", 2147483647 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    put("v2/job", "cpu.max", cases[i].text);
    assert_int_equal(sld__os_quota("0::/job\n", scratch_path(&scratch, "v2")), cases[i].limit);
  }
}

static void the_tightest_group_above_the_process_counts(void **state) {
  (void)state;
  put("v2/a", "cpu.max", "300000 100000\n");
  put("v2/a/b", "cpu.max", "max 100000\n");
  put("v2/a/b/c", "cpu.max", "500000 100000\n");
  const char *mount = scratch_path(&scratch, "v2");
  assert_int_equal(sld__os_quota("0::/a/b/c\n", mount), 3);
  assert_int_equal(sld__os_quota("0::/hidden/by/the/container\n", mount), 0);
  put("v2", "cpu.max", "100000 100000\n"); /* a container's own top */
  assert_int_equal(sld__os_quota("0::/hidden/by/the/container\n", mount), 1);
  assert_int_equal(sld__os_quota("0::/\n", mount), 1);
}

static void groups_of_version_1_are_read_too(void **state) {
  (void)state;
  put("v1/cpu,cpuacct/docker/x", "cpu.cfs_quota_us", "400000\n");
  put("v1/cpu,cpuacct/docker/x", "cpu.cfs_period_us", "100000\n");
  put("v1/cpu,cpuacct/docker", "cpu.cfs_quota_us", "-1\n");
  put("v1/cpu,cpuacct/docker", "cpu.cfs_period_us", "100000\n");
  const char *mount = scratch_path(&scratch, "v1");
  assert_int_equal(sld__os_quota("12:memory:/docker/x\n5:cpu,cpuacct:/docker/x\n0::/docker/x\n", mount), 4);
  assert_int_equal(sld__os_quota("5:cpuacct,cpuset:/docker/x\n", mount), 0);
  assert_int_equal(sld__os_quota("", mount), 0);
  assert_int_equal(sld__os_quota("garbage\n::\n1:cpu\n1:cpu:x", mount), 0);
}

static void one_processor_allowed_means_one_worker(void **state) {
  (void)state;
  assert_true(sld__os_workers() >= 1);
  cpu_set_t before, one;
  assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  assert_int_equal(sld__os_workers(), 1);
  assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void clock_and_page_make_sense(void **state) {
  (void)state;
  int64_t first = sld__os_now_ns();
  assert_true(sld__os_now_ns() >= first);
  size_t page = sld__os_page();
  assert_true(page >= 4096 && (page & (page - 1)) == 0);
}

static void numbers_are_read_with_a_decimal_point(void **state) {
  (void)state;
  char *end;
  assert_true(sld__os_strtod("1.5e3x", &end) == 1500.0);
  assert_string_equal(end, "x");
}

/* ---- Shared libraries ------------------------------------------------------------------------------------------- */

static void a_library_is_opened_and_asked(void **state) {
  (void)state;
  void *library;
  sld_error err;
  assert_int_equal(sld__os_library_open(&library, "libm.so.6", &err), SLD_OK);
  sld__os_function function;
  assert_int_equal(sld__os_library_find(&function, library, "floor", &err), SLD_OK);
  assert_true(((double (*)(double))function)(1.5) == 1.0);
  assert_int_equal(sld__os_library_find(&function, library, "no_such_function", &err), SLD_EVM);
  assert_string_equal(err.message, "the library has no function 'no_such_function'");
  sld__os_library_close(library);
  sld__os_library_close(NULL);
}

static void a_missing_library_is_told_in_the_loaders_words(void **state) {
  (void)state;
  void *library;
  sld_error err;
  const char *path = scratch_path(&scratch, "missing.so");
  assert_int_equal(sld__os_library_open(&library, path, &err), SLD_EVM);
  assert_string_equal(err.file, path);
  assert_non_null(strstr(err.message, "cannot open: "));
}

static void own_code_lies_in_an_existing_folder(void **state) {
  (void)state;
  char folder[4096];
  assert_int_equal(sld__os_self_dir(folder, sizeof folder, NULL), SLD_OK);
  assert_true(folder[0] == '/');
  assert_true(sld__os_is_dir(folder));
  assert_int_equal(sld__os_self_dir(folder, 2, NULL), SLD_ERANGE);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(a_mapped_file_shows_its_bytes),
    TEST(an_empty_file_maps_to_no_bytes),
    TEST(what_is_no_regular_file_is_refused_with_path_and_cause),
    TEST(a_written_file_replaces_the_old_one),
    TEST(nothing_appears_before_the_commit),
    TEST(a_discarded_file_leaves_the_old_one),
    TEST(where_a_file_can_be_written_is_found_out_without_a_trace),
    TEST(two_writers_of_one_path_do_not_mix),
    TEST(a_short_write_fails_and_leaves_nothing_behind),
    TEST(a_full_device_is_told),
    TEST(a_device_is_written_in_place),
    TEST(what_is_open_already_is_written_to_by_its_descriptor),
    TEST(a_link_is_followed),
    TEST(a_folder_that_went_away_fails_the_commit),
    TEST(a_folder_as_target_is_refused),
    TEST(folders_are_made_with_their_parents),
    TEST(a_file_in_the_way_of_a_folder_is_named),
    TEST(names_are_listed_in_order_of_their_bytes),
    TEST(refused_memory_while_listing_leaks_nothing),
    TEST(joined_paths_have_one_slash),
    TEST(a_quota_is_rounded_up_to_whole_processors),
    TEST(the_tightest_group_above_the_process_counts),
    TEST(groups_of_version_1_are_read_too),
    TEST(one_processor_allowed_means_one_worker),
    TEST(clock_and_page_make_sense),
    TEST(numbers_are_read_with_a_decimal_point),
    TEST(a_library_is_opened_and_asked),
    TEST(a_missing_library_is_told_in_the_loaders_words),
    TEST(own_code_lies_in_an_existing_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
