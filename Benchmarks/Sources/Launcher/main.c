/* Runs a command and says what it took, as wait4(2) counts it.
 *
 * usage: Launcher FILE PROGRAM [ARGUMENT...]
 *
 * FILE gets one line: wait status, microseconds from start to end, of user and of system time, and kibibytes of the
 * largest process. Linux lets a new program begin with the peak memory of the process that started it, so whoever measures
 * small programs has to be small: this is, where the runner with its lists and threads is not.
 *
 * The command gets a process group of its own. It goes with this process, and this one with who started it: SIGTERM and
 * SIGINT are passed on to the group, and what is left of it after five seconds is killed. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile pid_t child;

static void pass_on(int signal) {
    if (child > 0) kill(-child, signal == SIGALRM ? SIGKILL : signal);
    alarm(5);
}

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

int main(int count, char **arguments) {
    if (count < 3) {
        fputs("usage: Launcher FILE PROGRAM [ARGUMENT...]\n", stderr);
        return 64;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    struct sigaction action = {.sa_handler = pass_on};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGALRM, &action, NULL);

    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t process = fork();
    if (process < 0) {
        perror("fork");
        return 71;
    }
    if (process == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execvp(arguments[2], arguments + 2);
        fprintf(stderr, "%s: %s\n", arguments[2], strerror(errno));
        _exit(127);
    }
    setpgid(process, process);
    child = process;
    int status;
    struct rusage usage;
    while (wait4(process, &status, 0, &usage) < 0) {
        if (errno != EINTR) {
            perror("wait4");
            return 71;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    long long wall = (end.tv_sec - start.tv_sec) * 1000000LL + (end.tv_nsec - start.tv_nsec) / 1000;

    FILE *file = fopen(arguments[1], "w");
    if (!file) {
        perror(arguments[1]);
        return 73;
    }
    fprintf(file, "%d %lld %lld %lld %ld\n", status, wall, microseconds(usage.ru_utime), microseconds(usage.ru_stime),
            usage.ru_maxrss);
    return fclose(file) == 0 ? 0 : 74;
}
