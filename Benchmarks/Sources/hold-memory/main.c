/* Keeps a virtual machine's host from taking memory back while it is measured on.
 *
 * usage: hold-memory [SPARED]
 *
 * A host that asks for it (free page reporting of virtio_balloon) gets freed memory back, some seconds after it was freed, in
 * blocks of 2 MiB. Whoever touches such a block next waits until the host has found and cleared one: four to eight
 * milliseconds instead of half a one, at random, in the CPU time of a program that can do nothing for it.
 *
 * This touches all available memory but SPARED bytes (2 GiB), so that it is there, and gives it back but for one page in
 * every 2 MiB: what is left free are blocks that are too small to report. It then says so and waits until it is ended, or its
 * parent has. It keeps a 512th of the memory, and the kernel without huge pages. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { PAGE = 4096, BLOCK = 2 << 20 };

static unsigned long long available(void) {
    FILE *file = fopen("/proc/meminfo", "r");
    if (!file) return 0;
    unsigned long long kibibytes = 0;
    char line[256];
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %llu kB", &kibibytes) == 1) break;
    fclose(file);
    return kibibytes << 10;
}

int main(int count, char **arguments) {
    char *end = "";
    unsigned long long spared = count == 2 ? strtoull(arguments[1], &end, 10) : 2ULL << 30;
    if (count > 2 || *end) {
        fputs("usage: hold-memory [SPARED]\n", stderr);
        return 64;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    unsigned long long all = available();
    unsigned long long wanted = all > spared ? (all - spared) / BLOCK * BLOCK : 0;
    if (wanted > 0) {
        unsigned char *memory =
            mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED || madvise(memory, wanted, MADV_NOHUGEPAGE) != 0) {
            fprintf(stderr, "hold-memory: %s\n", strerror(errno));
            return 71;
        }
        /* Pages that are touched one after the other mostly lie one after the other. */
        for (unsigned long long offset = 0; offset < wanted; offset += PAGE) memory[offset] = 1;
        for (unsigned long long offset = 0; offset < wanted; offset += BLOCK)
            madvise(memory + offset + PAGE, BLOCK - PAGE, MADV_DONTNEED);
    }
    printf("holding %llu of %llu MiB\n", wanted / BLOCK * PAGE >> 20, wanted >> 20);
    fflush(stdout);
    for (;;) pause();
}
