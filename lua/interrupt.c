/* Ctrl-C (SIGINT) for the command alone: a library leaves its host's signals as they are.
 *
 * Unless it is held, SIGINT ends the process at once with status 130. Nothing is then half done: files appear whole or not at all. While it is held it
 * waits in a descriptor, where the command finds it between two looks at its run. Workers have it blocked at all times, so it goes to the main thread. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "handle.h"

static void end_at_once(int signal) {
  static const char words[] = "sliders: interrupted\n";
  (void)signal;
  ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
  (void)written; /* there is nobody left to tell */
  _exit(130);
}

static void only_interrupts(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGINT);
}

int answer_interrupts(lua_State *L) {
  (void)L;
  struct sigaction action = {.sa_handler = end_at_once};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  return 0;
}

/* What is held; -1 once it is not. */
typedef struct held {
  int descriptor;
} held;

/* core.hold_interrupts() -> held: SIGINT waits until held:release(). At most one at a time. Where the system has no such descriptor nothing is held. */
int hold_interrupts(lua_State *L) {
  sigset_t set;
  held *h = lua_newuserdata(L, sizeof *h);
  only_interrupts(&set);
  h->descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  luaL_getmetatable(L, HELD_TYPE);
  lua_setmetatable(L, -2);
  if (h->descriptor >= 0) pthread_sigmask(SIG_BLOCK, &set, NULL);
  return 1;
}

/* Takes what waits in the descriptor, which never makes one wait. */
static bool take(int descriptor) {
  struct signalfd_siginfo info;
  ssize_t size;
  do size = read(descriptor, &info, sizeof info);
  while (size < 0 && errno == EINTR);
  return size == (ssize_t)sizeof info;
}

/* held:caught() -> whether a SIGINT has come since the last look. */
static int caught(lua_State *L) {
  const held *h = luaL_checkudata(L, 1, HELD_TYPE);
  lua_pushboolean(L, h->descriptor >= 0 && take(h->descriptor));
  return 1;
}

/* held:release(): one that waits, or comes later, ends the process. A second call does nothing. */
static int release(lua_State *L) {
  held *h = luaL_checkudata(L, 1, HELD_TYPE);
  sigset_t set;
  if (h->descriptor < 0) return 0;
  close(h->descriptor);
  h->descriptor = -1;
  only_interrupts(&set);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  return 0;
}

static const luaL_Reg held_methods[] = {{"caught", caught}, {"release", release}, {NULL, NULL}};

void interrupt_define(lua_State *L) {
  luaL_newmetatable(L, HELD_TYPE);
  lua_newtable(L);
  functions_set(L, held_methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, release);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
