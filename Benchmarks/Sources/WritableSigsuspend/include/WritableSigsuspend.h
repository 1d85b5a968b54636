#ifndef BENCHMARKS_WRITABLE_SIGSUSPEND_H
#define BENCHMARKS_WRITABLE_SIGSUSPEND_H
#include <signal.h>
int sigsuspend(const sigset_t *mask);
#endif
