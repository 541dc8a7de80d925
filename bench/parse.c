/* Reading one-minute text: the market's reader beside a minimal parser of the same lines.
 *
 *   bench_parse FILE ROWS ROUNDS   writes FILE (EURUSD in HistData's ASCII form) and measures
 *
 * The minimal parser knows the form by heart: a mapped file, digits into integers, one division a price, columns of a size that was
 * counted before, no checks. Both fill the same columns, which are compared first. One thread each, CPU time, files in the page cache. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/time.h"
#include "clock.h"
#include "market/market.h"

typedef struct columns {
  size_t count;
  int64_t *time;
  double *price[4];
  double *volume;
} columns;

static void fail(const char *what) {
  fprintf(stderr, "bench_parse: %s\n", what);
  exit(1);
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

/* Minutes on end: no clock of the file's zone is put back or forward in a bar that is there, for weekends are left out. */
static void write_file(const char *path, size_t rows) {
  FILE *file = fopen(path, "w");
  uint64_t seed = 88172645463325252u;
  int64_t minute = sld__days_from_civil(2000, 1, 3) * 1440;
  int price = 1094210;
  if (!file) fail("cannot write");
  for (size_t i = 0; i < rows; minute++) {
    struct sld__civil c;
    int64_t day = minute / 1440;
    if (sld__weekday_of_days(day) > 5) continue;
    sld__civil_from_days(&c, day);
    int open = price;
    int close = price + (int)(next_random(&seed) % 21) * 10 - 100;
    int high = (open > close ? open : close) + (int)(next_random(&seed) % 5) * 10;
    int low = (open < close ? open : close) - (int)(next_random(&seed) % 5) * 10;
    price = close < 900000 || close > 1300000 ? 1094210 : close;
    fprintf(file, "%04d%02d%02d %02d%02d00;%d.%06d;%d.%06d;%d.%06d;%d.%06d;0\n", (int)c.year, c.month, c.day, (int)(minute % 1440 / 60), (int)(minute % 60), open / 1000000, open % 1000000,
            high / 1000000, high % 1000000, low / 1000000, low % 1000000, close / 1000000, close % 1000000);
    i++;
  }
  fclose(file);
}

/* ---- The minimal parser ---- */

static const char *number(const char *p, double *out) {
  int64_t value = 0;
  while (*p != '.') value = value * 10 + (*p++ - '0');
  const char *point = p++;
  while (*p >= '0') {
    if (*p == ';') break;
    value = value * 10 + (*p++ - '0');
  }
  static const double tens[] = { 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7 };
  *out = (double)value / tens[p - point - 1];
  return p + 1;
}

static int two(const char *p) {
  return (p[0] - '0') * 10 + p[1] - '0';
}

static void parse_minimal(const char *path, size_t rows, columns *out) {
  struct stat info;
  int descriptor = open(path, O_RDONLY);
  if (descriptor < 0 || fstat(descriptor, &info) != 0) fail("cannot open");
  const char *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) fail("cannot map");
  close(descriptor);
  char date[8] = "";
  int64_t midnight = 0;
  const char *p = data;
  const char *end = data + info.st_size;
  out->time = malloc(rows * sizeof *out->time);
  out->volume = malloc(rows * sizeof *out->volume);
  for (int k = 0; k < 4; k++) out->price[k] = malloc(rows * sizeof *out->price[k]);
  for (out->count = 0; p < end; out->count++) {
    size_t i = out->count;
    if (memcmp(p, date, 8) != 0) {
      memcpy(date, p, 8);
      midnight = sld__days_from_civil(two(p) * 100 + two(p + 2), two(p + 4), two(p + 6)) * 86400;
    }
    out->time[i] = midnight + two(p + 9) * 3600 + two(p + 11) * 60 + two(p + 13);
    p += 16;
    for (int k = 0; k < 4; k++) p = number(p, &out->price[k][i]);
    int64_t volume = 0;
    while (*p != '\n') volume = volume * 10 + (*p++ - '0');
    out->volume[i] = (double)volume;
    p++;
  }
  munmap((void *)(uintptr_t)data, (size_t)info.st_size);
}

static void free_columns(columns *c) {
  free(c->time);
  free(c->volume);
  for (int k = 0; k < 4; k++) free(c->price[k]);
}

/* ---- The market's reader ---- */

static sld__market *read_market(const char *path) {
  sld_allocator a = sld__alloc_default();
  sld__market *market;
  sld_error err;
  sld_load_options options = SLD_LOAD_OPTIONS_INIT;
  options.zone = "UTC"; /* the minimal parser knows no zones */
  if (sld__market_new(&market, &a, &err) != SLD_OK || sld__market_load_with(market, path, &options, NULL, NULL, &err) != SLD_OK) fail(err.message);
  return market;
}

static void compare(const char *path, size_t rows) {
  columns c;
  parse_minimal(path, rows, &c);
  sld__market *market = read_market(path);
  const sld__series *s = sld__market_at(market, 0);
  if (s->count != rows || c.count != rows) fail("rows are missing");
  const double *prices[] = { s->open, s->high, s->low, s->close };
  for (size_t i = 0; i < rows; i++)
    if (s->time[i] != c.time[i] * SLD__NS_PER_SECOND || s->volume[i] != c.volume[i]) fail("times or volumes differ");
  for (int k = 0; k < 4; k++)
    if (memcmp(prices[k], c.price[k], rows * sizeof(double)) != 0) fail("prices differ");
  sld__market_free(market);
  free_columns(&c);
}

int main(int argc, char **argv) {
  if (argc != 4) fail("FILE ROWS ROUNDS");
  const char *path = argv[1];
  size_t rows = (size_t)strtoull(argv[2], NULL, 10);
  struct stat info;
  readings minimal = { .count = 0 };
  readings market = { .count = 0 };
  readings ratio = { .count = 0 };
  write_file(path, rows);
  if (stat(path, &info) != 0) fail("cannot open");
  double megabytes = (double)info.st_size / 1e6;
  compare(path, rows);
  for (int i = 0; i < atoi(argv[3]); i++) {
    columns c;
    double start = cpu_s();
    parse_minimal(path, rows, &c);
    double middle = cpu_s();
    sld__market *m = read_market(path);
    double end = cpu_s();
    free_columns(&c);
    sld__market_free(m);
    readings_add(&minimal, megabytes / (middle - start));
    readings_add(&market, megabytes / (end - middle));
    readings_add(&ratio, (middle - start) / (end - middle));
  }
  printf("%zu rows, %.1f MB\n", rows, megabytes);
  printf("minimal parser  %6.0f MB/s\n", readings_at(&minimal, 0.5));
  printf("sliders         %6.0f MB/s\n", readings_at(&market, 0.5));
  printf("ratio           %6.2f (%.2f to %.2f)\n", readings_at(&ratio, 0.5), readings_at(&ratio, 0.0), readings_at(&ratio, 1.0));
  return 0;
}
