// No accept4(2), no flags for socket(2), no MSG_NOSIGNAL here: the same is said with more calls.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "socket.h"

namespace millrace::net {
namespace {

int prepare(int fd) {
  const int on = 1;
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
      setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) == 0) {
    return fd;
  }
  const int reason = errno;
  close(fd);
  return -reason;
}

}  // namespace

int openSocket(int family) {
  const int fd = socket(family, SOCK_STREAM, 0);
  return fd < 0 ? -errno : prepare(fd);
}

int acceptSocket(int listener, sockaddr_storage* peer) {
  socklen_t length = sizeof *peer;
  peer->ss_family = AF_UNSPEC;
  const int fd = accept(listener, reinterpret_cast<sockaddr*>(peer), &length);
  return fd < 0 ? -errno : prepare(fd);
}

void setKeepalive(int fd, uint32_t seconds) {
  const int on = seconds > 0;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (!on) return;
  const int idle = static_cast<int>(seconds);
  const int interval = std::max(idle / 3, 1);
  const int probes = 3;
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPALIVE, &idle, sizeof idle);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

// The times that setKeepalive() gave stay as they are.
void setKeepaliveIdle(int, uint32_t) {}
uint32_t unansweredProbes(int) { return 0; }

// poll(2) tells the end of what the peer sends as a hang-up.
bool peerHasLeft(int fd) {
  pollfd state{fd, 0, 0};
  return poll(&state, 1, 0) > 0;
}

ssize_t sendBytes(int fd, const void* bytes, size_t count) { return send(fd, bytes, count, 0); }

ssize_t sendParts(int fd, iovec* parts, int count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  return sendmsg(fd, &message, 0);
}

}  // namespace millrace::net
