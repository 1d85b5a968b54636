/* Keeps a virtual machine's host from taking memory back while it is measured on.
 *
 * usage: hold-memory [SPARED]
 *
 * A host that asks for it (free page reporting of virtio_balloon) gets freed memory back, some seconds after it was freed, in
 * blocks of 2 MiB. Whoever touches such a block next waits until the host has found and cleared one: four to eight
 * milliseconds instead of half a one, at random, in the CPU time of a program that can do nothing for it.
 *
 * This touches all available memory but SPARED bytes (1 GiB), so that it is there, and gives it back but for a page here and there:
 * what is left free are blocks that are too small to report. It then says so and waits until it is ended, or its parent has.
 *
 * As root it tells the kernel to report blocks of 4 MiB only, until it ends, and keeps a page of each of those, so that others
 * still get huge pages. Otherwise it keeps one of every 2 MiB, and there are none. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { PAGE = 4096, HUGE = 2 << 20 };

/* Which blocks are reported: of 2^order pages. Set for the whole machine. */
static const char order_file[] = "/sys/module/page_reporting/parameters/page_reporting_order";
static int old_order = -1;

static int read_order(void) {
    int order = -1;
    FILE *file = fopen(order_file, "r");
    if (!file) return -1;
    if (fscanf(file, "%d", &order) != 1) order = -1;
    fclose(file);
    return order;
}

static int write_order(int order) {
    FILE *file = fopen(order_file, "w");
    if (!file) return -1;
    fprintf(file, "%d", order);
    return fclose(file) == 0 && read_order() == order ? 0 : -1;
}

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
    unsigned long long spared = count == 2 ? strtoull(arguments[1], &end, 10) : 1ULL << 30;
    if (count > 2 || *end) {
        fputs("usage: hold-memory [SPARED]\n", stderr);
        return 64;
    }
    /* Taken by sigwait, so that the order is set back however this ends, but by SIGKILL. */
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    unsigned long long block = HUGE;
    int order = read_order();
    if (order == 9 && write_order(10) == 0) {
        old_order = order;
        block = 2 * HUGE;
    }
    unsigned long long all = available();
    unsigned long long wanted = all > spared ? (all - spared) / block * block : 0;
    if (wanted > 0) {
        unsigned char *memory =
            mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED || madvise(memory, wanted, MADV_NOHUGEPAGE) != 0) {
            fprintf(stderr, "hold-memory: %s\n", strerror(errno));
            return 71;
        }
        /* Pages that are touched one after the other mostly lie one after the other. */
        for (unsigned long long offset = 0; offset < wanted; offset += PAGE) memory[offset] = 1;
        for (unsigned long long offset = 0; offset < wanted; offset += block)
            madvise(memory + offset + PAGE, block - PAGE, MADV_DONTNEED);
    }
    printf("holding %llu of %llu MiB%s\n", wanted / block * PAGE >> 20, wanted >> 20,
           old_order >= 0 ? ", blocks below 4 MiB are not reported" : ", without huge pages");
    fflush(stdout);
    int number;
    while (sigwait(&ends, &number) != 0) {}
    if (old_order >= 0) write_order(old_order);
    return 0;
}
