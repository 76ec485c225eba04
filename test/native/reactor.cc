// A whole reactor under load and disorder, over all kinds of lanes: clients on real sockets that pipeline, stall, vanish
// and come back; an executor that answers as TypeScript would. Every answer carries the name of the connection that
// asked, so a reply that reaches the wrong one is seen. Meant for the sanitizers above all.
#include "../../native/net/reactor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "check.h"
#include "harness.h"

using namespace millrace;
using net::Reactor;

namespace {

// Answers every request with ":<first argument>\r\n".
class Echo final : public net::Executor {
 public:
  Echo(Reactor& reactor, const std::vector<ring::Lane>& lanes) : reactor_(reactor) {
    for (const ring::Lane& lane : lanes) {
      ends_.push_back({lane, lane.word(abi::kDescTail)[0], lane.word(abi::kOutHead)[0]});
    }
  }

  void onReady(int lane) override {
    if (lane >= 0) drain(static_cast<uint32_t>(lane));
    for (uint32_t i = 0; lane < 0 && i < ends_.size(); i++) drain(i);
  }

  uint64_t commands = 0;
  // By the slot of the connection.
  std::vector<uint64_t> commandsOf = std::vector<uint64_t>(100);

 private:
  struct End {
    ring::Lane lane;
    uint32_t tail;
    uint32_t outHead;
  };

  void drain(uint32_t index) {
    End& end = ends_[index];
    const uint32_t head = base::loadSequential(end.lane.word(abi::kDescHead));
    if (head == end.tail) return;
    uint32_t reqTail = base::loadRelaxed(end.lane.word(abi::kReqTail));
    while (end.tail != head) {
      const uint32_t* const record = end.lane.desc + (end.tail & (end.lane.descWords - 1));
      if (record[0] >> 24 != abi::kRecordWrap) {
        take(index, end, record);
        reqTail = record[6];
      }
      end.tail += record[0] & 0xffffff;
    }
    base::storeSequential(end.lane.word(abi::kOutHead), end.outHead);
    base::storeSequential(end.lane.word(abi::kReqTail), reqTail);
    base::storeSequential(end.lane.word(abi::kDescTail), end.tail);
  }

  void take(uint32_t index, End& end, const uint32_t* record) {
    const uint32_t kind = record[0] >> 24;
    commandsOf[record[1] % commandsOf.size()]++;
    if (kind == abi::kRecordClosed) {
      write(index, end, record, abi::kFrameAckClosed, "");
    } else if (kind == abi::kRecordProtocolError) {
      write(index, end, record, abi::kFrameCloseAfter, "-error\r\n");
    } else if (kind == abi::kRecordCommand) {
      commands++;
      write(index, end, record, abi::kFrameData, reply(end.lane.req, record + abi::kRecordHeaderWords));
    } else {
      commands++;
      const net::BigBuffer buffer = reactor_.takeBuffer(record[7]);
      REQUIRE(buffer.data);
      write(index, end, record, abi::kFrameData,
            reply(buffer.data, reinterpret_cast<const uint32_t*>(buffer.data + record[8])));
      free(buffer.data);
    }
  }

  static std::string reply(const uint8_t* bytes, const uint32_t* pairs) {
    std::string text = ":";
    return text.append(reinterpret_cast<const char*>(bytes + pairs[0]), pairs[1]).append("\r\n");
  }

  void write(uint32_t index, End& end, const uint32_t* record, uint32_t kind, const std::string& bytes) {
    const auto length = static_cast<uint32_t>(bytes.size());
    const uint32_t mask = end.lane.outBytes - 1;
    const uint32_t needed = abi::kFrameHeaderBytes + ((length + 7) & ~7u);
    if (end.lane.outBytes - (end.outHead & mask) < needed) {
      makeRoom(index, end, end.lane.outBytes - (end.outHead & mask));
      memcpy(end.lane.out + (end.outHead & mask), &abi::kFrameWrap, 4);
      end.outHead += end.lane.outBytes - (end.outHead & mask);
    }
    makeRoom(index, end, needed);
    const uint32_t header[4] = {kind, length, record[1], record[2]};
    memcpy(end.lane.out + (end.outHead & mask), header, sizeof header);
    memcpy(end.lane.out + (end.outHead & mask) + sizeof header, bytes.data(), length);
    end.outHead += needed;
  }

  void makeRoom(uint32_t index, End& end, uint32_t bytes) {
    if (end.lane.outBytes - (end.outHead - base::loadAcquire(end.lane.word(abi::kOutTail))) >= bytes) return;
    base::storeSequential(end.lane.word(abi::kOutHead), end.outHead);
    reactor_.reserve(index, bytes);
  }

