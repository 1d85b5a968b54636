#define _GNU_SOURCE
#include "CLoopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 256 * 1024 };

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"0\"\r\n\r\n";
static uint64_t requests, connections;

uint64_t cloopback_requests(void) { return __atomic_load_n(&requests, __ATOMIC_RELAXED); }

uint64_t cloopback_connections(void) { return __atomic_load_n(&connections, __ATOMIC_RELAXED); }

static int write_all(int socket, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t count = write(socket, bytes, size);
    if (count <= 0) return -1;
    bytes += count;
    size -= (size_t)count;
  }
  return 0;
}

/// The value of Content-Length in a head that ends in an empty line; 0 without one.
static uint64_t body_size(const char *head) {
  const char *field = strcasestr(head, "\r\ncontent-length:");
  return field == NULL ? 0 : strtoull(field + sizeof("\r\ncontent-length:") - 1, NULL, 10);
}

static void *serve(void *argument) {
  int socket = (int)(intptr_t)argument;
  char *buffer = malloc(BUFFER_SIZE + 1);
  size_t filled = 0;
  while (buffer != NULL) {
    buffer[filled] = 0;
    char *end = strstr(buffer, "\r\n\r\n");
    if (end == NULL) {
      ssize_t count = filled < BUFFER_SIZE ? read(socket, buffer + filled, BUFFER_SIZE - filled) : 0;
      if (count <= 0) break;
      filled += (size_t)count;
      continue;
    }
    end[2] = 0;
    uint64_t body = body_size(buffer);
    size_t head = (size_t)(end - buffer) + 4;
    size_t here = filled - head < body ? filled - head : (size_t)body;
    body -= here;
    filled -= head + here;
    memmove(buffer, buffer + head + here, filled);
    while (body > 0) {
      ssize_t count = read(socket, buffer, body < BUFFER_SIZE ? (size_t)body : BUFFER_SIZE);
      if (count <= 0) break;
      body -= (uint64_t)count;
    }
    // Counted first: whoever has the answer finds the request counted.
    __atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
    if (body > 0 || write_all(socket, answer, sizeof(answer) - 1) != 0) break;
  }
  free(buffer);
  close(socket);
  return NULL;
}

static void *accept_all(void *argument) {
  int listener = (int)(intptr_t)argument;
  for (;;) {
    int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (socket < 0) continue;
    __atomic_fetch_add(&connections, 1, __ATOMIC_RELAXED);
    int one = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)socket) == 0)
      pthread_detach(thread);
    else
      close(socket);
  }
}

uint16_t cloopback_start(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof(address);
  pthread_t thread;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1024) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
      pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)listener) != 0)
    return 0;
  pthread_detach(thread);
  return ntohs(address.sin_port);
}
