/* Which calls of the system a child may make once it runs what it does not trust: those that memory, threads, time, reading and its socket need. Any other
 * fails with EPERM, and what knows how to go on without it does. */
#include "base/os_filter.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__)) && !defined(SLD__SANITIZED) /* sanitizers make calls of their own */

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

static const int allowed[] = {
  /* its socket, and files that are open for reading */
  SYS_read, SYS_pread64, SYS_readv, SYS_recvfrom, SYS_sendto, SYS_write, SYS_close, SYS_lseek, SYS_fstat, SYS_newfstatat, SYS_ppoll,
  /* memory; LuaJIT makes what it has compiled executable */
  SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk,
  /* threads that are there, and their signals */
  SYS_futex, SYS_sched_yield, SYS_sched_getaffinity, SYS_gettid, SYS_getpid, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall,
  /* time, chance, the end */
  SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_getrandom, SYS_exit, SYS_exit_group,
#if defined(SYS_poll)
  SYS_poll, SYS_time, SYS_stat,
#endif
#if defined(SYS_rseq)
  SYS_rseq,
#endif
};

enum { ALLOWED = sizeof allowed / sizeof *allowed, MOST = 2 * ALLOWED + 32 };

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define LOW(i) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[i])) /* the lower half: both machines put it first */
#define IF(value, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), then, otherwise)
#define IF_ANY(bits, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)(bits), then, otherwise)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define DENY BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define END BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

bool sld__os_filter_calls(void) {
  const uint32_t writes = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  struct sock_filter code[MOST];
  unsigned short n = 0;
  const struct sock_filter head[] = {
    FIELD(arch), IF(ARCH, 1, 0), END, /* calls of another machine have other numbers */
    FIELD(nr),
    IF(SYS_openat, 0, 4), LOW(2), IF_ANY(writes, 0, 1), DENY, ALLOW,
    IF(SYS_tgkill, 0, 4), LOW(0), IF(getpid(), 0, 1), ALLOW, DENY, /* abort raises its signal so */
  };
  for (size_t i = 0; i < sizeof head / sizeof *head; i++) code[n++] = head[i];
  for (size_t i = 0; i < ALLOWED; i++) {
    code[n++] = (struct sock_filter)IF(allowed[i], 0, 1);
    code[n++] = (struct sock_filter)ALLOW;
  }
  code[n++] = (struct sock_filter)DENY;
  struct sock_fprog program = { n, code };
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

#else

bool sld__os_filter_calls(void) {
  return true;
}

#endif
