/* The future cannot be spelled: what a strategy may read of a column, in both engines. */
#include "engine_desk.h"

static void fails(const char *init, const char *bar, const char *signal, const char *want) {
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  desk_hook_fails(&d, init, bar, signal, want);
  desk_close(&d);
}

static void a_negative_index_is_the_future(void **state) {
  (void)state;
  fails(NULL, "local x = self.bars.close[-1]", NULL, "test.lua:4: x[k] with k below 0 would be the future");
  fails(NULL, "local x = self.bars.close[-1e300]", NULL, "test.lua:4: x[k] with k below 0 would be the future");
  fails(NULL, "local k = 0 for i = 1, 60 do k = k - 1 end local x = self.bars.close[k]", NULL, "test.lua:4: x[k] with k below 0 would be the future");
}

static void an_index_is_a_whole_number(void **state) {
  (void)state;
  const char *want = "test.lua:4: a column is read by whole numbers: x[0] is the bar that has just closed";
  fails(NULL, "local x = self.bars.close[0.5]", NULL, want);
  fails(NULL, "local x = self.bars.close[-0.5]", NULL, want);
  fails(NULL, "local x = self.bars.close[0/0]", NULL, want);
  fails(NULL, "local x = self.bars.close[true]", NULL, want);
  fails(NULL, "local x = self.bars.close[{}]", NULL, want);
  fails(NULL, "local x = self.bars.close[self.bars.open]", NULL, want);
  fails(NULL, "local x = self.bars.close['0']", NULL, "test.lua:4: a column has no field '0'");
  fails(NULL, "local x = self.bars.close[1/0]", NULL, "test.lua:4: x[inf] is before the first bar (1 bar so far)");
  fails(NULL, "local x = self.bars.close[2^53]", NULL, "test.lua:4: x[9007199254740992] is before the first bar (1 bar so far)");
  fails(NULL, "local x = self.bars.close[-1/0]", NULL, "test.lua:4: x[k] with k below 0 would be the future");
}

/* Both engines keep something of their own in what a script holds. */
static void names_of_the_engine_are_no_fields(void **state) {
  (void)state;
  static const char *const names[] = { "sld_id", "sld_at", "id", "sld_list" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char hook[128];
    char want[128];
    snprintf(hook, sizeof hook, "local x = self.bars.close.%s", names[i]);
    snprintf(want, sizeof want, "test.lua:4: a column has no field '%s'", names[i]);
    fails(NULL, hook, NULL, want);
    snprintf(hook, sizeof hook, "local x = broker.%s", names[i]);
    snprintf(want, sizeof want, "test.lua:4: broker has no field '%s'", names[i]);
    fails(NULL, hook, NULL, want);
  }
  fails(NULL, "self.bars.close.sld_id = 1", NULL, "test.lua:4: a column is read-only");
  fails(NULL, "broker.sld_id = 1", NULL, "test.lua:4: the broker is read-only");
  fails(NULL, "print(broker.trades.sld_id) local x = self.bars.close.shfit", NULL, "test.lua:4: a column has no field 'shfit'; did you mean 'shift'?");
}

static void nothing_lies_before_the_first_bar(void **state) {
  (void)state;
  fails(NULL, "local x = self.bars.close[1]", NULL, "test.lua:4: x[1] is before the first bar (1 bar so far)");
  fails("self.n = 0", "self.n = self.n + 1\nif self.n == 3 then\nlocal x = self.bars.close[3]\nend", NULL, "test.lua:9: x[3] is before the first bar (3 bars so far)");
}

static void init_and_signal_have_no_bar_yet(void **state) {
  (void)state;
  const char *want = "test.lua:4: in init and signal a column is whole and has no x[0]; read values in bar";
  fails("local x = bars.close[0]", "", NULL, want);
  fails("local x = bars.close[-1]", "", NULL, want);
  fails(NULL, NULL, "local x = bars.close[0]", want);
  fails(NULL, NULL, "local x = sliders.sma(bars.close, 2)[5]", want);
}

static void a_column_is_not_a_list(void **state) {
  (void)state;
  fails(NULL, "local n = #self.bars.close", NULL, "test.lua:4: a column has no length: a strategy sees the bars up to now");
  fails("local n = #bars.close", "", NULL, "test.lua:4: a column has no length: a strategy sees the bars up to now");
  fails(NULL, "for k, x in pairs(self.bars.close) do end", NULL, "test.lua:4: a column cannot be walked: read it as x[0], x[1]");
  fails(NULL, "for k, x in ipairs(self.bars.close) do end", NULL, "test.lua:4: a column cannot be walked: read it as x[0], x[1]");
  fails(NULL, "local k, x = next(self.bars.close)", NULL, "test.lua:4: a column cannot be walked: read it as x[0], x[1]");
  fails(NULL, "local x = rawget(self.bars.close, 0)", NULL, "test.lua:4: a column cannot be walked: read it as x[0], x[1]");
  fails(NULL, "local x = table.concat(self.bars.close)", NULL, "test.lua:4: table.concat takes a list, not a column");
  fails(NULL, "local x = table.unpack(self.bars.close, 1, 2)", NULL, "test.lua:4: table.unpack takes a list, not a column");
  fails(NULL, "local x = unpack(self.bars.close)", NULL, "test.lua:4: unpack takes a list, not a column");
  fails(NULL, "local x = self.bars.close()", NULL, "test.lua:4: a column is not a function; read it as x[0]");
}

