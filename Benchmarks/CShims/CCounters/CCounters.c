#define _GNU_SOURCE
#include "CCounters.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// glibc's own names of its allocator: what is defined here calls them, so nothing has to be looked up while the process
// starts. free stays glibc's.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// One cache line each: threads that allocate do not slow down those that use sockets.
static _Alignas(64) uint64_t allocations;
static uint64_t allocated_bytes;
static _Alignas(64) uint64_t socket_calls;

static void count(size_t bytes) {
  __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&allocated_bytes, bytes, __ATOMIC_RELAXED);
}

void ccounters_read(struct ccounters *counters) {
  counters->allocations = __atomic_load_n(&allocations, __ATOMIC_RELAXED);
  counters->allocated_bytes = __atomic_load_n(&allocated_bytes, __ATOMIC_RELAXED);
  counters->socket_calls = __atomic_load_n(&socket_calls, __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
  count(size);
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  count(items * size);
  return __libc_calloc(items, size);
}

void *realloc(void *memory, size_t size) {
  count(size);
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  count(size);
  void *made = __libc_memalign(alignment, size);
  if (made == NULL) return ENOMEM;
  *memory = made;
  return 0;
}

ssize_t send(int socket, const void *bytes, size_t size, int flags) {
  __atomic_fetch_add(&socket_calls, 1, __ATOMIC_RELAXED);
  return syscall(SYS_sendto, socket, bytes, size, flags, NULL, 0);
}

ssize_t recv(int socket, void *bytes, size_t size, int flags) {
  __atomic_fetch_add(&socket_calls, 1, __ATOMIC_RELAXED);
  return syscall(SYS_recvfrom, socket, bytes, size, flags, NULL, NULL);
}

int poll(struct pollfd *entries, nfds_t count, int milliseconds) {
  __atomic_fetch_add(&socket_calls, 1, __ATOMIC_RELAXED);
  struct timespec wait = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
  return (int)syscall(SYS_ppoll, entries, count, milliseconds < 0 ? NULL : &wait, NULL, 0);
}
