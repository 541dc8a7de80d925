/* Did-you-mean finds slips of the fingers and stays silent otherwise. */
#include <sliders.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static const char *const words[] = { "close", "open", "high", "low", "volume", "EURUSD", "GBPUSD" };
enum { WORDS = sizeof words / sizeof *words };

static void expect(const char *word, const char *wanted) {
  const char *found = sld_suggest(word, words, WORDS);
  if (!wanted) assert_null(found);
  else assert_string_equal(found, wanted);
}

static void a_slip_finds_its_word(void **state) {
  (void)state;
  expect("clsoe", "close"); /* swapped */
  expect("colume", "volume"); /* changed */
  expect("hgh", "high"); /* left out */
  expect("oppen", "open"); /* inserted */
  expect("eurusd", "EURUSD"); /* case */
  expect("GBUPSD", "GBPUSD");
}

static void what_is_far_from_all_finds_nothing(void **state) {
  (void)state;
  expect("momentum", NULL);
  expect("xy", NULL);
  expect("", NULL);
}

static void a_third_of_the_letters_is_the_limit(void **state) {
  (void)state;
  expect("vXlXme", "volume"); /* two of six */
  expect("vXlXmX", NULL);
}

static void of_two_as_near_the_first_is_taken(void **state) {
  (void)state;
  const char *const pair[] = { "slow", "flow" };
  assert_string_equal(sld_suggest("blow", pair, 2), "slow");
}

static void overlong_words_find_nothing(void **state) {
  (void)state;
  char word[200];
  memset(word, 'a', sizeof word - 1);
  word[sizeof word - 1] = '\0';
  const char *const same[] = { word };
  assert_null(sld_suggest(word, same, 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_slip_finds_its_word),
    cmocka_unit_test(what_is_far_from_all_finds_nothing),
    cmocka_unit_test(a_third_of_the_letters_is_the_limit),
    cmocka_unit_test(of_two_as_near_the_first_is_taken),
    cmocka_unit_test(overlong_words_find_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
