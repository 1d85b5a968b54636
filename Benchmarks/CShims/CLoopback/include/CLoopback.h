#ifndef BENCHMARKS_CLOOPBACK_H
#define BENCHMARKS_CLOOPBACK_H
#include <stdint.h>

// A web server on loopback in threads of its own, a connection each. Every request gets the answer 200 with an empty body, and
// what it brings along is read and forgotten. It allocates nothing after a connection has begun, and reads and writes by other
// calls than those that CCounters counts: what is counted is the client's alone.

/// Starts a server, which lives as long as the process. Returns its port; 0 if there is none.
uint16_t cloopback_start(void);
/// Requests that were answered since the process began.
uint64_t cloopback_requests(void);
/// Connections that were accepted since the process began.
uint64_t cloopback_connections(void);
#endif
