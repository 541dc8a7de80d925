/* Calls on the pool with memory running out at the k-th request: an error, no leak, and whoever waits is answered. */
#include "counting.h"
#include "engine_desk.h"

/* Packets by hand, in the form of core/vm/lua/packet_inside.h: lists of one value. Arguments have a byte before: the function gets all of them. */
#define SOURCE(text) "\1\6" text
#define ALL "\0"
#define STRING(text) "\1\5" text

enum { CALLS = 3 };

static sld_status call_all(sld_work *work, sld_error *err) {
  /* Its length is the byte behind the tag. */
  static const char code[] = SOURCE("\135" "local x = ... if x == 'bad' then error({ x }) end return { x, x .. x, { 1, 2, 3.5 }, print } ");
  static const char one[] = ALL STRING("\3" "one"), bad[] = ALL STRING("\3" "bad"), two[] = ALL STRING("\3" "two");
  const sld_bytes args[CALLS] = { { one, sizeof one - 1 }, { bad, sizeof bad - 1 }, { two, sizeof two - 1 } };
  const sld_calls calls = { { code, sizeof code - 1 }, args, CALLS };
  static const sld_call_state want[CALLS] = { SLD_CALL_DONE, SLD_CALL_FAILED, SLD_CALL_DONE };
  sld_tasks *tasks;
  sld_status status = sld_tasks_start(&tasks, work, &calls, err);
  if (status != SLD_OK) return status;
  assert_true(sld_tasks_wait(tasks, -1));
  for (size_t i = 0; i < CALLS && status == SLD_OK; i++) {
    const sld_answer *answer = sld_tasks_answer(tasks, i);
    assert_non_null(answer);
    if (answer->state == want[i] && (!answer->error || answer->error->status != SLD_ENOMEM)) continue;
    assert_int_equal(answer->state, SLD_CALL_FAILED);
    *err = *answer->error;
    status = err->status;
  }
  sld_tasks_free(tasks);
  return status;
}

/* From open to close. Returns whether all went well. */
static bool whole_life(counter *c, const char *vm) {
  sld_host *host = NULL;
  sld_work *work = NULL;
  sld_error err = { .status = SLD_OK };
  sld_host_options options = SLD_HOST_OPTIONS_INIT;
  sld_work_options how = SLD_WORK_OPTIONS_INIT;
  options.workers = 1;
  options.allocator = (sld_allocator){ count, c };
  how.vm = vm;
  sld_status status = sld_host_open(&host, &options, &err);
  if (status == SLD_OK) status = sld_work_open(&work, host, &how, &err);
  for (int i = 0; i < 2 && status == SLD_OK; i++) status = call_all(work, &err);
  assert_int_equal(sld_work_close(work, NULL), SLD_OK);
  if (status != SLD_OK && (status != SLD_ENOMEM || err.status != SLD_ENOMEM)) {
    print_error("%s, request %zu: %s: %s\n", vm, c->refuse, sld_status_name(status), desk_words(&err));
    fail();
  }
  assert_int_equal(sld_host_close(host, NULL), SLD_OK);
  if (c->blocks) print_error("%s, request %zu: %zu blocks are left\n", vm, c->refuse, c->blocks);
  assert_int_equal(c->blocks, 0);
  return status == SLD_OK;
}

static void memory_may_run_out_at_any_request_of_calls(void **state) {
  (void)state;
  IN_BOTH(vm) {
    counter c = { .requests = 0 };
    pthread_mutex_init(&c.lock, NULL);
    c.refuse = (size_t)-1;
    assert_true(whole_life(&c, vm));
    size_t all = c.requests;
    assert_true(all > 200);
    for (size_t k = 1; k <= all; k += k < 100 || k + 200 > all ? 1 : 7 + all / 400) {
      c.requests = 0;
      c.refuse = k;
      whole_life(&c, vm);
    }
    pthread_mutex_destroy(&c.lock);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(memory_may_run_out_at_any_request_of_calls),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
