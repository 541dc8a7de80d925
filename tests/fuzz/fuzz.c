/* Guarded memory, and the core's files replaced by it (the linker wraps the functions of core/base/os.h). */
#include "fuzz.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/os.h"

#define ZONES "/usr/share/zoneinfo"

/* ---- Guarded memory ---- */

static char *region(int number) {
  static char *regions[FUZZ_FILES];
  if (regions[number]) return regions[number];
  size_t page = sld__os_page();
  char *start = mmap(NULL, FUZZ_SIZE + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  FUZZ_HOLDS(start != MAP_FAILED && mprotect(start + FUZZ_SIZE, page, PROT_NONE) == 0);
  return regions[number] = start;
}

char *fuzz_guarded(int number, const void *data, size_t size) {
  if (size > FUZZ_SIZE) size = FUZZ_SIZE;
  char *start = region(number);
  ASAN_UNPOISON_MEMORY_REGION(start, FUZZ_SIZE);
  char *copy = start + FUZZ_SIZE - size;
  if (size > 0) memcpy(copy, data, size);
  ASAN_POISON_MEMORY_REGION(start, FUZZ_SIZE - size); /* and none may be read before it */
  return copy;
}

void *fuzz_guarded_struct(int number, const void *data, size_t size) {
  enum { ALIGNMENT = 16, ROOM = 4096 };
  char copy[ROOM] = { 0 };
  size_t whole = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  FUZZ_HOLDS(whole <= ROOM);
  memcpy(copy, data, size);
  char *out = fuzz_guarded(number, copy, whole);
  ASAN_POISON_MEMORY_REGION(out + size, whole - size);
  return out;
}

/* ---- Files ---- */

static struct {
  const char *path;
  const char *data;
  size_t size;
} files[FUZZ_FILES];
static int file_count;

void fuzz_file(const char *path, const void *data, size_t size) {
  FUZZ_HOLDS(file_count < FUZZ_FILES);
  files[file_count].path = path;
  files[file_count].size = size < FUZZ_SIZE ? size : FUZZ_SIZE;
  files[file_count].data = fuzz_guarded(file_count, data, size);
  file_count++;
}

void fuzz_files_forget(void) {
  file_count = 0;
}

static bool is_zone(const char *path) {
  return strncmp(path, ZONES, sizeof ZONES - 1) == 0;
}

static int find(const char *path) {
  for (int i = 0; i < file_count; i++)
    if (strcmp(files[i].path, path) == 0) return i;
  return -1;
}

sld_status __real_sld__os_map_file(struct sld__map *out, const char *path, sld_error *err);
sld_status __wrap_sld__os_map_file(struct sld__map *out, const char *path, sld_error *err);
void __real_sld__os_map_close(struct sld__map *map);
void __wrap_sld__os_map_close(struct sld__map *map);
void __wrap_sld__os_map_ahead(const struct sld__map *map);
bool __real_sld__os_is_file(const char *path);
bool __wrap_sld__os_is_file(const char *path);
bool __real_sld__os_is_dir(const char *path);
bool __wrap_sld__os_is_dir(const char *path);

sld_status __wrap_sld__os_map_file(struct sld__map *out, const char *path, sld_error *err) {
  if (is_zone(path)) return __real_sld__os_map_file(out, path, err);
  int i = find(path);
  *out = (struct sld__map){ "", 0 };
  if (i < 0) return sld__fail_at(err, SLD_EIO, path, 0, 0, "No such file or directory");
  *out = (struct sld__map){ files[i].data, files[i].size };
  return SLD_OK;
}

static bool is_ours(const char *data) {
  for (int i = 0; i < file_count; i++)
    if (data >= files[i].data && data <= files[i].data + files[i].size) return true;
  return data == NULL || *data == '\0';
}

void __wrap_sld__os_map_close(struct sld__map *map) {
  if (map->size > 0 && !is_ours(map->data)) __real_sld__os_map_close(map);
  *map = (struct sld__map){ NULL, 0 };
}

void __wrap_sld__os_map_ahead(const struct sld__map *map) {
  (void)map;
}

bool __wrap_sld__os_is_file(const char *path) {
  return is_zone(path) ? __real_sld__os_is_file(path) : find(path) >= 0;
}

bool __wrap_sld__os_is_dir(const char *path) {
  return is_zone(path) && __real_sld__os_is_dir(path);
}

/* ---- Inputs ---- */

unsigned fuzz_choice(fuzz_input *in, unsigned n) {
  if (in->size == 0) return 0;
  in->size--;
  return *in->data++ % n;
}

fuzz_input fuzz_part(fuzz_input *in) {
  static const char mark[] = "%%\n";
  fuzz_input part = *in;
  const uint8_t *found = in->size ? memmem(in->data, in->size, mark, sizeof mark - 1) : NULL;
  part.size = found ? (size_t)(found - in->data) : in->size;
  size_t taken = found ? part.size + sizeof mark - 1 : part.size;
  if (taken) in->data += taken;
  in->size -= taken;
  return part;
}

const char *fuzz_text(fuzz_input *in, char *out, size_t room) {
  fuzz_input part = fuzz_part(in);
  size_t size = part.size < room - 1 ? part.size : room - 1;
  if (size) memcpy(out, part.data, size);
  if (size && out[size - 1] == '\n') size--;
  out[size] = '\0';
  return out;
}

double fuzz_number(fuzz_input *in) {
  static const double odd[] = { 0.0, -0.0, -1.0, 1e308, -1e308, 5e-324, 1e15, __builtin_nan(""), __builtin_inf(), -__builtin_inf(), 0.5, 1.0, 2.0, 100.0, 2147483648.0, 9007199254740993.0 };
  unsigned kind = fuzz_choice(in, 64);
  if (kind < 16) return odd[kind];
  if (kind < 20) {
    double bits = 0.0;
    if (in->size < sizeof bits) return bits;
    memcpy(&bits, in->data, sizeof bits);
    in->data += sizeof bits;
    in->size -= sizeof bits;
    return bits;
  }
  return (double)fuzz_choice(in, 256) / (double)(kind - 19);
}

void fuzz_check_error(sld_status status, const sld_error *err) {
  FUZZ_HOLDS(err->status == status);
  FUZZ_HOLDS(err->message[0] != '\0');
  for (const char *c = err->message; *c; c++) FUZZ_HOLDS((unsigned char)*c >= ' ' && *c != 0x7F);
}
