#ifndef BENCHMARKS_CCOUNTERS_H
#define BENCHMARKS_CCOUNTERS_H
#include <stdint.h>

// Linked into a program, this target takes the place of malloc and of the calls libcurl makes on sockets, for the whole
// process, libraries too: it counts, and passes on. A count is the same on every run; seconds never are.

struct ccounters {
  /// Calls of malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign.
  uint64_t allocations;
  /// Bytes that they asked for.
  uint64_t allocated_bytes;
  /// Calls of send, recv and poll.
  uint64_t socket_calls;
};

/// What was counted since the process began, in all threads.
void ccounters_read(struct ccounters *_Nonnull counters);
#endif
