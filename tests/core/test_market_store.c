/* The column store: what is saved comes back to the bit, through one read-only mapping; damaged stores are refused; a full disk leaves nothing. */
#include "market_folder.h"

#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/time.h"
#include "market/store.h"

enum { BARS = 1000 };

static const char *in_folder(const char *name) {
  static char path[2 * PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

/* A market of EURUSD in hourly bars with volume, and USDJPY by fixings. `shift` makes other bars of it. */
static sld__market *two_pairs(double shift) {
  static int64_t hours[BARS], days[BARS];
  static double open[BARS], high[BARS], low[BARS], close[BARS], volume[BARS], fixing[BARS];
  for (size_t i = 0; i < BARS; i++) {
    hours[i] = (int64_t)i * SLD__NS_PER_HOUR + (i > 500 ? 48 * SLD__NS_PER_HOUR : 0);
    days[i] = (int64_t)i * SLD__NS_PER_DAY;
    open[i] = 1.1 + (double)(i % 7) / 1000.0 + shift;
    close[i] = 1.1 + (double)(i % 11) / 1000.0 + shift;
    high[i] = 1.12 + shift;
    low[i] = 1.09;
    volume[i] = (double)(i % 13);
    fixing[i] = 140.0 + (double)(i % 17) / 10.0 + shift;
  }
  const sld_bars bars[] = {
    { .pair = "EURUSD", .count = BARS, .time = hours, .open = open, .high = high, .low = low, .close = close, .volume = volume },
    { .pair = "USDJPY", .count = BARS, .time = days, .close = fixing, .side = SLD_MID },
  };
  sld__market *market = new_market();
  for (size_t k = 0; k < 2; k++) assert_int_equal(sld__market_add(market, &bars[k], NULL), SLD_OK);
  return market;
}

static void save(const sld__market *market, const char *path) {
  sld_error err = { .status = SLD_OK };
  if (sld__market_save(market, path, &err) != SLD_OK) print_error("%s: %s\n", err.file, err.message);
  assert_int_equal(err.status, SLD_OK);
}

static void save_two_pairs(double shift) {
  sld__market *market = two_pairs(shift);
  save(market, folder);
  sld__market_free(market);
}

static void assert_same(const sld__market *a, const sld__market *b) {
  char one[SLD__HASH_TEXT_SIZE];
  char other[SLD__HASH_TEXT_SIZE];
  sld__market_hash(a, one);
  sld__market_hash(b, other);
  assert_string_equal(one, other);
  assert_int_equal(sld__market_count(a), sld__market_count(b));
  for (size_t i = 0; i < sld__market_count(a); i++) {
    const sld__series *x = sld__market_at(a, i);
    const sld__series *y = sld__market_at(b, i);
    assert_int_equal(x->count, y->count);
    assert_memory_equal(x->time, y->time, x->count * 8);
    assert_memory_equal(x->open, y->open, x->count * 8);
    assert_memory_equal(x->high, y->high, x->count * 8);
    assert_memory_equal(x->low, y->low, x->count * 8);
    assert_memory_equal(x->close, y->close, x->count * 8);
    assert_int_equal(!x->volume, !y->volume);
    if (x->volume) assert_memory_equal(x->volume, y->volume, x->count * 8);
    assert_memory_equal(&x->info, &y->info, sizeof x->info);
  }
}

static void what_is_saved_comes_back_to_the_bit(void **state) {
  (void)state;
  sld__market *market = two_pairs(0.0);
  save(market, folder);
  sld__market *back = loaded(folder, "");
  assert_same(market, back);
  const sld__series *usdjpy = sld__market_find(back, "USDJPY");
  assert_ptr_equal(usdjpy->open, usdjpy->close);
  sld__market_free(back);
  back = loaded(folder, "EURUSD/1h"); /* one pair's own folder, */
  assert_int_equal(sld__market_count(back), 1);
  sld__market_free(back);
  back = loaded(folder, "USDJPY"); /* and the folder of its periods */
  assert_int_equal(sld__market_count(back), 1);
  sld__market_free(back);
  sld__market_free(market);
}

static void the_demo_data_come_back_from_a_store(void **state) {
  (void)state;
  char path[PATH_SIZE];
  source_path(path, "data/h10");
  sld__market *market = loaded(path, "h10.csv");
  save(market, folder);
  sld__market *back = loaded(folder, "");
  assert_same(market, back);
  sld__market_free(back);
  sld__market_free(market);
}

/* Byte for byte what numpy.save writes for such an array, so that numpy.load(mmap_mode="r") opens it. */
static void a_column_is_a_file_of_numpy(void **state) {
  (void)state;
  sld__market *market = two_pairs(0.0);
  const sld__series *eurusd = sld__market_find(market, "EURUSD");
  save(market, folder);
  static const struct {
    const char *name, *type;
  } columns[] = { { "time", "<i8" }, { "open", "<f8" }, { "high", "<f8" }, { "low", "<f8" }, { "close", "<f8" }, { "volume", "<f8" } };
  const void *values[] = { eurusd->time, eurusd->open, eurusd->high, eurusd->low, eurusd->close, eurusd->volume };
  for (size_t k = 0; k < 6; k++) {
    char name[64];
    char head[128];
    size_t size;
    snprintf(name, sizeof name, "EURUSD/1h/g000001/%s.npy", columns[k].name);
    char *bytes = read_whole(in_folder(name), &size);
    int used = 10;
    memcpy(head, "\x93NUMPY\x01\x00\x76\x00", 10);
    used += snprintf(head + 10, sizeof head - 10, "{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }", columns[k].type, BARS);
    memset(head + used, ' ', sizeof head - (size_t)used);
    head[127] = '\n';
    assert_int_equal(size, sizeof head + BARS * 8);
    assert_memory_equal(bytes, head, sizeof head);
    assert_memory_equal(bytes + sizeof head, values[k], BARS * 8);
    free(bytes);
  }
  sld__market_free(market);
}

/* Mappings of files ending in `name`; counts those that are not exactly readable in `*other`. */
static size_t mappings(const char *name, size_t *other) {
  char line[2 * PATH_SIZE];
  size_t count = 0;
  *other = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  assert_non_null(maps);
  while (fgets(line, sizeof line, maps)) {
    char flags[8];
    line[strcspn(line, "\n")] = '\0';
    if (strlen(line) < strlen(name) || strcmp(line + strlen(line) - strlen(name), name) != 0 || !strstr(line, folder)) continue;
    assert_int_equal(sscanf(line, "%*s %7s", flags), 1);
    count++;
    *other += strcmp(flags, "r--p") != 0;
  }
  fclose(maps);
  return count;
}

static void a_column_is_mapped_once_and_read_only(void **state) {
  (void)state;
  size_t other;
  save_two_pairs(0.0);
  sld__market *market = loaded(folder, "");
  assert_int_equal(mappings("EURUSD/1h/g000001/close.npy", &other), 1);
  assert_int_equal(other, 0);
  assert_int_equal(mappings(".npy", &other), 6 + 2);
  assert_int_equal(other, 0);
  assert_ptr_equal(sld__market_find(market, "EURUSD")->close, sld__market_at(market, 0)->close);
  sld__market_free(market);
  assert_int_equal(mappings(".npy", &other), 0);
}

static void a_second_save_leaves_what_is_mapped_as_it_was(void **state) {
  (void)state;
  save_two_pairs(0.0);
  sld__market *old = loaded(folder, "");
  save_two_pairs(0.005);
  sld__market *first = two_pairs(0.0);
  sld__market *second = two_pairs(0.005);
  sld__market *new = loaded(folder, "");
  assert_same(old, first);
  assert_same(new, second);
  save(new, folder); /* over the very files it is mapped from */
  assert_same(new, second);
  sld__market_free(old);
  sld__market_free(new);
  sld__market_free(first);
  sld__market_free(second);
}

/* Each save of something new makes a generation; the last two stay, and who has mapped an older one keeps it. */
static void old_generations_are_removed_but_the_one_of_before(void **state) {
  (void)state;
  save_two_pairs(0.0);
  sld__market *first = loaded(folder, "");
  for (int k = 0; k < 3; k++) save_two_pairs(0.001 * (k + 1));
  assert_int_equal(access(in_folder("EURUSD/1h/g000001"), F_OK), -1);
  assert_int_equal(access(in_folder("EURUSD/1h/g000002"), F_OK), -1);
  assert_int_equal(access(in_folder("EURUSD/1h/g000003/close.npy"), F_OK), 0);
  assert_int_equal(access(in_folder("EURUSD/1h/g000004/close.npy"), F_OK), 0);
  sld__market *same = two_pairs(0.0);
  assert_same(first, same);
  sld__market_free(first);
  sld__market_free(same);
  write_text(folder, "EURUSD/1h/description.json", "torn"); /* nobody knows what is in use: nothing goes */
  save_two_pairs(0.002);
  assert_int_equal(access(in_folder("EURUSD/1h/g000003"), F_OK), 0);
  sld__market *market = loaded(folder, "");
  sld__market_free(market);
}

static void saving_the_same_again_changes_nothing(void **state) {
  (void)state;
  struct stat before, after;
  save_two_pairs(0.0);
  assert_int_equal(stat(in_folder("EURUSD/1h"), &before), 0);
  save_two_pairs(0.0);
  assert_int_equal(stat(in_folder("EURUSD/1h"), &after), 0);
  assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
  assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
  assert_int_equal(access(in_folder("EURUSD/1h/g000001/close.npy"), F_OK), 0);
  assert_int_equal(access(in_folder("EURUSD/1h/g000002"), F_OK), -1);
}

/* Several series appear together or not at all. */
static void what_is_staged_is_not_there_before_it_is_committed(void **state) {
  (void)state;
  sld__market *market = two_pairs(0.0);
  sld__staged *staged[2];
  sld_allocator heap = sld__alloc_default();
  sld__held held;
  assert_int_equal(sld__store_hold(&held, in_folder("new"), &heap, NULL), SLD_OK);
  for (size_t i = 0; i < 2; i++) assert_int_equal(sld__store_stage(&staged[i], sld__market_at(market, i), in_folder("new"), NULL), SLD_OK);
  assert_int_equal(access(in_folder("new/EURUSD/1h/description.json"), F_OK), -1);
  sld__store_unstage(staged[1]);
  sld__store_unstage(staged[0]);
  sld__store_release(&held);
  assert_int_equal(access(in_folder("new"), F_OK), -1);
  assert_int_equal(sld__store_hold(&held, in_folder("new"), &heap, NULL), SLD_OK);
  assert_int_equal(sld__store_stage(&staged[0], sld__market_at(market, 0), in_folder("new"), NULL), SLD_OK);
  assert_int_equal(sld__store_commit(staged[0], NULL), SLD_OK);
  sld__store_unstage(staged[0]);
  sld__store_release(&held);
  sld__market *again = loaded(folder, "new");
  assert_int_equal(sld__market_count(again), 1);
  sld__market_free(again);
  sld__market_free(market);
}

static void generations_count_on_past_any_number(void **state) {
  (void)state;
  save_two_pairs(0.0);
  assert_int_equal(mkdir(in_folder("EURUSD/1h/g999999"), 0777), 0);
  write_text(folder, "EURUSD/1h/g999999/notes", "not ours: it stays");
  assert_int_equal(mkdir(in_folder("EURUSD/1h/g7x"), 0777), 0);
  for (int k = 0; k < 3; k++) save_two_pairs(0.001 * (k + 1));
  assert_int_equal(access(in_folder("EURUSD/1h/g1000002/close.npy"), R_OK), 0);
  sld__market *market = loaded(folder, "");
  assert_int_equal(sld__market_count(market), 2);
  sld__market_free(market);
}

/* ---- Damage ---- */

/* Puts bytes[size] in the place of file `name` of a good store and expects `message` about that file. */
static void damaged(const char *name, const char *bytes, size_t size, sld_status status, const char *message) {
  sld_error err;
  size_t whole;
  char *good = read_whole(in_folder(name), &whole);
  write_bytes(folder, name, bytes, size);
  refused(folder, "EURUSD", &err);
  write_bytes(folder, name, good, whole);
  free(good);
  assert_string_equal(err.message, message);
  assert_string_equal(err.file, in_folder(name));
  assert_int_equal(err.status, status);
}

#define CLOSE_NPY "EURUSD/1h/g000001/close.npy"
#define NO_COLUMN "the file does not hold one column of type <f8"

/* A .npy file of one header line and `data` bytes behind it. */
static size_t npy(char *out, const char *text, size_t stated, size_t data) {
  memcpy(out, "\x93NUMPY\x01\x00", 8);
  out[8] = (char)(stated & 255);
  out[9] = (char)(stated >> 8);
  memset(out + 10, ' ', stated);
  memcpy(out + 10, text, strlen(text));
  memset(out + 10 + stated, 0, data);
  return 10 + stated + data;
}

static void a_column_of_another_kind_is_refused(void **state) {
  (void)state;
  save_two_pairs(0.0);
  static const struct {
    const char *text, *message;
    size_t stated, data;
  } faults[] = {
    { "{'descr': '<f4', 'fortran_order': False, 'shape': (1000,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<i8', 'fortran_order': False, 'shape': (1000,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '>f8', 'fortran_order': False, 'shape': (1000,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '|O', 'fortran_order': False, 'shape': (1000,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': True, 'shape': (1000,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (500, 2), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551615,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693953,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999999999999,), }", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), } + x", NO_COLUMN, 118, 8000 },
    { "", NO_COLUMN, 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }", "the data start at byte 129, which is no multiple of 8", 119, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }", "the file holds 7999 bytes of data where 1000 values take 8000", 118, 7999 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }", "the file holds 8008 bytes of data where 1000 values take 8000", 118, 8008 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693,), }",
      "the file holds 8000 bytes of data where 2305843009213693 values take 18446744073709544", 118, 8000 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (999,), }", "999 values where the description says 1000 bars", 118, 7992 },
    { "{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", "0 values where the description says 1000 bars", 118, 0 },
  };
  static char bytes[65536];
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++)
    damaged(CLOSE_NPY, bytes, npy(bytes, faults[k].text, faults[k].stated, faults[k].data), SLD_EPARSE, faults[k].message);
  size_t size = npy(bytes, faults[0].text, 118, 0);
  bytes[9] = 0x7F;
  damaged(CLOSE_NPY, bytes, size, SLD_EPARSE, "the file is cut off in its header");
  bytes[6] = 2;
  damaged(CLOSE_NPY, bytes, size, SLD_EPARSE, "this is no .npy file of version 1.0");
  damaged(CLOSE_NPY, "", 0, SLD_EPARSE, "this is no .npy file of version 1.0");
}

