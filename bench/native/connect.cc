// How fast a server accepts. Making a connection costs its client more than the server, and on one machine the client's
// part of the kernel's work is several times the server's: a server measured by what a client gets through shows that
// client's speed. So the server is stopped (SIGSTOP) while a lot of connections gathers in its listen queue. Then it goes
// on, and the time counts until the last one has its PONG, hence all have been accepted. Nothing is counted while they
// are reset, so that no port stays behind, and until a PING tells that the server has seen the ends.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "clock.h"
#include "load.h"
#include "report.h"
#include "socket.h"

namespace millrace::loadgen {
namespace {

// Fits into the listen queue that both servers have by default.
constexpr size_t kLot = 500;
// Until the signal has reached all threads.
constexpr std::chrono::milliseconds kStopping{1};

class Lots {
 public:
  explicit Lots(const Options& options)
      : server_(static_cast<pid_t>(options.pid)), witness_(connectTo(options)), address_(addressOf(options)) {}

  // Makes lots for `seconds` and returns the connections made, and in `nsAccepting` how long the server took.
  uint64_t runFor(double seconds, uint64_t& nsAccepting) {
    const uint64_t until = nowNs() + static_cast<uint64_t>(seconds * kNsPerSecond);
    uint64_t count = 0;
    while (nowNs() < until) {
      signal(SIGSTOP);
      std::this_thread::sleep_for(kStopping);
      open();
      const uint64_t begin = nowNs();
      signal(SIGCONT);
      pingOnce(fds_[kLot - 1]);
      nsAccepting += nowNs() - begin;
      reset();
      pingOnce(witness_);
      count += kLot;
    }
    return count;
  }

 private:
  static sockaddr_in addressOf(const Options& options) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(options.port));
    if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1)
      fail("--mode connect needs a numeric address");
    return address;
  }

  void signal(int number) const {
    if (kill(server_, number) != 0) fail(std::string("--pid: ") + std::strerror(errno));
  }

  void open() {
    for (int& fd : fds_) {
      fd = socket(AF_INET, SOCK_STREAM, 0);
      if (fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0) continue;
      const int reason = errno;
      signal(SIGCONT);
      fail(std::string("connect: ") + std::strerror(reason));
    }
  }

  void reset() const {
    const linger now{1, 0};
    for (const int fd : fds_) {
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      close(fd);
    }
  }

  const pid_t server_;
  const int witness_;
  const sockaddr_in address_;
  int fds_[kLot];
};

}  // namespace

int runConnect(const Options& options) {
  Lots lots(options);
  uint64_t nsAccepting = 0;
  lots.runFor(options.warmupSeconds, nsAccepting);
  announce("measuring");
  const CpuSeconds before = cpuSeconds();
  nsAccepting = 0;
  const uint64_t count = lots.runFor(options.seconds, nsAccepting);
  const double seconds = static_cast<double>(nsAccepting) / kNsPerSecond;
  const CpuSeconds after = cpuSeconds();
  announce("measured");
  JsonLine line;
  line.count("requests", count).number("seconds", seconds).number("perSecond", static_cast<double>(count) / seconds);
  line.number("clientUserSeconds", after.user - before.user)
      .number("clientSystemSeconds", after.system - before.system);
  line.count("errors", 0).text("firstError", "").print();
  return 0;
}

}  // namespace millrace::loadgen
