// The closed loop: each connection sends `pipeline` commands in one write, waits until all are answered, and sends the
// next. So the latency of a command is the time from that write to the read that brought its reply, as redis-benchmark
// counts it, and the clock is read once for a write and once for a read, not once for a command.
//
// A run has three phases: warm-up (nothing counted), measuring, and draining (nothing sent any more, what is still under
// way is checked and not counted). "measuring" and "measured" are announced as they happen, so that whoever
// started the generator can read the server's CPU time at those moments.
#include "load.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "../../native/net/poller.h"
#include "clock.h"
#include "reply.h"
#include "report.h"
#include "request.h"
#include "socket.h"

namespace millrace::loadgen {
namespace {

constexpr int kEventsAtOnce = 256;
constexpr size_t kReadBytes = 256 << 10;
constexpr uint64_t kPatienceNs = 30'000'000'000;

struct Connection {
  int fd = -1;
  uint32_t outstanding = 0;  // commands without a reply
  uint32_t answered = 0;     // of the present batch
  uint64_t sentNs = 0;
  ReplyState reply;
  std::vector<char> unsent;  // what the socket would not take
  size_t unsentFrom = 0;
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        values_(options.valueBytes),
        writer_(options, values_),
        checker_(options, values_),
        pending_(static_cast<size_t>(options.connections) * options.pipeline),
        readBuffer_(kReadBytes),
        writeBuffer_(writer_.maxBytes() * options.pipeline) {
    if (!poller_->open()) fail(std::string("poller: ") + std::strerror(errno));
    for (const int fd : openConnections(options)) {
      makeNonBlocking(fd);
      if (!poller_->add(fd, connections_.size(), net::kReadable)) fail("a connection cannot be watched");
      connections_.emplace_back().fd = fd;
    }
  }

  int run() {
    nowNs_ = startNs_ = lastReplyNs_ = nowNs();
    if (options_.warmupSeconds == 0) beginMeasuring();
    for (uint32_t i = 0; i < connections_.size(); i++) sendBatch(i);
    while (outstanding_ > 0 && !checker_.lost()) {
      net::PollEvent events[kEventsAtOnce];
      const int count = poller_->wait(events, kEventsAtOnce, 100);
      for (int i = 0; i < count; i++) {
        const uint32_t index = static_cast<uint32_t>(events[i].token);
        if (events[i].ready & net::kWritable) sendRest(index);
        if (events[i].ready & (net::kReadable | net::kHangup)) receive(index);
      }
      advance();
    }
    if (phase_ == Phase::kMeasuring) endMeasuring();
    return report();
  }

 private:
  enum class Phase { kWarmup, kMeasuring, kDraining };

  void beginMeasuring() {
    phase_ = Phase::kMeasuring;
    histogram_.reset();
    checker_.resetHits();
    measuredFromNs_ = nowNs_;
    cpuBefore_ = cpuSeconds();
    issued_ = 0;
    announce("measuring");
  }

  void endMeasuring() {
    phase_ = Phase::kDraining;
    measuredToNs_ = nowNs_;
    cpuAfter_ = cpuSeconds();
    hits_ = checker_.hits();
    misses_ = checker_.misses();
    announce("measured");
  }

  void advance() {
    nowNs_ = nowNs();
    if (nowNs_ - lastReplyNs_ > kPatienceNs) fail("no reply for 30 s");
    progress_.update(nowNs_, histogram_.total());
    const double warmupNs = options_.warmupSeconds * kNsPerSecond;
    if (phase_ == Phase::kWarmup && static_cast<double>(nowNs_ - startNs_) >= warmupNs) beginMeasuring();
    if (phase_ != Phase::kMeasuring || options_.requests > 0) return;
    if (static_cast<double>(nowNs_ - measuredFromNs_) >= options_.seconds * kNsPerSecond) endMeasuring();
  }

  // How many commands the next batch may have.
  uint32_t batchSize() const {
    if (phase_ == Phase::kDraining) return 0;
    if (phase_ == Phase::kWarmup || options_.requests == 0) return options_.pipeline;
    return static_cast<uint32_t>(std::min<uint64_t>(options_.pipeline, options_.requests - issued_));
  }