static void a_column_cut_anywhere_is_refused(void **state) {
  (void)state;
  save_two_pairs(0.0);
  size_t size;
  sld_error err;
  char *good = read_whole(in_folder(CLOSE_NPY), &size);
  for (size_t cut = 0; cut < size; cut += cut < 140 ? 1 : 97) {
    write_bytes(folder, CLOSE_NPY, good, cut);
    refused(folder, "EURUSD", &err);
    assert_int_equal(err.status, SLD_EPARSE);
  }
  free(good);
}

/* Puts one value in the place of that of row 17. */
static void with_value(const char *name, const void *value, const char *message) {
  char path[64];
  size_t size;
  snprintf(path, sizeof path, "EURUSD/1h/g000001/%s.npy", name);
  char *bytes = read_whole(in_folder(path), &size);
  memcpy(bytes + 128 + 17 * 8, value, 8);
  damaged(path, bytes, size, SLD_EVALUE, message);
  free(bytes);
}

static void values_against_the_rules_are_refused_with_their_index(void **state) {
  (void)state;
  save_two_pairs(0.0);
  with_value("close", &(double){ (double)NAN }, "value 17: a price must be above 0");
  with_value("close", &(double){ 0.0 }, "value 17: a price must be above 0");
  with_value("open", &(double){ -1.1 }, "value 17: a price must be above 0");
  with_value("high", &(double){ (double)INFINITY }, "value 17: a price must be above 0");
  with_value("high", &(double){ 1.0 }, "value 17: the high is below the low");
  with_value("low", &(double){ 1.115 }, "value 17: the low is above open or close");
  with_value("volume", &(double){ -1.0 }, "value 17: a volume must be 0 or above");
  with_value("volume", &(double){ (double)NAN }, "value 17: a volume must be 0 or above");
  with_value("time", &(int64_t){ 16 * SLD__NS_PER_HOUR }, "value 17: the times do not increase strictly");
  with_value("time", &(int64_t){ INT64_MAX }, "value 17: a time must be of the years 1800 to 2090");
  with_value("time", &(int64_t){ INT64_MIN }, "value 17: a time must be of the years 1800 to 2090");
}

