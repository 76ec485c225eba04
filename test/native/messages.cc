// Messages to many connections: every target gets each one, once, in order with its own replies, however slowly it reads
// and whoever else vanishes in the meantime; and no connection's turn is as long as the list of targets.
#include <thread>

#include "harness.h"

using namespace millrace;
using net::Reactor;

namespace {

// "join" puts a connection among the listeners of its lane. "say" sends them all ".<payload>" and answers "!" to its own
// connection, so that one that does both sees the message first and the answer behind it.
class Crier final : public net::Executor {
 public:
  Crier(Reactor& reactor, const std::vector<ring::Lane>& lanes) : reactor_(reactor) {
    for (const ring::Lane& lane : lanes) {
      ends_.push_back({lane, lane.word(abi::kDescTail)[0], lane.word(abi::kOutHead)[0], {}});
    }
  }

  void onReady(int lane) override {
    if (lane >= 0) drain(ends_[static_cast<size_t>(lane)]);
    for (size_t i = 0; lane < 0 && i < ends_.size(); i++) drain(ends_[i]);
    for (End& end : ends_) {
      base::storeSequential(end.lane.word(abi::kOutHead), end.outHead);
      base::storeSequential(end.lane.word(abi::kDescTail), end.tail);
      if (lane < 0) reactor_.flush(static_cast<uint32_t>(&end - ends_.data()));
    }
  }

 private:
  struct End {
    ring::Lane lane;
    uint32_t tail;
    uint32_t outHead;
    std::vector<uint32_t> listeners;  // pairs of slot and generation
  };

  void drain(End& end) {
    const uint32_t head = base::loadSequential(end.lane.word(abi::kDescHead));
    while (end.tail != head) {
      const uint32_t* const record = end.lane.desc + (end.tail & (end.lane.descWords - 1));
      if (record[0] >> 24 != abi::kRecordWrap) {
        take(end, record);
        base::storeSequential(end.lane.word(abi::kReqTail), record[6]);
      }
      end.tail += record[0] & 0xffffff;
    }
  }

  void take(End& end, const uint32_t* record) {
    const uint32_t* const pairs = record + abi::kRecordHeaderWords;
    const std::vector<uint32_t> self{record[1], record[2]};
    if (record[0] >> 24 == abi::kRecordClosed) {
      write(end, abi::kFrameAckClosed, self, "");
    } else if (end.lane.req[pairs[0]] == 'j') {
      end.listeners.insert(end.listeners.end(), self.begin(), self.end());
      write(end, abi::kFrameData, self, "!");
    } else {
      const auto* const payload = reinterpret_cast<const char*>(end.lane.req + pairs[2]);
      const std::string message = "." + std::string(payload, pairs[3]);
      for (End& each : ends_) write(each, abi::kFrameMessage, each.listeners, message);
      write(end, abi::kFrameData, self, "!");
    }
  }

  void write(End& end, uint32_t kind, const std::vector<uint32_t>& targets, const std::string& bytes) {
    const bool many = kind == abi::kFrameMessage;
    const auto length = static_cast<uint32_t>(bytes.size());
    const uint32_t padded = (length + 7) & ~7u;
    const auto listBytes = many ? static_cast<uint32_t>(targets.size() * 4) : 0;
    const uint32_t needed = abi::kFrameHeaderBytes + padded + listBytes;
    const uint32_t mask = end.lane.outBytes - 1;
    const uint32_t rest = end.lane.outBytes - (end.outHead & mask);
    if (rest < needed) {
      makeRoom(end, rest);
      memcpy(end.lane.out + (end.outHead & mask), &abi::kFrameWrap, 4);
      end.outHead += rest;
    }
    makeRoom(end, needed);
    uint8_t* const at = end.lane.out + (end.outHead & mask);
    const uint32_t header[4] = {kind, length, many ? listBytes / 8 : targets[0], many ? 0 : targets[1]};
    memcpy(at, header, sizeof header);
    memcpy(at + sizeof header, bytes.data(), length);
    if (listBytes > 0) memcpy(at + sizeof header + padded, targets.data(), listBytes);
    end.outHead += needed;
  }

  void makeRoom(End& end, uint32_t bytes) {
    if (end.lane.outBytes - (end.outHead - base::loadAcquire(end.lane.word(abi::kOutTail))) >= bytes) return;
    base::storeSequential(end.lane.word(abi::kOutHead), end.outHead);
    reactor_.reserve(static_cast<uint32_t>(&end - ends_.data()), bytes);
  }