static void a_column_cannot_be_written(void **state) {
  (void)state;
  fails(NULL, "self.bars.close[0] = 5", NULL, "test.lua:4: a column is read-only");
  fails(NULL, "self.bars.close.x = 5", NULL, "test.lua:4: a column is read-only");
  fails("bars.close[0] = 5", "", NULL, "test.lua:4: a column is read-only");
  fails(NULL, "table.insert(self.bars.close, 5)", NULL, "test.lua:4: table.insert takes a list, not a column");
  fails(NULL, "setmetatable(self.bars.close, {})", NULL, "test.lua:4: setmetatable takes a table, not a column");
}

/* What a field holds already is as safe as what it does not. */
static void bars_cannot_be_written(void **state) {
  (void)state;
  fails(NULL, "self.bars.close = 1", NULL, "test.lua:4: bars is read-only (field 'close')");
  fails(NULL, "self.bars.pip = 1", NULL, "test.lua:4: bars is read-only (field 'pip')");
  fails(NULL, "local x = self.bars.close[0] self.bars.at = nil", NULL, "test.lua:4: bars is read-only (field 'at')");
  fails("bars.close = 1", "", NULL, "test.lua:4: bars is read-only (field 'close')");
  fails("local t = bars.time bars.time = t", "", NULL, "test.lua:4: bars is read-only (field 'time')");
  fails("bars[1] = 1", "", NULL, "test.lua:4: bars is read-only (field 'number')");
}

/* Lua 5.4 keeps x[0] in the column's table once it has been read, and a table can then be assigned to without being asked. */
static void a_column_that_has_been_read_cannot_be_written_either(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 50, 1);
  char *text = desk_text("", "self.n = 0", "self.n = self.n + 1\nlocal x = self.bars.close[0]\nif self.n == 5 then self.bars.close[0] = x + 1 end", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    assert_int_equal(desk_job(&r, 0)->state, SLD_JOB_FAILED);
    assert_non_null(strstr(desk_job(&r, 0)->error->message, "a column is read-only"));
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

static void columns_are_compared_by_name(void **state) {
  (void)state;
  const char *want = "test.lua:4: columns cannot be compared by < > <= >=: write a:gt(b), a:lt(b), or compare values as in a[0] > b[0]";
  fails("local x = bars.close > bars.open", "", NULL, want);
  fails("local x = bars.close > 1", "", NULL, want);
  fails("local x = 1 <= bars.close", "", NULL, want);
  fails(NULL, "if self.bars.close >= self.bars.open then broker:target(1) end", NULL, want);
}

static void shifts_look_back(void **state) {
  (void)state;
  fails("local x = bars.close:shift(-1)", "", NULL, "test.lua:4: shift looks back only: its distance must be 0 or more");
  fails("local x = sliders.shift(bars.close, -1)", "", NULL, "test.lua:4: shift looks back only: its distance must be 0 or more");
  fails("local x = bars.close:shift(0.5)", "", NULL, "test.lua:4: shift's distance must be a whole number, not 0.5");
  fails("local x = bars.close:shift(0/0)", "", NULL, "test.lua:4: shift's distance must be a whole number, not nan");
}

static void columns_are_made_in_init_and_signal_only(void **state) {
  (void)state;
  fails(NULL, "local x = sliders.sma(self.bars.close, 3)", NULL, "test.lua:4: sliders.sma makes a column: call it in init or signal, not in bar");
  fails(NULL, "local x = self.bars.close:sma(3)", NULL, "test.lua:4: sliders.sma makes a column: call it in init or signal, not in bar");
  fails(NULL, "local x = self.bars.close + 1", NULL, "test.lua:4: arithmetic on columns (+) belongs in init or signal, not in bar; read values as x[0]");
  fails(NULL, "local x = self.bars.volume", NULL, "test.lua:4: bars.volume must first be named in init");
}

/* A reader of k bars back sees what the bars' own columns say, on every bar. */
static void what_is_read_is_what_was(void **state) {
  (void)state;
  desk d = desk_open(1);
  desk_add(&d, "EURUSD", 1.1, 300, 3);
  char *text = desk_text("warmup = 0", "self.seen, self.shifted = {}, bars.close:shift(7)",
    "local close, n = self.bars.close, #self.seen\n"
    "self.seen[n + 1] = close[0]\n"
    "for k = 0, n do assert(close[k] == self.seen[n + 1 - k]) end\n"
    "assert(n < 7 and self.shifted[0] ~= self.shifted[0] or self.shifted[0] == close[7])\n"
    "assert(not pcall(function() return close[n + 1] end))\n"
    "assert(not pcall(function() return close[-1] end))", NULL);
  IN_BOTH(vm) {
    desk_run r = desk_start(&d, vm, text, NULL);
    desk_done(&r, 0);
    desk_end(&r);
  }
  free(text);
  desk_close(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_negative_index_is_the_future),
    cmocka_unit_test(an_index_is_a_whole_number),
    cmocka_unit_test(names_of_the_engine_are_no_fields),
    cmocka_unit_test(nothing_lies_before_the_first_bar),
    cmocka_unit_test(init_and_signal_have_no_bar_yet),
    cmocka_unit_test(a_column_is_not_a_list),
    cmocka_unit_test(a_column_cannot_be_written),
    cmocka_unit_test(bars_cannot_be_written),
    cmocka_unit_test(a_column_that_has_been_read_cannot_be_written_either),
    cmocka_unit_test(columns_are_compared_by_name),
    cmocka_unit_test(shifts_look_back),
    cmocka_unit_test(columns_are_made_in_init_and_signal_only),
    cmocka_unit_test(what_is_read_is_what_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