static void a_description_that_is_none_is_refused(void **state) {
  (void)state;
  save_two_pairs(0.0);
  static const struct {
    const char *from, *to, *message;
    sld_status status;
  } faults[] = {
    { "\"sliders bars 1\"", "\"sliders bars 2\"", "\"format\" must be \"sliders bars 1\"", SLD_EPARSE },
    { "\"sliders bars 1\"", "1", "\"format\" must be a text", SLD_EPARSE },
    { "\"EURUSD\"", "\"EURUSX\"", "no instrument 'EURUSX'; did you mean EURUSD?", SLD_ENAME },
    { "\"EURUSD\"", "null", "\"pair\" must be a text", SLD_EPARSE },
    { "\"bid\"", "\"ask\"", "\"side\" must be \"bid\", \"mid\" or \"both\"", SLD_EPARSE },
    { "1000", "-1000", "\"bars\" must be a whole number above 0", SLD_EPARSE },
    { "1000", "1000.0", "\"bars\" must be a whole number above 0", SLD_EPARSE },
    { "3600000000000", "0", "\"period_ns\" must be a whole number above 0", SLD_EPARSE },
    { "3600000000000", "9000000000000000000", "\"period_ns\" must be at most 366 days", SLD_EPARSE },
    { "\"date_only\": false", "\"date_only\": 0", "\"date_only\" must be true or false", SLD_EPARSE },
    { "\"one_price\": false,", "", "\"one_price\" must be true or false", SLD_EPARSE },
    { "\"volume\": true", "\"volume\": \"yes\"", "\"volume\" must be true or false", SLD_EPARSE },
    { "g000001", "../secrets", "\"generation\" must be the name of a folder such as g000001", SLD_EPARSE },
    { "g000001", "g", "\"generation\" must be the name of a folder such as g000001", SLD_EPARSE },
    { "g000001", "g00000000000000000000000000000001", "\"generation\" must be the name of a folder such as g000001", SLD_EPARSE },
  };
  size_t size;
  char *good = read_whole(in_folder("EURUSD/1h/description.json"), &size);
  good[size] = '\0';
  for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
    char text[1024];
    const char *at = strstr(good, faults[k].from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, faults[k].to, at + strlen(faults[k].from));
    damaged("EURUSD/1h/description.json", text, strlen(text), faults[k].status, faults[k].message);
  }
  damaged("EURUSD/1h/description.json", "[1]", 3, SLD_EPARSE, "an object is expected");
  for (size_t cut = 0; cut + 2 < size; cut++) {
    sld_error err;
    write_bytes(folder, "EURUSD/1h/description.json", good, cut);
    refused(folder, "EURUSD", &err);
    assert_int_equal(err.status, SLD_EPARSE);
  }
  free(good);
}

