// Connections as fast as the server takes them: lots of a few hundred are opened, the last of each asks for a PONG, which
// comes when all have been accepted, and all are reset, so that no port stays behind. So a connection's price is that of
// accepting and of closing it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "clock.h"
#include "load.h"
#include "report.h"
#include "socket.h"

namespace millrace::loadgen {
namespace {

constexpr size_t kLot = 256;

sockaddr_in addressOf(const Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(options.port));
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) fail("--mode connect needs a numeric address");
  return address;
}

void openLot(const sockaddr_in& address, int* fds) {
  for (size_t i = 0; i < kLot; i++) {
    fds[i] = socket(AF_INET, SOCK_STREAM, 0);
    if (fds[i] < 0 || connect(fds[i], reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      fail(std::string("connect: ") + std::strerror(errno));
    }
  }
  pingOnce(fds[kLot - 1]);
}

void resetLot(const int* fds) {
  const linger now{1, 0};
  for (size_t i = 0; i < kLot; i++) {
    setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fds[i]);
  }
}

// Returns how many connections were made.
uint64_t connectFor(const sockaddr_in& address, double seconds) {
  const uint64_t until = nowNs() + static_cast<uint64_t>(seconds * kNsPerSecond);
  uint64_t count = 0;
  int fds[kLot];
  while (nowNs() < until) {
    openLot(address, fds);
    resetLot(fds);
    count += kLot;
  }
  return count;
}

}  // namespace

int runConnect(const Options& options) {
  const sockaddr_in address = addressOf(options);
  connectFor(address, options.warmupSeconds);
  announce("measuring");
  const CpuSeconds before = cpuSeconds();
  const uint64_t begin = nowNs();
  const uint64_t count = connectFor(address, options.seconds);
  const double seconds = static_cast<double>(nowNs() - begin) / kNsPerSecond;
  const CpuSeconds after = cpuSeconds();
  announce("measured");
  JsonLine line;
  line.count("requests", count).number("seconds", seconds).number("perSecond", static_cast<double>(count) / seconds);
  line.number("clientUserSeconds", after.user - before.user).number("clientSystemSeconds", after.system - before.system);
  line.count("errors", 0).text("firstError", "").print();
  return 0;
}

}  // namespace millrace::loadgen
