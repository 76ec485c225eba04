#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

namespace millrace::net {
namespace {

int closeWith(int fd, int reason) {
  close(fd);
  return -reason;
}

int listenAt(const addrinfo& info, int backlog, uint32_t keepaliveSeconds) {
  const int fd = openSocket(info.ai_family);
  if (fd < 0) return fd;
  const int on = 1;
  if (info.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setKeepalive(fd, keepaliveSeconds);
  if (bind(fd, info.ai_addr, info.ai_addrlen) != 0 || listen(fd, backlog) != 0) return closeWith(fd, errno);
  return fd;
}

void removeStaleSocket(const char* path) {
  struct stat status;
  if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)) unlink(path);
}

}  // namespace

std::string Endpoint::address() const {
  char text[INET6_ADDRSTRLEN] = "";
  uint8_t bytes[16];
  memcpy(bytes, &high, 8);
  memcpy(bytes + 8, &low, 8);
  if (family == kIpv4) inet_ntop(AF_INET, bytes, text, sizeof text);
  if (family == kIpv6) inet_ntop(AF_INET6, bytes, text, sizeof text);
  return text;
}

bool Endpoint::isLoopback() const {
  uint8_t bytes[16];
  memcpy(bytes, &high, 8);
  memcpy(bytes + 8, &low, 8);
  if (family == kIpv4) return bytes[0] == 127;
  if (family != kIpv6) return true;
  static const uint8_t one[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return memcmp(bytes, one, 16) == 0 || (memcmp(bytes, mapped, 12) == 0 && bytes[12] == 127);
}

Endpoint toEndpoint(const sockaddr_storage& address) {
  Endpoint endpoint;
  if (address.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(address);
    memcpy(&endpoint.high, &ip.sin_addr, 4);
    endpoint.port = ntohs(ip.sin_port);
    endpoint.family = kIpv4;
  } else if (address.ss_family == AF_INET6) {
    const auto& ip = reinterpret_cast<const sockaddr_in6&>(address);
    memcpy(&endpoint.high, &ip.sin6_addr.s6_addr[0], 8);
    memcpy(&endpoint.low, &ip.sin6_addr.s6_addr[8], 8);
    endpoint.port = ntohs(ip.sin6_port);
    endpoint.family = kIpv6;
  } else {
    endpoint.family = kUnix;
  }
  return endpoint;
}

int listenTcp(const std::string& address, uint16_t port, int backlog, uint32_t keepaliveSeconds) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  const bool any4 = address == "*";
  const bool any6 = address == "::*";
  wanted.ai_family = any4 ? AF_INET : any6 ? AF_INET6 : AF_UNSPEC;
  addrinfo* found = nullptr;
  const char* const host = any4 || any6 ? nullptr : address.c_str();
  if (getaddrinfo(host, std::to_string(port).c_str(), &wanted, &found) != 0) return -EADDRNOTAVAIL;
  int fd = -EADDRNOTAVAIL;
  for (const addrinfo* info = found; info && fd < 0; info = info->ai_next) {
    fd = listenAt(*info, backlog, keepaliveSeconds);
  }
  freeaddrinfo(found);
  return fd;
}

int listenUnix(const std::string& path, uint32_t permissions, int backlog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return -EINVAL;
  if (path.size() >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = openSocket(AF_UNIX);
  if (fd < 0) return fd;
  removeStaleSocket(path.c_str());
  // Nobody can connect between bind and listen, so the permissions are in force before the first client.
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return closeWith(fd, errno);
  if (permissions != 0 && chmod(path.c_str(), permissions) != 0) return closeWith(fd, errno);
  if (listen(fd, backlog) != 0) return closeWith(fd, errno);
  return fd;
}

int sendDatagram(const std::string& path, const std::string& text) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return -EINVAL;
  if (path.size() >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path.data(), path.size());
  if (path[0] == '@') address.sun_path[0] = 0;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0) return -errno;
  const ssize_t sent = sendto(fd, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&address), length);
  return closeWith(fd, sent < 0 ? errno : 0);
}

Endpoint localEndpoint(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  return toEndpoint(address);
}

}  // namespace millrace::net
