// A PING at a fixed rate on one connection, to see how long the server ever fails to answer. The next PING goes out at
// its time whether or not earlier ones are answered, so a stall of the server shows in full, and in each PING that
// fell into it. Sender and receiver are threads of their own: neither delays what the other measures.
//
// The machine may also let this process wait. How late the sender itself was at its worst is reported beside the
// latencies; a longest latency of the same size says nothing about the server. With --pid it is also told how long answers took
// without the time in which the server's main thread waited for a processor (or, if that is longer, the receiver here did).
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string_view>
#include <thread>

#include "clock.h"
#include "load.h"
#include "report.h"
#include "socket.h"
#include "waits.h"

namespace millrace::loadgen {
namespace {

constexpr std::string_view kPing = "PING\r\n";
constexpr std::string_view kPong = "+PONG\r\n";
constexpr uint32_t kInFlight = 1u << 20;  // more than any stall that is waited for

class Steady {
 public:
  explicit Steady(const Options& options)
      : fd_(connectTo(options)),
        intervalNs_(1'000'000'000u / options.rate),
        isWatching_(options.pid != 0),
        serverWaits_(Waits::mainThreadOf(options.pid)),
        sent_(kInFlight) {
    pingOnce(fd_);
  }

  int run() {
    announce("measuring");
    const uint64_t startNs = nowNs();
    std::thread sender([this, startNs] { sendAll(startNs); });
    std::thread receiver([this] { receiveAll(); });
    while (std::getchar() != EOF) {
    }
    stopping_.store(true);
    sender.join();
    receiver.join();
    const double seconds = static_cast<double>(nowNs() - startNs) / kNsPerSecond;
    JsonLine line;
    line.count("requests", latencies_.total()).number("seconds", seconds).latency(latencies_);
    line.number("longestGapMs", static_cast<double>(longestGapNs_) / kNsPerMs);
    line.number("senderLateMs", static_cast<double>(senderLateNs_) / kNsPerMs);
    if (isWatching_) {
      line.number("ownP99Ms", static_cast<double>(own_.quantileNs(0.99)) / kNsPerMs);
      line.number("ownMaxMs", static_cast<double>(own_.maxNs()) / kNsPerMs);
    }
    line.count("errors", errors_).print();
    return errors_ == 0 ? 0 : 1;
  }

 private:
  struct Sent {
    uint64_t timeNs;
    uint64_t serverWaitedNs;
  };

  void sendAll(uint64_t startNs) {
    for (uint64_t number = 0; !last_.load(); number++) {
      const uint64_t dueNs = startNs + number * intervalNs_;
      const int64_t earlyNs = static_cast<int64_t>(dueNs - nowNs());
      if (earlyNs > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(earlyNs));
      const uint64_t serverWaitedNs = isWatching_ ? serverWaits_.soFarNs() : 0;
      const uint64_t timeNs = nowNs();
      senderLateNs_ = std::max(senderLateNs_, timeNs - dueNs);
      sent_[number % kInFlight] = {timeNs, serverWaitedNs};
      sentCount_.store(number + 1);
      if (stopping_.load()) last_.store(true);  // before it is sent: its answer finds the receiver informed
      if (send(fd_, kPing.data(), kPing.size(), 0) != static_cast<ssize_t>(kPing.size())) fail("send failed");
    }
  }

  void receiveAll() {
    char buffer[4096];
    const Waits waits("/proc/thread-self");
    uint64_t bytes = 0;
    uint64_t lastNs = 0;
    uint64_t waitedNs = 0;
    while (!last_.load() || bytes < sentCount_.load() * kPong.size()) {
      const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) fail("the server closed the connection");
      const uint64_t timeNs = nowNs();
      if (lastNs != 0) longestGapNs_ = std::max(longestGapNs_, timeNs - lastNs);
      lastNs = timeNs;
      const uint64_t serverWaitedNs = isWatching_ ? serverWaits_.soFarNs() : 0;
      const uint64_t waitedBeforeNs = waitedNs;
      if (isWatching_) waitedNs = waits.soFarNs();
      for (ssize_t i = 0; i < got; i++, bytes++) {
        if (buffer[i] != kPong[bytes % kPong.size()]) errors_++;
        if (bytes % kPong.size() != kPong.size() - 1) continue;
        const uint64_t number = bytes / kPong.size();
        if (number >= sentCount_.load()) fail("the server sent more replies than there were commands");
        const Sent& sent = sent_[number % kInFlight];
        const uint64_t latencyNs = timeNs - sent.timeNs;
        const uint64_t strangeNs = std::max(serverWaitedNs - sent.serverWaitedNs, waitedNs - waitedBeforeNs);
        latencies_.record(latencyNs, 1);
        if (isWatching_) own_.record(latencyNs - std::min(latencyNs, strangeNs), 1);
      }
    }
  }

  int fd_;
  uint64_t intervalNs_;
  bool isWatching_;
  Waits serverWaits_;
  std::vector<Sent> sent_;
  std::atomic<uint64_t> sentCount_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> last_ = false;
  Histogram latencies_;
  Histogram own_;
  uint64_t longestGapNs_ = 0;
  uint64_t senderLateNs_ = 0;
  uint64_t errors_ = 0;
};

}  // namespace

int runSteady(const Options& options) { return Steady(options).run(); }

}  // namespace millrace::loadgen
