/* Starting, hearing and ending the process of a cell. */
#include "engine/cell.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"

void sld__cell_init(sld__cell *cell, const sld_allocator *alloc, atomic_int *stop) {
  *cell = (sld__cell){ .there = true, .stop = stop, .deadline = INT64_MAX };
  pthread_mutex_init(&cell->lock, NULL); /* this can't fail on Linux */
  sld__buffer_init(&cell->bytes, alloc);
}

void sld__cell_kill(sld__cell *cell) {
  if (!cell->there) return;
  pthread_mutex_lock(&cell->lock);
  if (cell->child.there) sld__os_child_kill(&cell->child);
  pthread_mutex_unlock(&cell->lock);
}

/* The process, which is to end by itself or was killed, ends. */
static struct sld__end end_child(sld__cell *cell) {
  struct sld__end how;
  pthread_mutex_lock(&cell->lock);
  sld__os_child_end(&cell->child, &how);
  pthread_mutex_unlock(&cell->lock);
  return how;
}

void sld__cell_drop(sld__cell *cell) {
  if (!cell->child.there) return;
  sld__cell_kill(cell);
  end_child(cell);
}

void sld__cell_fini(sld__cell *cell) {
  if (!cell->there) return;
  sld__cell_drop(cell);
  sld__buffer_fini(&cell->bytes);
  pthread_mutex_destroy(&cell->lock);
}

static int stop_of(const sld__cell *cell) {
  return atomic_load_explicit(cell->stop, memory_order_relaxed); /* partner: sld__launch_cancel, whose kill comes behind it */
}

sld_status sld__cell_start(sld__cell *cell, const char *program, int memory, sld_error *err) {
  struct sld__child child;
  sld_status status = sld__os_child_start(&child, program, memory, err);
  if (status != SLD_OK) return status;
  pthread_mutex_lock(&cell->lock);
  cell->child = child;
  pthread_mutex_unlock(&cell->lock);
  if (stop_of(cell) != SLD__GO) sld__cell_kill(cell); /* cancelled before there was something to end */
  return SLD_OK;
}

static int64_t sum(int64_t a, int64_t b) {
  return a > INT64_MAX - b ? INT64_MAX : a + b;
}

void sld__cell_allow(sld__cell *cell, int64_t limit_ns, int64_t grace_ns) {
  cell->deadline = sum(sum(sld__os_now_ns(), limit_ns), grace_ns);
}

/* ---- What went wrong -------------------------------------------------------------------------------------------- */

sld_status sld__cell_breach(sld__cell *cell, const char *why, sld_error *err) {
  sld__cell_drop(cell);
  return sld__fail(err, SLD_ECRASH, "its process said what it cannot: %s; it was ended", why);
}

static sld_status overdue(sld__cell *cell, sld_error *err) {
  sld__cell_drop(cell);
  return sld__fail(err, SLD_ELIMIT, "%s and did not heed it: its process was ended", cell->late);
}

/* The socket has ended before its time. */
sld_status sld__cell_died(sld__cell *cell, sld_error *err) {
  enum { PATIENCE_MS = 2000 };
  char name[16];
  if (stop_of(cell) == SLD__STOP_CANCELLED) {
    sld__cell_drop(cell);
    return sld__fail(err, SLD_ECANCELED, "cancelled");
  }
  if (!sld__os_child_ends(&cell->child, PATIENCE_MS)) return sld__cell_breach(cell, "it closed its socket", err);
  struct sld__end how = end_child(cell);
  if (!how.known) return sld__fail(err, SLD_ECRASH, "its process ended, and how is not known: this program ignores SIGCHLD, or waits for every child itself");
  const char *from = how.signal == SIGKILL ? ": from outside, or by the system for want of memory" : "";
  if (how.signal) return sld__fail(err, SLD_ECRASH, "its process was ended by %s%s", sld__os_signal_name(how.signal, name), from);
  return sld__fail(err, SLD_ECRASH, "its process exited with status %d", how.status);
}

/* ---- Frames ----------------------------------------------------------------------------------------------------- */

static int wait_ms(const sld__cell *cell) {
  if (cell->deadline == INT64_MAX) return -1;
  int64_t left = (cell->deadline - sld__os_now_ns() + 999999) / 1000000;
  return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Takes up to `size` bytes, at least one. */
static sld_status take_some(sld__cell *cell, void *bytes, size_t size, size_t *taken, sld_error *err) {
  int64_t got = sld__os_socket_take(cell->child.socket, bytes, size, wait_ms(cell));
  if (got < 0) return overdue(cell, err);
  if (got == 0) return sld__cell_died(cell, err);
  *taken = (size_t)got;
  return SLD_OK;
}

sld_status sld__cell_take(sld__cell *cell, void *bytes, size_t size, sld_error *err) {
  sld_status status = SLD_OK;
  for (size_t done = 0, taken = 0; done < size && status == SLD_OK; done += taken) status = take_some(cell, (char *)bytes + done, size - done, &taken, err);
  return status;
}

sld_status sld__cell_take_bytes(sld__cell *cell, uint64_t size, sld_error *err) {
  const size_t step = (size_t)1 << 20;
  sld_status status = SLD_OK;
  sld__buffer_reset(&cell->bytes);
  while (cell->bytes.size < size && status == SLD_OK) {
    uint64_t left = size - cell->bytes.size;
    size_t taken = 0, want = left < step ? (size_t)left : step;
    char *at = sld__buffer_reserve(&cell->bytes, want);
    if (!at) {
      sld__cell_drop(cell);
      return sld__fail_memory(err);
    }
    status = take_some(cell, at, want, &taken, err);
    cell->bytes.size += taken;
  }
  return status;
}

sld_status sld__cell_take_head(sld__cell *cell, sld__frame_head *head, sld_error *err) {
  sld_status status = sld__cell_take(cell, head, sizeof *head, err);
  return status == SLD_OK && head->magic != SLD__FRAME_MAGIC ? sld__cell_breach(cell, "no frame", err) : status;
}

sld_status sld__cell_take_fault(sld__cell *cell, const char *program, sld_error *err) {
  sld__frame_fault fault;
  sld_status status = sld__cell_take(cell, &fault, sizeof fault, err);
  if (status != SLD_OK) return status;
  sld__cell_drop(cell);
  fault.message[sizeof fault.message - 1] = '\0';
  return sld__fail_at(err, SLD_EVM, program, 0, 0, "its process could not begin: %s", fault.message);
}
