/* A sliders-worker that lies and dies. "fake:WORD" in the strategy's text says how, for the jobs of EURUSD; other jobs get a sound answer, "fine". */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "engine/image.h"
#include "engine/outcome.h"
#include "engine/wire.h"

enum { SOCKET = SLD__CHILD_SOCKET };

static sld__brief brief;
static const char *word;

static bool is(const char *name) {
  size_t length = strlen(name);
  return word && strncmp(word, name, length) == 0 && (word[length] == ' ' || word[length] == '\n');
}

static void send_bytes(const void *bytes, size_t size) {
  if (!sld__os_socket_send(SOCKET, bytes, size)) _exit(0);
}

static void send_head(uint32_t kind, uint64_t size) {
  const sld__frame_head head = { SLD__FRAME_MAGIC, kind, size };
  send_bytes(&head, sizeof head);
}

static void receive(void *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    int64_t taken = sld__os_socket_take(SOCKET, (char *)bytes + done, size - done, -1);
    if (taken <= 0) _exit(0);
    done += (size_t)taken;
  }
}

static void wait_for_ever(void) {
  for (;;) pause();
}

static void begin(const char *key) {
  char garbage[64], wrong[33];
  memset(garbage, 0xaa, sizeof garbage);
  memcpy(wrong, key, sizeof wrong);
  wrong[3] ^= 1;
  if (is("mute")) _exit(7);
  if (is("garbage")) send_bytes(garbage, sizeof garbage);
  if (is("early")) send_head(SLD__FRAME_OUTCOME, 8);
  if (is("fault")) {
    sld__frame_fault fault = { .status = 12345 };
    memset(fault.message, 'x', sizeof fault.message);
    fault.message[0] = '\033';
    send_head(SLD__FRAME_FAULT, sizeof fault);
    send_bytes(&fault, sizeof fault);
  }
  if (is("garbage") || is("early") || is("fault")) wait_for_ever();
  send_head(SLD__FRAME_READY, sizeof wrong);
  send_bytes(is("wrongkey") ? wrong : key, sizeof wrong);
}

static void die(void) {
  signal(SIGABRT, SIG_DFL); /* a sanitizer would exit in their place */
  signal(SIGSEGV, SIG_DFL);
  if (is("segfault")) raise(SIGSEGV);
  if (is("abort")) abort();
  if (is("killed")) raise(SIGKILL);
  if (is("exit")) _exit(3);
  if (is("close")) close(SOCKET);
  if (is("close") || is("silent")) wait_for_ever();
}

static void lie(void) {
  const uint64_t bar = SLD__STOP_BAR, nothing = 99;
  char zeros[4000] = { 0 };
  const sld__frame_head wrong = { 1, SLD__FRAME_OUTCOME, 8 };
  if (is("magic")) send_bytes(&wrong, sizeof wrong);
  if (is("unknown")) send_head(77, 0);
  if (is("huge")) send_head(SLD__FRAME_OUTCOME, UINT64_MAX);
  if (is("truncated")) {
    send_head(SLD__FRAME_OUTCOME, 4000);
    send_bytes(zeros, 100);
    _exit(0);
  }
  if (is("zeros")) {
    send_head(SLD__FRAME_OUTCOME, sizeof zeros);
    send_bytes(zeros, sizeof zeros);
  }
  if (is("empty")) send_head(SLD__FRAME_OUTCOME, 0);
  for (int i = 0; i < 2 && is("twice"); i++) {
    send_head(SLD__FRAME_OVER, sizeof bar);
    send_bytes(&bar, sizeof bar);
  }
  if (is("noreason")) {
    send_head(SLD__FRAME_OVER, sizeof nothing);
    send_bytes(&nothing, sizeof nothing);
  }
  if (is("stuck")) {
    send_head(SLD__FRAME_OVER, sizeof bar);
    send_bytes(&bar, sizeof bar);
  }
  wait_for_ever();
}

static void answer(const sld_allocator *alloc, const sld__frame_job *job) {
  sld__outcome out;
  sld_error err;
  struct sld__buffer bytes;
  sld__fail(&err, SLD_EVALUE, "fine");
  sld__outcome_init(&out, &brief.plan, (size_t)job->sleeve, (size_t)job->ordinal);
  sld__outcome_fail(alloc, &err, &out);
  out.figures = sld__alloc_zero(alloc, sld_figure_count(), sizeof *out.figures);
  sld__buffer_init(&bytes, alloc);
  sld__outcome_write(&bytes, &brief.plan, (size_t)job->sleeve, &out);
  send_head(SLD__FRAME_OUTCOME, bytes.size);
  send_bytes(bytes.data, bytes.size);
  sld__outcome_fini(alloc, &out);
  sld__buffer_fini(&bytes);
}

int main(int argc, char **argv) {
  sld_allocator alloc = sld__alloc_default();
  struct sld__map map;
  sld_error err;
  if (argc != 2 || !sld__os_jail_enter(strtoll(argv[1], NULL, 10))) return 1;
  if (sld__os_sealed_map(&map, SLD__CHILD_MEMORY, &err) != SLD_OK || sld__image_read(&brief, &map, &alloc, &err) != SLD_OK) return 1;
  word = strstr(brief.script.text, "fake:");
  if (word) word += strlen("fake:");
  begin(brief.plan.key);
  for (;;) {
    sld__frame_head head;
    sld__frame_job job;
    receive(&head, sizeof head);
    receive(&job, sizeof job);
    if (strcmp(brief.plan.sleeves[job.sleeve].series->info.instrument.pair, "EURUSD") == 0) {
      die();
      lie();
    }
    answer(&alloc, &job);
  }
}
