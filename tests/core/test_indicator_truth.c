/* Kernels against values that others published: the test cases of Tulip Indicators (by hand and after Achelis' book) and the data files of
 * LEAN's tests (third-party packages over SPY). Where two houses differ in how a mean begins, the case goes to the kernel of that form. */
#include "metrics_truth.h"

#include "indicator/kernel.h"

enum { ROWS_MAX = 8192, TULIP_COLUMNS = 8, TULIP_ROWS = 256 };

static double state[ROWS_MAX];

/* Feeds whole columns. */
static void compute(const char *name, const double *opt, size_t n, const double *const *in, double *const *out) {
  const sld__kernel *kernel = sld__kernel_find(name);
  sld_error err;
  assert_non_null(kernel);
  assert_int_equal(kernel->check(opt, &err), SLD_OK);
  assert_in_range(kernel->state_count(opt), 0, ROWS_MAX);
  memset(state, 0, sizeof state);
  kernel->step(state, opt, n, in, out);
}

/* ---- Tulip ---- */

/* What a case of theirs is here. A value of ours times `scale` is theirs. */
typedef struct mapping {
  const char *theirs, *ours;
  int inputs, outputs;
  double scale;
  size_t late; /* rows of ours with a value before theirs begin */
} mapping;

static const mapping mappings[] = {
  { "aroon", "aroon", 2, 2, 1, 0 },     { "cci", "cci", 3, 1, 1, 4 },
  { "abs", "abs", 1, 1, 1, 0 },         { "add", "add", 2, 1, 1, 0 },           { "atr", "atr", 3, 1, 1, 0 },
  { "bbands", "bollinger", 1, 3, 1, 0 }, { "crossany", "cross", 2, 1, 1, 0 },    { "crossover", "crossover", 2, 1, 1, 0 },
  { "div", "div", 2, 1, 1, 0 },         { "ema", "ema_first", 1, 1, 1, 0 },     { "lag", "shift", 1, 1, 1, 0 },
  { "linregslope", "linreg_slope", 1, 1, 1, 0 }, { "max", "rolling_max", 1, 1, 1, 0 }, { "min", "rolling_min", 1, 1, 1, 0 },
  { "mom", "momentum", 1, 1, 1, 0 },    { "mul", "mul", 2, 1, 1, 0 },           { "roc", "roc", 1, 1, 0.01, 0 },
  { "rsi", "rsi", 1, 1, 1, 0 },         { "sma", "sma", 1, 1, 1, 0 },           { "stddev", "stddev", 1, 1, 1, 0 },
  { "sub", "sub", 2, 1, 1, 0 },         { "sum", "rolling_sum", 1, 1, 1, 0 },   { "tr", "tr", 3, 1, 1, 0 },
  { "wilders", "rma", 1, 1, 1, 0 },     { "wma", "wma", 1, 1, 1, 0 },
};

typedef struct tulip_case {
  char name[32];
  double opt[SLD__KERNEL_OPTIONS];
  double columns[TULIP_COLUMNS][TULIP_ROWS];
  size_t counts[TULIP_COLUMNS];
  int column_count;
} tulip_case;

static void read_array(tulip_case *c, const char *text) {
  assert_in_range(c->column_count, 0, TULIP_COLUMNS - 1);
  int column = c->column_count++;
  for (const char *at = text + 1; *at && *at != '}';) {
    char *end;
    double value = strtod(at, &end);
    assert_true(end > at);
    assert_in_range(c->counts[column], 0, TULIP_ROWS - 1);
    c->columns[column][c->counts[column]++] = value;
    at = end + strspn(end, ", ");
  }
}

static void read_head(tulip_case *c, const char *text) {
  int used = 0;
  assert_int_equal(sscanf(text, "%31s%n", c->name, &used), 1);
  const char *at = text + used;
  for (int i = 0; i < SLD__KERNEL_OPTIONS; i++) {
    char *end;
    c->opt[i] = strtod(at, &end);
    if (end == at) break;
    at = end;
  }
}

/* The next case; false at the end. A blank line ends a case, "#" begins a comment. */
static bool next_case(tulip_case *c, FILE *file) {
  static char line[16384];
  memset(c, 0, sizeof *c);
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '#') continue;
    if (line[0] == '\0' && c->name[0]) return true;
    if (line[0] == '{') read_array(c, line);
    else if (line[0]) read_head(c, line);
  }
  return c->name[0] != '\0';
}