  Reactor& reactor_;
  std::vector<End> ends_;
};

// One client's life: connections of random fates. Returns the answers that were not what was asked for.
int live(int port, uint32_t seed, int connections) {
  std::mt19937 random(seed);
  int wrong = 0;
  for (int c = 0; c < connections; c++) {
    const int fd = connectTo(port);
    const std::string name = "client" + std::to_string(seed) + "-" + std::to_string(c);
    for (int round = random() % 4; round >= 0; round--) {
      std::string sent, expected;
      for (int i = random() % 60; i >= 0; i--) {
        sent += request(name, random() % 40 == 0 ? random() % 200000 : random() % 100);
        expected += ":" + name + "\r\n";
      }
      const bool vanishes = random() % 5 == 0;
      if (vanishes) sent.resize(random() % (sent.size() + 1));
      std::thread writer([&] { sendAll(fd, sent); });
      if (!vanishes) wrong += readSome(fd, expected.size()) != expected;
      writer.join();
      if (vanishes) break;
    }
    if (random() % 2) {
      const linger abrupt{1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
    }
    close(fd);
  }
  return wrong;
}

// Gives up after a while that no machine needs.
void awaitAccepted(const Reactor& reactor, double count) {
  for (int i = 0; i < 30'000; i++) {
    double counters[net::kCounterCount];
    reactor.counters(counters);
    if (counters[net::kAccepted] >= count) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

struct Sizes {
  uint32_t req, desc, out;
};

void serve(uint32_t lanes, bool usePoll, const Sizes& sizes, uint32_t start) {
  std::vector<std::unique_ptr<LaneMemory>> buffers;
  memory::Memory memory(1, 1);
  net::ReactorOptions options{{}, &memory, {1, 2}, usePoll};
  for (uint32_t i = 0; i < lanes; i++) {
    buffers.push_back(std::make_unique<LaneMemory>(start, sizes.req, sizes.desc, sizes.out));
    options.lanes.push_back(buffers.back()->lane());
  }
  Host host;
  Reactor reactor(options, host);
  REQUIRE(reactor.error() == 0);
  Echo echo(reactor, options.lanes);
  const int port = reactor.listenTcp("127.0.0.1", 0, 100);
  REQUIRE(port > 0);
  reactor.start();
  std::atomic<int> wrong{0};
  std::atomic<int> alive{4};
  std::atomic<bool> done{false};
  std::vector<std::thread> clients;
  for (uint32_t i = 0; i < 4; i++) {
    clients.emplace_back([&, i] {
      wrong += live(port, start + i, 25);
      if (--alive > 0) return;
      // The last ones may have vanished before they were accepted.
      awaitAccepted(reactor, 100);
      done = true;
    });
  }
  host.run(reactor, echo, done);
  for (std::thread& client : clients) client.join();
  CHECK_EQ(wrong.load(), 0);
  for (uint32_t lane = 0; lane < lanes; lane++) {
    net::ConnectionView view;
    for (uint32_t slot = 0; slot < 10; slot++) reactor.connections(lane).look(slot, &view);
  }
  reactor.stop();
  double counters[net::kCounterCount];
  reactor.counters(counters);
  CHECK_EQ(counters[net::kConnected], 0.0);
  CHECK_EQ(counters[net::kAccepted], 100.0);
  // What vanished clients had sent may still have stood in the ring when the reactor stopped.
  CHECK(counters[net::kCommands] >= static_cast<double>(echo.commands));
  CHECK_EQ(counters[net::kInputHeldBytes], 0.0);
  CHECK_EQ(counters[net::kOutputHeldBytes], 0.0);
}

// An executor that always takes longer than a turn of the reactor may last.
class Slow final : public net::Executor {
 public:
  explicit Slow(Echo& echo) : echo_(echo) {}
  void onReady(int lane) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    echo_.onReady(lane);
  }

 private:
  Echo& echo_;
};

// Clients have sent all that their sockets take before the first turn; then nobody may get far ahead of the others. False if
// somebody did.
bool serveGreedy() {
  constexpr uint32_t kClients = 6;
  const std::string bytes = [] {
    std::string all;
    while (all.size() < 150'000) all += request("greedy", 10);
    return all;
  }();
  const uint64_t each = bytes.size() / request("greedy", 10).size();
  LaneMemory buffers(0, 1 << 18, 1 << 16, 1 << 18);
  memory::Memory memory(1, 1);
  Host host;
  Reactor reactor({{buffers.lane()}, &memory, {1, 2}, false}, host);
  Echo echo(reactor, {buffers.lane()});
  Slow slow(echo);
  const int port = reactor.listenTcp("127.0.0.1", 0, 100);
  reactor.start();
  std::vector<int> clients;
  for (uint32_t i = 0; i < kClients; i++) {
    clients.push_back(connectTo(port));
    REQUIRE(sendAll(clients.back(), bytes));
  }
  const auto spread = [&] {
    const auto [least, most] = std::minmax_element(echo.commandsOf.begin(), echo.commandsOf.begin() + kClients);
    return *most - *least;
  };
  uint64_t widest = 0;
  while (echo.commands < kClients * each) {
    reactor.turn(slow);
    widest = std::max(widest, spread());
  }
  for (const int fd : clients) close(fd);
  reactor.stop();
  return widest <= each / 2;
}

constexpr Sizes kTiny{4096, 256, 4096};
constexpr Sizes kNormal{1 << 18, 1 << 14, 1 << 18};

}  // namespace

TEST_CASE("a reactor on the executor's thread serves unruly clients") {
  serve(1, false, kNormal, 0);
  serve(1, false, kTiny, 0u - 4096);
}

TEST_CASE("a reactor with one thread over poll(2) serves unruly clients") {
  serve(1, true, kNormal, 0);
  serve(1, true, kTiny, 0u - 4096);
}

TEST_CASE("a reactor with several threads serves unruly clients") {
  serve(2, false, kNormal, 0);
  serve(3, false, kTiny, 0u - 4096);
}

// On a busy machine the system may deliver what one client sent much later than the rest; not ten times in a row.
TEST_CASE("a reactor lets no greedy client overtake another") {
  bool fair = false;
  for (int round = 0; round < 10 && !fair; round++) fair = serveGreedy();
  CHECK(fair);
}
