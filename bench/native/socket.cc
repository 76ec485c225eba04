#include "socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace millrace::loadgen {

void fail(const std::string& message) {
  std::fprintf(stderr, "loadgen: %s\n", message.c_str());
  std::exit(1);
}

void raiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int connectTo(const Options& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(options.port);
  if (const int code = getaddrinfo(options.host.c_str(), port.c_str(), &hints, &found); code != 0) {
    fail(options.host + ": " + gai_strerror(code));
  }
  const int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  if (fd < 0) fail(std::string("socket: ") + std::strerror(errno));
  if (connect(fd, found->ai_addr, found->ai_addrlen) != 0)
    fail(std::string("connect: ") + std::strerror(errno));
  freeaddrinfo(found);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

void pingOnce(int fd) {
  constexpr std::string_view kAnswer = "+PONG\r\n";
  if (write(fd, "PING\r\n", 6) != 6) fail("the server does not take a PING");
  char answer[kAnswer.size()];
  size_t got = 0;
  while (got < kAnswer.size()) {
    const ssize_t n = read(fd, answer + got, kAnswer.size() - got);
    if (n <= 0) fail("the server closed a new connection");
    got += static_cast<size_t>(n);
  }
  if (std::string_view(answer, got) != kAnswer)
    fail("the server answers PING with " + std::string(answer, got));
}

void makeNonBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

std::vector<int> openConnections(const Options& options) {
  // The queue of connections not yet accepted is short, and what overflows it waits a second for the kernel's next try.
  // So the server is let catch up now and then: a PING on the newest connection is answered only once all are accepted.
  constexpr uint32_t kConnectionsBetweenPings = 128;
  std::vector<int> fds;
  fds.reserve(options.connections);
  for (uint32_t i = 0; i < options.connections; i++) {
    fds.push_back(connectTo(options));
    if ((i + 1) % kConnectionsBetweenPings == 0 || i + 1 == options.connections) pingOnce(fds.back());
  }
  return fds;
}

}  // namespace millrace::loadgen
