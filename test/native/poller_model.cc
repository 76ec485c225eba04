// Random steps on a poller against a model: after each, what wait() reports must cover what poll(2) on the
// descriptor itself says, with the newest token and within the interest. The seed is printed; MILLRACE_SEED gives another, or
// one that is drawn (`random`).
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "../../native/net/poller.h"
#include "check.h"

using namespace millrace::net;

namespace {

constexpr int kSteps = 4000;
constexpr uint64_t kSeed = 1;
constexpr size_t kPairs = 24;

struct Peer {
  int ours = -1;
  int theirs = -1;
  bool watched = false;
  uint64_t token = 0;
  uint32_t interest = 0;
};

uint32_t readyNow(const Peer& peer) {
  pollfd entry = {peer.ours, POLLIN | POLLOUT, 0};
  poll(&entry, 1, 0);
  return (entry.revents & POLLIN ? kReadable : 0) | (entry.revents & POLLOUT ? kWritable : 0);
}

class Model {
 public:
  Model(Poller& poller, uint64_t seed) : poller_(poller), random_(seed), peers_(kPairs) {
    for (Peer& peer : peers_) connect(peer);
  }
  ~Model() {
    for (Peer& peer : peers_) disconnect(peer);
  }

  void step() {
    Peer& peer = peers_[below(kPairs)];
    switch (below(7)) {
      case 0:
        fill(peer);
        break;
      case 1:
        drain(peer.ours);
        break;
      case 2:
        drain(peer.theirs);
        break;
      case 3:
        send(peer.theirs, "x", 1, 0);
        break;
      case 4:
        watch(peer);
        break;
      case 5:
        unwatch(peer);
        break;
      default:
        if (below(4) == 0) {
          disconnect(peer);
          connect(peer);
        } else {
          shutdown(peer.theirs, SHUT_WR);
        }
    }
    if (below(8) == 0) poller_.wake();
    compare();
  }

 private:
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

  void connect(Peer& peer) {
    int fds[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    for (const int fd : fds) fcntl(fd, F_SETFL, O_NONBLOCK);
    peer = {fds[0], fds[1], false, 0, 0};
  }

  void disconnect(Peer& peer) {
    unwatch(peer);
    ::close(peer.ours);
    ::close(peer.theirs);
  }

  void watch(Peer& peer) {
    peer.token = random_();
    peer.interest = below(4);
    const bool done = peer.watched ? poller_.modify(peer.ours, peer.token, peer.interest)
                                   : poller_.add(peer.ours, peer.token, peer.interest);
    CHECK(done);
    peer.watched = true;
  }

  void unwatch(Peer& peer) {
    poller_.remove(peer.ours);
    peer.watched = false;
  }

  static void fill(const Peer& peer) {
    static const std::vector<char> block(65536, 'x');
    while (send(peer.ours, block.data(), block.size(), 0) > 0) {
    }
  }

  static void drain(int fd) {
    char bytes[65536];
    while (read(fd, bytes, sizeof bytes) > 0) {
    }
  }

  void compare() {
    PollEvent events[2 * kPairs];
    const int n = poller_.wait(events, 2 * kPairs, 0);
    std::map<uint64_t, uint32_t> reported;
    for (int i = 0; i < n; i++) CHECK(reported.emplace(events[i].token, events[i].ready).second);
    size_t known = 0;
    for (const Peer& peer : peers_) {
      const auto found = reported.find(peer.token);
      const bool seen = peer.watched && found != reported.end();
      const uint32_t ready = seen ? found->second : 0;
      const uint32_t wanted = peer.watched ? peer.interest & readyNow(peer) : 0;
      CHECK_EQ(wanted & ~ready, 0);
      CHECK(!seen || peer.interest != 0);
      CHECK_EQ(ready & ~(peer.interest | kHangup), 0);
      known += seen ? 1 : 0;
    }
    CHECK_EQ(reported.size(), known);
  }

  Poller& poller_;
  std::mt19937_64 random_;
  std::vector<Peer> peers_;
};

}  // namespace

TEST_CASE("poller: random steps agree with the model") {
  const char* given = std::getenv("MILLRACE_SEED");
  const bool isDrawn = given != nullptr && std::string(given) == "random";
  const uint64_t chosen = given != nullptr ? std::strtoull(given, nullptr, 10) : kSeed;
  const uint64_t seed = isDrawn ? std::random_device{}() : chosen;
  std::cout << "  seed " << seed << "\n";
  for (const auto make : {makeDefaultPoller, makePollPoller}) {
    const std::unique_ptr<Poller> poller = make();
    REQUIRE(poller->open());
    Model model(*poller, seed);
    const int before = check::failures();
    for (int i = 0; i < kSteps && check::failures() == before; i++) model.step();
  }
}
