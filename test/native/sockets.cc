// Listening sockets and what connections inherit from them.
#include "../../native/net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cstring>

#include "../../native/net/listener.h"
#include "check.h"

using namespace millrace::net;

namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  CHECK_EQ(getsockopt(fd, level, name, &value, &length), 0);
  return value;
}

int connectTo(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

Endpoint endpointOf(const char* text) {
  sockaddr_storage storage{};
  auto& four = reinterpret_cast<sockaddr_in&>(storage);
  auto& six = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    REQUIRE(inet_pton(AF_INET6, text, &six.sin6_addr) == 1);
    storage.ss_family = AF_INET6;
  }
  return toEndpoint(storage);
}

}  // namespace

TEST_CASE("an accepted connection has the options of its listener") {
  const int listener = listenTcp("127.0.0.1", 0, 10, 90);
  REQUIRE(listener >= 0);
  setKeepalive(listener, 300);
  const int client = connectTo(localEndpoint(listener).port);
  sockaddr_storage peer;
  const int fd = acceptSocket(listener, &peer);
  REQUIRE(fd >= 0);
  CHECK(option(fd, IPPROTO_TCP, TCP_NODELAY) != 0);
  CHECK(option(fd, SOL_SOCKET, SO_KEEPALIVE) != 0);
#ifdef TCP_KEEPIDLE
  CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 300);
#else
  CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPALIVE), 300);
#endif
  CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 100);
  CHECK_EQ(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
  CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
  CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  CHECK_EQ(acceptSocket(listener, &peer), -EAGAIN);
  close(fd);
  close(client);
  close(listener);
}

TEST_CASE("sending to a peer that is gone is an error and not a signal") {
  const int listener = listenTcp("127.0.0.1", 0, 10, 0);
  const int client = connectTo(localEndpoint(listener).port);
  sockaddr_storage peer;
  const int fd = acceptSocket(listener, &peer);
  REQUIRE(fd >= 0);
  close(client);
  ssize_t sent = 0;
  for (int i = 0; i < 1000 && sent >= 0; i++) sent = sendBytes(fd, "x", 1);
  CHECK(errno == EPIPE || errno == ECONNRESET);
  close(fd);
  close(listener);
}

TEST_CASE("addresses become text and know what is local") {
  const std::pair<const char*, bool> cases[] = {
      {"127.0.0.1", true}, {"127.9.9.9", true},         {"128.0.0.1", false},        {"0.0.0.0", false},
      {"::1", true},       {"::ffff:127.0.0.1", true},  {"::ffff:10.0.0.1", false},  {"fe80::1", false},
  };
  for (const auto& [text, local] : cases) {
    CHECK_EQ(endpointOf(text).address(), text);
    CHECK(endpointOf(text).isLoopback() == local);
  }
  CHECK(Endpoint{.family = kUnix}.isLoopback());
}

TEST_CASE("listening fails with a reason") {
  const int first = listenTcp("127.0.0.1", 0, 10, 0);
  REQUIRE(first >= 0);
  CHECK_EQ(listenTcp("127.0.0.1", localEndpoint(first).port, 10, 0), -EADDRINUSE);
  CHECK_EQ(listenTcp("not an address", 1, 10, 0), -EADDRNOTAVAIL);
  CHECK_EQ(listenUnix("", 0, 10), -EINVAL);
  CHECK_EQ(listenUnix(std::string(300, 'x'), 0, 10), -ENAMETOOLONG);
  close(first);
}