/* Their outputs belong to the last rows; the rows before have no value here. */
static void compare_column(const char *name, const double *values, size_t n, const double *theirs, size_t m, double scale, size_t late) {
  assert_true(m + late <= n);
  for (size_t i = 0; i < n - m - late; i++)
    if (!isnan(values[i])) fail_msg("%s: row %zu is %.9g, not undefined", name, i, values[i]);
  for (size_t i = 0; i < m; i++) {
    double got = values[n - m + i] * scale;
    if (!truth_near(got, theirs[i], 0.001 + 2e-5 * fabs(theirs[i]))) fail_msg("%s: row %zu is %.9g, not %.9g", name, n - m + i, got, theirs[i]);
  }
}

static void compare_case(const tulip_case *c, const mapping *m) {
  static double values[SLD__KERNEL_OUTPUTS][TULIP_ROWS];
  const double *in[SLD__KERNEL_INPUTS] = { c->columns[0], c->columns[1], c->columns[2] };
  double *const out[SLD__KERNEL_OUTPUTS] = { values[0], values[1], values[2] };
  assert_int_equal(c->column_count, m->inputs + m->outputs);
  compute(m->ours, c->opt, c->counts[0], in, out);
  for (int k = 0; k < m->outputs; k++) compare_column(m->theirs, values[k], c->counts[0], c->columns[m->inputs + k], c->counts[m->inputs + k], m->scale, m->late);
}

static size_t compare_file(const char *name) {
  static tulip_case c;
  size_t compared = 0;
  FILE *file = truth_open(name);
  while (next_case(&c, file)) {
    for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++) {
      if (strcmp(mappings[i].theirs, c.name) != 0) continue;
      compare_case(&c, &mappings[i]);
      compared++;
    }
  }
  truth_close(file, name);
  return compared;
}

static void cases_of_achelis_as_tulip_repaired_them(void **unused) {
  (void)unused;
  assert_int_equal(compare_file("truth/indicators/tulip/atoz.txt"), 11);
}

static void further_cases_of_tulip(void **unused) {
  (void)unused;
  assert_int_equal(compare_file("truth/indicators/tulip/extra.txt"), 20);
}

/* ---- LEAN ---- */

/* A column of a file and the kernel that makes it. Columns count from 0. */
typedef struct lean {
  const char *file;
  int column;
  const char *kernel;
  double opt[SLD__KERNEL_OPTIONS];
  int output;
  int in[SLD__KERNEL_INPUTS];
  size_t skip;  /* leading values of theirs that come from less than a window, or from data before the file's */
  size_t rows;  /* values compared */
  double absolute, relative;
  bool squared; /* theirs is the square */
} lean;

