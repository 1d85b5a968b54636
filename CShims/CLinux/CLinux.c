#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/magic.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_allocate(int fd, off_t length) {
  struct statfs system;
  struct stat file;
  if (fstatfs(fd, &system) != 0 || system.f_type != TMPFS_MAGIC || fstat(fd, &file) != 0) {
    return fallocate(fd, 0, 0, length);
  }
  if (length <= file.st_blocks * 512 + (off_t)(system.f_bavail * (uint64_t)system.f_bsize)) return 0;
  errno = ENOSPC;
  return -1;
}

int clinux_start_writeback(int fd, off_t offset, off_t length) {
  return sync_file_range(fd, offset, length, SYNC_FILE_RANGE_WRITE);
}

int clinux_sync_file_system(int fd) { return syncfs(fd); }

int clinux_rename_new(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

// linux/ioprio.h is not shipped everywhere: who = process 0 is the calling thread, class 3 is idle.
int clinux_set_idle_io_priority(void) { return (int)syscall(SYS_ioprio_set, 1, 0, 3 << 13); }

void clinux_name_thread(const char *name) {
  char kept[16];
  snprintf(kept, sizeof kept, "%s", name);
  pthread_setname_np(pthread_self(), kept);
}

int clinux_set_thread_nice(int nice) { return setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), nice); }

static void fill(struct clinux_file_status *to, const struct stat *from) {
  to->device = from->st_dev;
  to->inode = from->st_ino;
  to->size = from->st_size;
  to->mtime_ns = (int64_t)from->st_mtim.tv_sec * 1000000000 + from->st_mtim.tv_nsec;
  to->mode = from->st_mode;
  to->link_count = (uint32_t)from->st_nlink;
}

int clinux_status_at(int directory, const char *name, int follow, struct clinux_file_status *status) {
  struct stat found;
  if (fstatat(directory, name, &found, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return -1;
  fill(status, &found);
  return 0;
}

int clinux_status(int fd, struct clinux_file_status *status) {
  struct stat found;
  if (fstat(fd, &found) != 0) return -1;
  fill(status, &found);
  return 0;
}

int clinux_free_space(const char *path, int64_t *bytes) {
  struct statvfs found;
  if (statvfs(path, &found) != 0) return -1;
  *bytes = (int64_t)found.f_bavail * (int64_t)found.f_frsize;
  return 0;
}

void clinux_limit_heaps(int count) { mallopt(M_ARENA_MAX, count); }
