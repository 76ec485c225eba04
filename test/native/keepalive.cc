// The walk that spreads the probes of many connections: what timers they have, and when.
#include "../../native/net/keepalive.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "check.h"

// Where timers cannot be set in this way they are left to the system, and there is nothing to test.
#ifdef TCP_KEEPIDLE

using namespace millrace::net;

namespace {

constexpr uint32_t kSeconds = 40;
constexpr uint64_t kTickMs = 100;

// Connections over loopback whose peers do nothing, and a walk over them at its own time.
class Crowd {
 public:
  explicit Crowd(uint32_t count) {
    const int listener = listenTcp("127.0.0.1", 0, 100, kSeconds);
    REQUIRE(listener >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(localEndpoint(listener).port);
    for (uint32_t i = 0; i < count; i++) {
      const int peer = socket(AF_INET, SOCK_STREAM, 0);
      REQUIRE(::connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
      peers_.push_back(peer);
      pollfd ready{listener, POLLIN, 0};
      REQUIRE(poll(&ready, 1, -1) == 1);
      sockaddr_storage from;
      uint32_t slot;
      Connection* const connection = connections_.allocate(&slot);
      REQUIRE(connection != nullptr);
      connection->fd = acceptSocket(listener, &from);
      REQUIRE(connection->fd >= 0);
      connection->family = kIpv4;
      connection->activeSeconds = static_cast<uint32_t>(nowMs_ / 1000);
      connection->id.store(i + 1);
    }
    close(listener);
    pass(kTickMs);  // the walk begins
  }
  ~Crowd() {
    for (const int peer : peers_) close(peer);
    for (uint32_t slot = 0; slot < count(); slot++) close(at(slot).fd);
  }

  uint32_t count() const { return static_cast<uint32_t>(peers_.size()); }
  Connection& at(uint32_t slot) const { return connections_.at(slot); }
  uint64_t nowSeconds() const { return nowMs_ / 1000; }

  void pass(uint64_t ms) {
    for (const uint64_t end = nowMs_ + ms; nowMs_ < end;) {
      nowMs_ += kTickMs;
      keepalive_.turn(connections_, nowMs_, kSeconds);
    }
  }

  // Time passes without the walk.
  void skip(uint64_t ms) { nowMs_ += ms; }

  uint32_t idleSeconds(uint32_t slot) const {
    int value = 0;
    socklen_t length = sizeof value;
    REQUIRE(getsockopt(at(slot).fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, &length) == 0);
    return static_cast<uint32_t>(value);
  }

  std::map<uint32_t, uint32_t> timers() const {
    std::map<uint32_t, uint32_t> counts;
    for (uint32_t slot = 0; slot < count(); slot++) counts[idleSeconds(slot)]++;
    return counts;
  }

 private:
  Connections connections_;
  Keepalive keepalive_;
  uint64_t nowMs_ = 1'000'000;
  std::vector<int> peers_;
};

}  // namespace

TEST_CASE("in a crowd nobody's timer expires by itself, and probes leave one after the other") {
  constexpr uint32_t kPutOff = kSeconds * 2;
  constexpr uint32_t kProbed = 25;
  Crowd crowd(40);
  CHECK_EQ(crowd.idleSeconds(39), kSeconds);
  // Putting off takes half of the time, a connection after the other.
  crowd.pass(kSeconds * 250);
  CHECK_EQ(crowd.idleSeconds(19), kPutOff);
  CHECK_EQ(crowd.idleSeconds(22), kSeconds);
  crowd.pass(kSeconds * 250);
  CHECK_EQ(crowd.timers()[kPutOff], 40);
  // Nobody has been silent for long when the walk comes to the first half; the others are due.
  crowd.pass(kSeconds * 500);
  CHECK_EQ(crowd.idleSeconds(18), kPutOff);
  CHECK_EQ(crowd.idleSeconds(21), kProbed);
  CHECK_EQ(crowd.idleSeconds(39), kProbed);
  crowd.pass(kSeconds * 500);
  CHECK_EQ(crowd.idleSeconds(1), kPutOff);
  CHECK_EQ(crowd.idleSeconds(39), kPutOff);
  crowd.pass(kSeconds * 250);
  CHECK_EQ(crowd.idleSeconds(0), kProbed);
  CHECK_EQ(crowd.idleSeconds(22), kPutOff);
}

TEST_CASE("who is not silent is not probed, nor is who is gone or has no network") {
  Crowd crowd(10);
  crowd.at(3).set(kFlagClosed);
  crowd.at(4).family = kUnix;
  crowd.pass(kSeconds * 500);
  CHECK_EQ(crowd.idleSeconds(3), kSeconds);
  CHECK_EQ(crowd.idleSeconds(4), kSeconds);
  for (uint32_t ticks = 0; ticks < kSeconds * 15; ticks++) {
    crowd.at(7).activeSeconds = static_cast<uint32_t>(crowd.nowSeconds());
    crowd.pass(kTickMs);
    CHECK_EQ(crowd.idleSeconds(7), kSeconds * 2);
  }
}

TEST_CASE("a crowd that comes back after a while is put off first, not probed at once") {
  Crowd crowd(10);
  crowd.pass(kSeconds * 500);
  crowd.skip(kSeconds * 10'000);
  crowd.pass(kTickMs * 5);
  CHECK_EQ(crowd.timers()[25], 0);
  crowd.pass(kSeconds * 500);
  crowd.pass(kSeconds * 250);
  CHECK_EQ(crowd.idleSeconds(4), 25);
  CHECK_EQ(crowd.idleSeconds(7), kSeconds * 2);
}

TEST_CASE("a peer that answers has no unanswered probes") {
  Crowd crowd(1);
  CHECK_EQ(unansweredProbes(crowd.at(0).fd), 0);
  CHECK_EQ(unansweredProbes(-1), 0);
}

#endif
