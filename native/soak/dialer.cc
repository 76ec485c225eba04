#include "dialer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "../net/socket.h"

namespace millrace::soak {
namespace {

constexpr uint32_t kLoopback = 127u << 24;
constexpr uint32_t kAddressesANet = 250;
// Lets the kernel choose a port at connect(), where all that differ in their peers may share one. Linux's number.
constexpr int kBindAddressNoPort = 24;

}  // namespace

Dialer::Dialer(const Plan& plan) : addresses_(std::max(plan.addresses, 1u)), port_(plan.port) {
  in_addr address{};
  valid_ = inet_pton(AF_INET, plan.host.c_str(), &address) == 1;
  host_ = address.s_addr;
  isLoopback_ = valid_ && ntohl(host_) >> 24 == 127;
}

// 127.0.1.1 … 127.0.1.250, 127.0.2.1 … One address is enough where only 127.0.0.1 exists, as on macOS.
bool Dialer::bindTo(int fd, uint32_t source) const {
  if (!isLoopback_ || addresses_ == 1) return true;
  const uint32_t index = source % addresses_;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(kLoopback + ((1 + index / kAddressesANet) << 8) + 1 + index % kAddressesANet);
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, kBindAddressNoPort, &on, sizeof on);
  return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

int Dialer::dial(uint32_t source) const {
  const int fd = net::openSocket(AF_INET);
  if (fd < 0) return fd;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = host_;
  if (bindTo(fd, source) &&
      (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EINPROGRESS)) {
    return fd;
  }
  const int reason = errno;
  close(fd);
  return -reason;
}

int Dialer::outcome(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

void Dialer::reset(int fd) {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(fd);
}

}  // namespace millrace::soak
