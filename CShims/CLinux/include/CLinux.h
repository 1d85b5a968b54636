#ifndef CLINUX_H
#define CLINUX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Glibc's module map hides what needs _GNU_SOURCE. Each function below returns
// 0 (or a count) or -1 with errno set, as the call it wraps does.

/// fallocate(2) with mode 0: reserves `length` bytes from the start of the file; on tmpfs, which would clear every
/// page now only to have it written again, it is only checked that there is room.
int clinux_allocate(int fd, off_t length);
/// sync_file_range(2) with SYNC_FILE_RANGE_WRITE: starts writing dirty pages, without waiting.
int clinux_start_writeback(int fd, off_t offset, off_t length);
/// syncfs(2): writes everything dirty of the file system that holds `fd`.
int clinux_sync_file_system(int fd);
/// renameat2(2) with RENAME_NOREPLACE: fails with EEXIST instead of replacing `to`.
int clinux_rename_new(const char *_Nonnull from, const char *_Nonnull to);
/// The same for two names in a directory that is open.
int clinux_rename_new_at(int directory, const char *_Nonnull from, const char *_Nonnull to);
/// open(2) with O_PATH: a directory by which its files are reached, and no more.
int clinux_open_directory(const char *_Nonnull path);
/// cachestat(2), Linux 6.5: how many pages of a stretch of the file are in the page cache.
int64_t clinux_cached_pages(int fd, off_t offset, off_t length);
/// ioprio_set(2): the idle I/O class for the calling thread. Linux 2.6.13.
int clinux_set_idle_io_priority(void);
/// pthread_setname_np(3) for the calling thread; at most 15 bytes of `name` are kept.
void clinux_name_thread(const char *_Nonnull name);
/// setpriority(2) for the calling thread alone (its id is a process id to Linux).
int clinux_set_thread_nice(int nice);
/// statx(2) of a path without following a symbolic link: what Swift's `stat` import gives, in plain integers.
struct clinux_file_status {
  uint64_t device, inode;
  int64_t size, mtime_ns;
  uint32_t mode, link_count, user, group;
};
int clinux_status_at(int directory, const char *_Nonnull name, int follow, struct clinux_file_status *_Nonnull status);
int clinux_status(int fd, struct clinux_file_status *_Nonnull status);
/// statvfs(3), whose name is a function and a type at once, which Swift cannot tell apart: bytes an unprivileged
/// process may still write.
int clinux_free_space(const char *_Nonnull path, int64_t *_Nonnull bytes);
/// mallopt(3) with M_ARENA_MAX, from a header that Glibc's module map lacks: how many heaps malloc keeps.
void clinux_limit_heaps(int count);
/// A listening socket (unix(7)) called `name` in an open directory: by `/proc/self/fd`, as a path may have 107 bytes only.
/// Its name is the owner's alone, and it never blocks.
int clinux_listen_local(int directory, const char *_Nonnull name);
/// A socket connected to the one called `name` in an open directory.
int clinux_connect_local(int directory, const char *_Nonnull name);
/// accept4(2): the next connection, which never blocks and is not inherited.
int clinux_accept(int socket);
/// getsockopt(2) with SO_PEERCRED: the effective user of who has connected.
int clinux_peer_user(int socket, uint32_t *_Nonnull user);
#endif
