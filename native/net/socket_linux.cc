#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cstddef>

#include "socket.h"

namespace millrace::net {

int openSocket(int family) {
  const int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

int acceptSocket(int listener, sockaddr_storage* peer) {
  socklen_t length = sizeof *peer;
  peer->ss_family = AF_UNSPEC;
  const int fd = accept4(listener, reinterpret_cast<sockaddr*>(peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

void setKeepalive(int fd, uint32_t seconds) {
  const int on = seconds > 0;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (!on) return;
  const int idle = static_cast<int>(seconds);
  const int interval = std::max(idle / 3, 1);
  const int probes = 3;
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

void setKeepaliveIdle(int fd, uint32_t seconds) {
  const int idle = static_cast<int>(seconds);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
}

uint32_t unansweredProbes(int fd) {
  // The system copies no more than fits, and this is among the first fields.
  tcp_info info{};
  socklen_t length = offsetof(tcp_info, tcpi_rto);
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_probes : 0;
}

bool peerHasLeft(int fd) {
  pollfd state{fd, POLLRDHUP, 0};
  return poll(&state, 1, 0) > 0;
}

ssize_t sendBytes(int fd, const void* bytes, size_t count) { return send(fd, bytes, count, MSG_NOSIGNAL); }

ssize_t sendParts(int fd, iovec* parts, int count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = static_cast<size_t>(count);
  return sendmsg(fd, &message, MSG_NOSIGNAL);
}

}  // namespace millrace::net