static void a_missing_column_is_an_error_of_the_system(void **state) {
  (void)state;
  sld_error err;
  save_two_pairs(0.0);
  assert_int_equal(remove(in_folder(CLOSE_NPY)), 0);
  refused(folder, "", &err);
  assert_int_equal(err.status, SLD_EIO);
  assert_string_equal(err.file, in_folder(CLOSE_NPY));
}

/* ---- A full disk ---- */

/* What a folder holds, all levels: the number of entries. */
static size_t entries(const char *path) {
  size_t count = 0;
  DIR *listing = opendir(path);
  if (!listing) return 0;
  for (const struct dirent *entry; (entry = readdir(listing));) {
    char inner[2 * PATH_SIZE];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    count += 1 + entries(inner);
  }
  closedir(listing);
  return count;
}

/* Saves while no file may grow beyond `bytes`. */
static sld_status save_within(const sld__market *market, const char *path, rlim_t bytes, sld_error *err) {
  struct rlimit before;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit tight = { bytes, before.rlim_max };
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tight);
  sld_status status = sld__market_save(market, path, err);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  return status;
}

static void a_full_disk_leaves_nothing_behind(void **state) {
  (void)state;
  sld_error err;
  sld__market *market = two_pairs(0.0);
  for (rlim_t bytes = 0; bytes < 8128; bytes += bytes < 300 ? 60 : 1000) {
    assert_int_equal(save_within(market, in_folder("new/store"), bytes, &err), SLD_EIO);
    assert_string_equal(err.message, "cannot write: File too large");
    assert_int_equal(entries(folder), 0);
  }
  assert_int_equal(save_within(market, in_folder("new/store"), 8128, &err), SLD_OK);
  assert_int_equal(entries(in_folder("new/store")), 2 + 2 + 2 * 2 + 6 + 2);
  sld__market_free(market);
}

