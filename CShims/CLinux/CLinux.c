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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
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

int clinux_rename_new_at(int directory, const char *from, const char *to) {
  return renameat2(directory, from, directory, to, RENAME_NOREPLACE);
}

int clinux_open_directory(const char *path) { return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); }

#ifndef SYS_cachestat
#define SYS_cachestat 451  // the same on all architectures that got it as a new call
#endif

int64_t clinux_cached_pages(int fd, off_t offset, off_t length) {
  struct {
    uint64_t offset, length;
  } range = {(uint64_t)offset, (uint64_t)length};
  struct {
    uint64_t cached, dirty, written, evicted, recently_evicted;
  } found;
  return syscall(SYS_cachestat, fd, &range, &found, 0) == 0 ? (int64_t)found.cached : -1;
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
  to->user = from->st_uid;
  to->group = from->st_gid;
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

static int name_socket(struct sockaddr_un *address, int directory, const char *name) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  int length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", directory, name);
  if (length > 0 && (size_t)length < sizeof address->sun_path) return 0;
  errno = ENAMETOOLONG;
  return -1;
}

int clinux_listen_local(int directory, const char *name) {
  struct sockaddr_un address;
  if (name_socket(&address, directory, name) != 0) return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  // unix(7): the socket's own mode becomes that of the name.
  if (fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0) {
    return fd;
  }
  int failure = errno;
  close(fd);
  errno = failure;
  return -1;
}

int clinux_connect_local(int directory, const char *name) {
  struct sockaddr_un address;
  if (name_socket(&address, directory, name) != 0) return -1;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int failure = errno;
  close(fd);
  errno = failure;
  return -1;
}

int clinux_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int clinux_peer_user(int socket, uint32_t *user) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
  *user = peer.uid;
  return 0;
}
