// Clients that ask for a large value and never read it, until standard input ends: all at once to begin with, and
// `--rate` of them a second go and come again. Their segments are as small as on a network: over loopback the kernel
// would take megabytes of a reply before the server noticed that nobody reads.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "clock.h"
#include "load.h"
#include "report.h"
#include "socket.h"

namespace millrace::loadgen {
namespace {

constexpr int kSegmentBytes = 1448;
constexpr int kReceiveBytes = 4096;
constexpr std::string_view kRequest = "*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n";

int comeAndAsk(const Options& options) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(options.port));
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) fail("--mode forget needs a numeric address");
  setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &kSegmentBytes, sizeof kSegmentBytes);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBytes, sizeof kReceiveBytes);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(std::string("connect: ") + std::strerror(errno));
  }
  if (send(fd, kRequest.data(), kRequest.size(), 0) != static_cast<ssize_t>(kRequest.size())) fail("send failed");
  return fd;
}

// Waits until `timeNs`; true if standard input has ended by then.
bool endsBy(uint64_t timeNs) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  const uint64_t now = nowNs();
  return ::poll(&input, 1, timeNs > now ? static_cast<int>((timeNs - now + 999'999) / 1'000'000) : 0) > 0;
}

}  // namespace

int runForget(const Options& options) {
  std::vector<int> fds;
  for (uint32_t i = 0; i < options.connections; i++) fds.push_back(comeAndAsk(options));
  announce("asked");
  const uint64_t beginNs = nowNs();
  uint64_t again = 0;
  while (!endsBy(beginNs + (again + 1) * 1'000'000'000 / options.rate)) {
    int& fd = fds[again++ % fds.size()];
    close(fd);  // a reset, as there are bytes that were not read
    fd = comeAndAsk(options);
  }
  JsonLine().count("requests", fds.size() + again).count("errors", 0).text("firstError", "").print();
  return 0;
}

}  // namespace millrace::loadgen
