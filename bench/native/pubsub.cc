// Messages to subscribers: one connection publishes, all others are subscribed and check what they get, byte by byte, in
// order. A message is done when every subscriber has it and the publisher its reply; `--pipeline` says how many may be
// under way. A request is a message to one subscriber, its latency that of the last of them.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "../../native/net/poller.h"
#include "clock.h"
#include "load.h"
#include "report.h"
#include "socket.h"

namespace millrace::loadgen {
namespace {

constexpr int kEventsAtOnce = 256;
constexpr size_t kReadBytes = 64 << 10;
constexpr uint64_t kPatienceNs = 30'000'000'000;
constexpr std::string_view kMessageHead = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$12\r\n";
constexpr std::string_view kPublishHead = "*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$12\r\n";
constexpr std::string_view kSubscribe = "*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nnews\r\n";
constexpr std::string_view kSubscribed = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n";

void append(std::string& text, std::string_view head, uint64_t number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%012llu", static_cast<unsigned long long>(number % 1'000'000'000'000));
  text.append(head).append(digits).append("\r\n");
}

// What a connection is to receive next: the part `matched` of the text of its message or reply `number` has come.
struct Reader {
  int fd = -1;
  uint64_t number = 0;
  size_t matched = 0;
};

class Pubsub {
 public:
  explicit Pubsub(const Options& options)
      : options_(options), window_(options.pipeline), readers_(1), buffer_(kReadBytes) {
    if (!poller_->open()) fail(std::string("poller: ") + std::strerror(errno));
    for (const int fd : openConnections(options)) {
      subscribe(fd);
      readers_.push_back({fd, 0, 0});
    }
    readers_[kPublisher].fd = connectTo(options);
    for (size_t i = 0; i < readers_.size(); i++) {
      makeNonBlocking(readers_[i].fd);
      if (!poller_->add(readers_[i].fd, i, net::kReadable)) fail("a connection cannot be watched");
    }
    reply_ = ":" + std::to_string(options.connections) + "\r\n";
  }

  int run() {
    uint64_t fromNs = nowNs();
    if (options_.warmupSeconds > 0) {
      runUntil(fromNs + static_cast<uint64_t>(options_.warmupSeconds * kNsPerSecond));
    }
    latencies_.reset();
    announce("measuring");
    const CpuSeconds before = cpuSeconds();
    const uint64_t doneBefore = done_;
    fromNs = nowNs();
    runUntil(fromNs + static_cast<uint64_t>(options_.seconds * kNsPerSecond));
    const double seconds = static_cast<double>(nowNs() - fromNs) / kNsPerSecond;
    const CpuSeconds after = cpuSeconds();
    const uint64_t requests = (done_ - doneBefore) * options_.connections;
    announce("measured");
    while (done_ < published_) turn();
    JsonLine line;
    line.count("requests", requests).number("seconds", seconds);
    line.number("perSecond", static_cast<double>(requests) / seconds).latency(latencies_);
    line.number("clientUserSeconds", after.user - before.user);
    line.number("clientSystemSeconds", after.system - before.system);
    line.count("errors", 0).text("firstError", "").print();
    return 0;
  }

 private:
  static constexpr size_t kPublisher = 0;

  struct Message {
    uint64_t sentNs = 0;
    uint64_t owed = 0;  // to so many connections, the publisher among them
    std::string text;
  };

  static void subscribe(int fd) {
    if (write(fd, kSubscribe.data(), kSubscribe.size()) != static_cast<ssize_t>(kSubscribe.size())) fail("SUBSCRIBE");
    char answer[kSubscribed.size()];
    const ssize_t got = recv(fd, answer, sizeof answer, MSG_WAITALL);
    if (got != static_cast<ssize_t>(sizeof answer) || std::string_view(answer, sizeof answer) != kSubscribed) {
      fail("SUBSCRIBE is not answered as it should be");
    }
  }

  void runUntil(uint64_t timeNs) {
    while (nowNs() < timeNs) {
      publish();
      turn();
    }
  }

  void publish() {
    std::string request;
    for (; published_ < done_ + window_.size(); published_++) {
      Message& message = window_[published_ % window_.size()];
      message.text.clear();
      append(message.text, kMessageHead, published_);
      append(request, kPublishHead, published_);
      message.owed = readers_.size();
      message.sentNs = nowNs();
    }
    if (request.empty()) return;
    const ssize_t sent = send(readers_[kPublisher].fd, request.data(), request.size(), 0);
    if (sent != static_cast<ssize_t>(request.size())) fail("the publisher cannot send");
  }

  void turn() {
    net::PollEvent events[kEventsAtOnce];
    const int count = poller_->wait(events, kEventsAtOnce, 100);
    for (int i = 0; i < count; i++) receive(static_cast<size_t>(events[i].token));
    if (count > 0) lastNs_ = nowNs();
    if (lastNs_ != 0 && nowNs() - lastNs_ > kPatienceNs) fail("no message for 30 s");
  }

  void receive(size_t index) {
    Reader& reader = readers_[index];
    const ssize_t got = recv(reader.fd, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) fail("the server closed a connection");
    std::string_view bytes(buffer_.data(), static_cast<size_t>(got));
    while (!bytes.empty()) {
      if (reader.number >= published_) fail("more was received than published");
      Message& message = window_[reader.number % window_.size()];
      const std::string_view wanted =
          std::string_view(index == kPublisher ? reply_ : message.text).substr(reader.matched);
      const size_t count = std::min(bytes.size(), wanted.size());
      if (bytes.substr(0, count) != wanted.substr(0, count)) fail("something else was received than published");
      bytes.remove_prefix(count);
      reader.matched = count == wanted.size() ? 0 : reader.matched + count;
      if (count < wanted.size()) return;
      reader.number++;
      message.owed--;
    }
    for (; done_ < published_ && window_[done_ % window_.size()].owed == 0; done_++) {
      latencies_.record(nowNs() - window_[done_ % window_.size()].sentNs, options_.connections);
    }
  }

  const Options& options_;
  std::vector<Message> window_;
  std::vector<Reader> readers_;
  std::vector<char> buffer_;
  std::string reply_;
  std::unique_ptr<net::Poller> poller_ = net::makeDefaultPoller();
  Histogram latencies_;
  uint64_t published_ = 0;
  uint64_t done_ = 0;
  uint64_t lastNs_ = 0;
};

}  // namespace

int runPubsub(const Options& options) { return Pubsub(options).run(); }

}  // namespace millrace::loadgen