static void a_full_disk_leaves_the_store_of_before(void **state) {
  (void)state;
  sld_error err;
  save_two_pairs(0.0);
  size_t before = entries(folder);
  sld__market *old = two_pairs(0.0);
  sld__market *new = two_pairs(0.005);
  assert_int_equal(save_within(new, folder, 8000, &err), SLD_EIO);
  assert_int_equal(entries(folder), before);
  sld__market *back = loaded(folder, "");
  assert_same(back, old);
  sld__market_free(back);
  sld__market_free(old);
  sld__market_free(new);
}

/* ---- A writer that is killed ---- */

/* Saves in a process of its own, which the system kills where a file would grow beyond `bytes`. */
static void killed_while_saving(const sld__market *market, rlim_t bytes) {
  int status;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    signal(SIGXFSZ, SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ bytes, bytes });
    sld__market_save(market, folder, NULL);
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
}

static void a_writer_that_is_killed_leaves_the_store_of_before_and_the_next_clears_up(void **state) {
  (void)state;
  sld__market *old = two_pairs(0.0);
  sld__market *new = two_pairs(0.005);
  for (rlim_t bytes = 100; bytes < 8128; bytes += 4000) { /* in a header, in a column; the description is never reached */
    killed_while_saving(new, bytes);
    assert_true(entries(in_folder("EURUSD/1h")) > 0);
    assert_int_equal(access(in_folder("EURUSD/1h/description.json"), F_OK), -1);
  }
  save(old, folder);
  size_t clean = entries(folder);
  for (rlim_t bytes = 100; bytes < 8128; bytes += 4000) {
    killed_while_saving(new, bytes);
    assert_true(entries(folder) > clean);
    sld__market *back = loaded(folder, "");
    assert_same(back, old);
    sld__market_free(back);
    save(old, folder); /* which is there already */
    assert_int_equal(entries(folder), clean);
  }
  write_text(folder, "EURUSD/1h/description.json.77.0.new", "torn");
  save(new, folder);
  assert_int_equal(access(in_folder("EURUSD/1h/description.json.77.0.new"), F_OK), -1);
  assert_int_equal(access(in_folder("EURUSD/1h/g000003"), F_OK), -1);
  sld__market *back = loaded(folder, "");
  assert_same(back, new);
  sld__market_free(back);
  sld__market_free(old);
  sld__market_free(new);
}