  Reactor& reactor_;
  std::vector<End> ends_;
};

std::string numbered(int i, size_t bytes) {
  std::string text = std::to_string(i) + ";";
  return text.append(bytes, 'm');
}

std::string say(const std::string& payload) {
  return "*2\r\n$3\r\nsay\r\n$" + std::to_string(payload.size()) + "\r\n" + payload + "\r\n";
}

const std::string kJoin = "*1\r\n$4\r\njoin\r\n";

int joinAt(int port) {
  const int fd = connectTo(port);
  REQUIRE(sendAll(fd, kJoin));
  REQUIRE(readSome(fd, 1) == "!");
  return fd;
}

// The speaker is a listener itself; some listeners vanish halfway, one reads nothing before all is said.
void speak(int port, int messages, size_t payloadBytes) {
  constexpr int kListeners = 40;
  std::string spoken, heard, own;
  for (int i = 0; i < messages; i++) {
    const std::string payload = numbered(i, payloadBytes);
    spoken += say(payload);
    heard += "." + payload;
    own += "." + payload + "!";
  }
  std::vector<int> listeners;
  for (int i = 0; i < kListeners; i++) listeners.push_back(joinAt(port));
  const int speaker = joinAt(port);
  std::thread mouth([&] {
    REQUIRE(sendAll(speaker, spoken.substr(0, spoken.size() / 2)));
    for (int i = 0; i < 10; i++) close(listeners[static_cast<size_t>(i)]);
    REQUIRE(sendAll(speaker, spoken.substr(spoken.size() / 2)));
  });
  CHECK(readSome(speaker, own.size()) == own);
  mouth.join();
  for (int i = 10; i < kListeners; i++) CHECK(readSome(listeners[static_cast<size_t>(i)], heard.size()) == heard);
  for (int i = 10; i < kListeners; i++) close(listeners[static_cast<size_t>(i)]);
  close(speaker);
}

struct Sizes {
  uint32_t req, desc, out;
};

void serve(uint32_t lanes, const Sizes& sizes, uint32_t start, int messages, size_t payloadBytes) {
  std::vector<std::unique_ptr<LaneMemory>> buffers;
  memory::Memory memory(1, 1);
  net::ReactorOptions options{{}, &memory, {1, 2}, false};
  for (uint32_t i = 0; i < lanes; i++) {
    buffers.push_back(std::make_unique<LaneMemory>(start, sizes.req, sizes.desc, sizes.out));
    options.lanes.push_back(buffers.back()->lane());
  }
  Host host;
  Reactor reactor(options, host);
  Crier crier(reactor, options.lanes);
  const int port = reactor.listenTcp("127.0.0.1", 0, 100);
  reactor.start();
  std::atomic<bool> done{false};
  std::thread client([&] {
    speak(port, messages, payloadBytes);
    done = true;
  });
  host.run(reactor, crier, done);
  client.join();
  reactor.stop();
  double counters[net::kCounterCount];
  reactor.counters(counters);
  CHECK_EQ(counters[net::kConnected], 0.0);
  CHECK_EQ(counters[net::kOutputHeldBytes], 0.0);
}

constexpr Sizes kTiny{4096, 256, 4096};
constexpr Sizes kNormal{1 << 18, 1 << 14, 1 << 18};

}  // namespace

TEST_CASE("messages reach all their targets, in order with replies") {
  serve(1, kNormal, 0, 3000, 20);
  serve(1, kTiny, 0u - 4096, 3000, 20);
  serve(1, kNormal, 0, 200, 20'000);
}

TEST_CASE("messages reach targets on several lanes") {
  serve(2, kNormal, 0, 3000, 20);
  serve(3, kTiny, 0u - 4096, 1000, 20);
}

TEST_CASE("one system call carries the messages that came together") {
  constexpr int kMessages = 100;
  LaneMemory buffers(0, 1 << 18, 1 << 14, 1 << 18);
  memory::Memory memory(1, 1);
  Host host;
  Reactor reactor({{buffers.lane()}, &memory, {1, 2}, false}, host);
  Crier crier(reactor, {buffers.lane()});
  const int port = reactor.listenTcp("127.0.0.1", 0, 100);
  reactor.start();
  std::vector<int> clients;
  for (int i = 0; i < 20; i++) {
    clients.push_back(connectTo(port));
    REQUIRE(sendAll(clients.back(), kJoin));
    while (reactor.turn(crier)) continue;
  }
  std::string all;
  for (int i = 0; i < kMessages; i++) all += say(numbered(i, 10));
  double before[net::kCounterCount], after[net::kCounterCount];
  reactor.counters(before);
  REQUIRE(sendAll(clients[0], all));
  do {
    reactor.turn(crier);
    reactor.counters(after);
  } while (after[net::kCommands] - before[net::kCommands] < kMessages || reactor.turn(crier));
  reactor.counters(after);
  // The speaker's replies are in between its messages, so it may take a few more.
  CHECK(after[net::kWrites] - before[net::kWrites] <= 30);
  for (const int fd : clients) close(fd);
  reactor.stop();
}