  void sendBatch(uint32_t index) {
    Connection& connection = connections_[index];
    const uint32_t count = batchSize();
    if (count == 0) return;
    Pending* const pending = &pending_[static_cast<size_t>(index) * options_.pipeline];
    char* at = writeBuffer_.data();
    for (uint32_t i = 0; i < count; i++) {
      at = writer_.write(at, pending[i]);
      checker_.sent(pending[i]);
    }
    issued_ += count;
    outstanding_ += count;
    connection.outstanding = count;
    connection.answered = 0;
    connection.sentNs = nowNs();
    const size_t bytes = static_cast<size_t>(at - writeBuffer_.data());
    const size_t taken = trySend(connection.fd, writeBuffer_.data(), bytes);
    if (taken == bytes) return;
    connection.unsent.assign(writeBuffer_.data() + taken, at);
    connection.unsentFrom = 0;
    poller_->modify(connection.fd, index, net::kReadable | net::kWritable);
  }

  void sendRest(uint32_t index) {
    Connection& connection = connections_[index];
    if (connection.unsent.empty()) return;
    connection.unsentFrom += trySend(connection.fd, connection.unsent.data() + connection.unsentFrom,
                                     connection.unsent.size() - connection.unsentFrom);
    if (connection.unsentFrom < connection.unsent.size()) return;
    connection.unsent.clear();
    poller_->modify(connection.fd, index, net::kReadable);
  }

  static size_t trySend(int fd, const char* bytes, size_t count) {
    const ssize_t sent = send(fd, bytes, count, 0);
    if (sent >= 0) return static_cast<size_t>(sent);
    if (errno != EAGAIN && errno != EINTR) fail(std::string("send: ") + std::strerror(errno));
    return 0;
  }

  void receive(uint32_t index) {
    Connection& connection = connections_[index];
    const ssize_t got = recv(connection.fd, readBuffer_.data(), readBuffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0)
      fail(got == 0 ? "the server closed a connection" : std::string("recv: ") + std::strerror(errno));
    lastReplyNs_ = nowNs();
    const Pending* pending = &pending_[static_cast<size_t>(index) * options_.pipeline + connection.answered];
    const char* at = readBuffer_.data();
    const char* const end = at + got;
    uint32_t done = 0;
    while (at < end && done < connection.outstanding && !checker_.lost()) {
      bool whole;
      at = checker_.take(connection.reply, pending[done], at, end, whole);
      if (whole) done++;
    }
    if (at < end && !checker_.lost()) fail("the server sent more replies than there were commands");
    if (done == 0) return;
    connection.answered += done;
    connection.outstanding -= done;
    outstanding_ -= done;
    if (phase_ == Phase::kMeasuring) histogram_.record(lastReplyNs_ - connection.sentNs, done);
    if (connection.outstanding == 0 && connection.unsent.empty()) sendBatch(index);
  }

  int report() {
    const double seconds = static_cast<double>(measuredToNs_ - measuredFromNs_) / kNsPerSecond;
    const double replies = static_cast<double>(histogram_.total());
    const bool counted = checker_.errors() > 0 || checker_.countersAddUp();
    const std::string error = counted ? checker_.firstError() : "counters skipped or repeated a number";
    JsonLine line;
    line.count("requests", histogram_.total())
        .number("seconds", seconds)
        .number("perSecond", replies / seconds);
    line.latency(histogram_).count("hits", hits_).count("misses", misses_);
    line.number("clientUserSeconds", cpuAfter_.user - cpuBefore_.user);
    line.number("clientSystemSeconds", cpuAfter_.system - cpuBefore_.system);
    line.count("errors", checker_.errors() + (counted ? 0 : 1)).text("firstError", error).print();
    return error.empty() ? 0 : 1;
  }

  const Options& options_;
  const Values values_;
  RequestWriter writer_;
  ReplyChecker checker_;
  std::unique_ptr<net::Poller> poller_ = net::makeDefaultPoller();
  Histogram histogram_;
  Progress progress_;
  std::vector<Connection> connections_;
  std::vector<Pending> pending_;  // `pipeline` for each connection
  std::vector<char> readBuffer_;
  std::vector<char> writeBuffer_;
  Phase phase_ = Phase::kWarmup;
  uint64_t outstanding_ = 0;
  uint64_t issued_ = 0;  // commands sent while measuring
  uint64_t nowNs_ = 0;   // at the last turn of the loop
  uint64_t startNs_ = 0;
  uint64_t lastReplyNs_ = 0;
  uint64_t measuredFromNs_ = 0;
  uint64_t measuredToNs_ = 0;
  CpuSeconds cpuBefore_{};
  CpuSeconds cpuAfter_{};
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
};

}  // namespace

int runLoad(const Options& options) { return Load(options).run(); }

}  // namespace millrace::loadgen
