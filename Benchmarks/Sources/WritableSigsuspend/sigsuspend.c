/* Preloaded into a Swift program that runs under valgrind: valgrind 3.19 writes into the mask that sigsuspend(2) is given, and
 * libdispatch's lies in read-only memory, so valgrind crashes. Here it gets a copy. */
#define _GNU_SOURCE
#include "WritableSigsuspend.h"
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, 8);
}