static void a_file_in_the_way_is_an_error_and_stays(void **state) {
  (void)state;
  sld_error err;
  sld__market *market = two_pairs(0.0);
  write_text(folder, "occupied", "here");
  assert_int_equal(sld__market_save(market, in_folder("occupied"), &err), SLD_EIO);
  assert_int_equal(entries(folder), 1);
  assert_int_equal(sld__market_save(market, "/proc/nowhere", &err), SLD_EIO);
  sld__market_free(market);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(what_is_saved_comes_back_to_the_bit, make, clear),
    cmocka_unit_test_setup_teardown(the_demo_data_come_back_from_a_store, make, clear),
    cmocka_unit_test_setup_teardown(a_column_is_a_file_of_numpy, make, clear),
    cmocka_unit_test_setup_teardown(a_column_is_mapped_once_and_read_only, make, clear),
    cmocka_unit_test_setup_teardown(a_second_save_leaves_what_is_mapped_as_it_was, make, clear),
    cmocka_unit_test_setup_teardown(old_generations_are_removed_but_the_one_of_before, make, clear),
    cmocka_unit_test_setup_teardown(saving_the_same_again_changes_nothing, make, clear),
    cmocka_unit_test_setup_teardown(what_is_staged_is_not_there_before_it_is_committed, make, clear),
    cmocka_unit_test_setup_teardown(generations_count_on_past_any_number, make, clear),
    cmocka_unit_test_setup_teardown(a_column_of_another_kind_is_refused, make, clear),
    cmocka_unit_test_setup_teardown(a_column_cut_anywhere_is_refused, make, clear),
    cmocka_unit_test_setup_teardown(values_against_the_rules_are_refused_with_their_index, make, clear),
    cmocka_unit_test_setup_teardown(a_description_that_is_none_is_refused, make, clear),
    cmocka_unit_test_setup_teardown(a_missing_column_is_an_error_of_the_system, make, clear),
    cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing_behind, make, clear),
    cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_store_of_before, make, clear),
    cmocka_unit_test_setup_teardown(a_writer_that_is_killed_leaves_the_store_of_before_and_the_next_clears_up, make, clear),
    cmocka_unit_test_setup_teardown(a_file_in_the_way_is_an_error_and_stays, make, clear),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