static const lean leans[] = {
  { "spy_with_indicators.txt", 1, "sma", { 14 }, 0, { 7 }, 0, 487, 0.06, 0, false },
  { "spy_with_indicators.txt", 2, "ema", { 14 }, 0, { 7 }, 0, 487, 0.06, 0, false },
  { "spy_with_indicators.txt", 3, "macd", { 12, 26, 9 }, 0, { 7 }, 0, 475, 0.002, 0, false },
  { "spy_with_indicators.txt", 5, "rsi", { 14 }, 0, { 7 }, 0, 486, 0.0001, 0, false },
  { "spy_ema.csv", 2, "ema", { 14 }, 0, { 1 }, 0, 351, 0, 1e-9, false },
  { "spy_atr_wilder.txt", 5, "atr", { 14 }, 0, { 2, 3, 4 }, 0, 488, 1e-5, 0, false },
  { "spy_bollinger_bands.txt", 5, "bollinger", { 20, 2 }, 1, { 4 }, 0, 481, 6e-5, 0, false },
  { "spy_bollinger_bands.txt", 6, "bollinger", { 20, 2 }, 2, { 4 }, 0, 481, 1e-4, 0, false },
  { "spy_bollinger_bands.txt", 7, "bollinger", { 20, 2 }, 0, { 4 }, 0, 481, 1e-4, 0, false },
  { "spy_with_don50.txt", 5, "donchian", { 50 }, 2, { 2, 3 }, 49, 451, 1e-4, 0, false },
  { "spy_with_don50.txt", 6, "donchian", { 50 }, 0, { 2, 3 }, 49, 451, 1e-4, 0, false },
  { "spy_with_roc50.txt", 5, "momentum", { 50 }, 0, { 4 }, 0, 451, 0.001, 0, false },
  { "spy_with_rocp50.txt", 5, "roc", { 50 }, 0, { 4 }, 0, 451, 1e-4, 0, false },
  { "spy_max.txt", 6, "rolling_max", { 5 }, 0, { 4 }, 0, 496, 1e-9, 0, false },
  { "spy_min.txt", 6, "rolling_min", { 5 }, 0, { 4 }, 0, 496, 1e-9, 0, false },
  { "spy_tr.txt", 6, "tr", { 0 }, 0, { 2, 3, 4 }, 0, 499, 1e-9, 0, false },
  { "spy_var.txt", 6, "stddev", { 10, 0 }, 0, { 4 }, 0, 491, 0, 1e-6, true },
  { "spy_with_macd.txt", 5, "macd", { 12, 26, 9 }, 0, { 4 }, 0, 183, 1e-6, 1e-6, false },
  { "spy_with_macd.txt", 6, "macd", { 12, 26, 9 }, 1, { 4 }, 0, 183, 1e-6, 1e-6, false },
  { "spy_with_macd.txt", 7, "macd", { 12, 26, 9 }, 2, { 4 }, 0, 183, 1e-5, 0, false },
  { "spy_with_adx.txt.gz", 11, "dmi", { 14, 14 }, 0, { 2, 3, 4 }, 0, 490, 0.002, 0, false },
  { "spy_with_adx.txt.gz", 12, "dmi", { 14, 14 }, 1, { 2, 3, 4 }, 0, 490, 0.002, 0, false },
  { "spy_with_adx.txt.gz", 16, "dmi", { 14, 14 }, 2, { 2, 3, 4 }, 0, 477, 0.002, 0, false },
  { "spy_with_cci.txt", 5, "cci", { 14 }, 0, { 2, 3, 4 }, 0, 488, 0.005, 0, false },
  { "spy_sarext.txt.gz", 5, "sar", { 0.02, 0.02, 0.2 }, 0, { 1, 2, 3 }, 0, 5848, 0.006, 0, false },
  { "spy_with_rma.csv.gz", 6, "sma", { 10 }, 0, { 4 }, 9, 1017, 1e-5, 0, false },
};

typedef struct sheet {
  double theirs[ROWS_MAX], in[SLD__KERNEL_INPUTS][ROWS_MAX], out[SLD__KERNEL_OUTPUTS][ROWS_MAX];
  size_t rows;
} sheet;

static void read_sheet(sheet *s, const lean *l, const sld__kernel *kernel) {
  char name[128];
  truth_line line;
  snprintf(name, sizeof name, "truth/indicators/lean/%s", l->file);
  FILE *file = truth_open(name);
  assert_true(truth_next(&line, file)); /* the header */
  for (s->rows = 0; truth_next(&line, file) && line.text[0]; s->rows++) {
    assert_in_range(s->rows, 0, ROWS_MAX - 1);
    assert_true(line.count > l->column);
    s->theirs[s->rows] = truth_number(line.field[l->column]);
    for (int k = 0; k < kernel->inputs; k++) s->in[k][s->rows] = truth_number(line.field[l->in[k]]);
  }
  truth_close(file, name);
}

static size_t compare_sheet(const sheet *s, const lean *l) {
  size_t defined = 0;
  for (size_t i = 0; i < s->rows; i++) {
    if (isnan(s->theirs[i]) || defined++ < l->skip) continue;
    double got = s->out[l->output][i];
    if (l->squared) got *= got;
    if (!truth_near(got, s->theirs[i], l->absolute + l->relative * fabs(s->theirs[i])))
      fail_msg("%s, column %d, row %zu: %s is %.12g, not %.12g", l->file, l->column, i, l->kernel, got, s->theirs[i]);
  }
  return defined - l->skip;
}

static void columns_of_leans_test_data(void **unused) {
  (void)unused;
  static sheet s;
  for (size_t i = 0; i < sizeof leans / sizeof *leans; i++) {
    const lean *l = &leans[i];
    read_sheet(&s, l, sld__kernel_find(l->kernel));
    const double *in[SLD__KERNEL_INPUTS] = { s.in[0], s.in[1], s.in[2] };
    double *const out[SLD__KERNEL_OUTPUTS] = { s.out[0], s.out[1], s.out[2] };
    compute(l->kernel, l->opt, s.rows, in, out);
    assert_int_equal(compare_sheet(&s, l), l->rows);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(cases_of_achelis_as_tulip_repaired_them),
    cmocka_unit_test(further_cases_of_tulip),
    cmocka_unit_test(columns_of_leans_test_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
