// The contract of native/net/poller.h, case by case, for the backend that this program was built with (epoll,
// or kqueue over the shim) and for poll(2). Waits are either 0 or without end, so that time decides nothing:
// a broken backend shows as a wrong event or as a program that the caller's time limit ends.
#include "../../native/net/poller.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "check.h"

using namespace millrace::net;

namespace {

constexpr uint64_t kTallToken = 0xfedcba9876543210;

using Make = std::unique_ptr<Poller> (*)();

// Runs `body` on a fresh poller of each backend.
template <typename Body>
void onEachBackend(Body body) {
  for (const Make make : {Make{makeDefaultPoller}, Make{makePollPoller}}) {
    const std::unique_ptr<Poller> poller = make();
    REQUIRE(poller->open());
    const int before = check::failures();
    body(*poller);
    if (check::failures() != before) std::cout << "  on " << poller->name() << "\n";
  }
}

// A connected pair of sockets; closes what is still open.
struct Pair {
  int ours = -1;
  int theirs = -1;

  Pair() {
    int fds[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    ours = fds[0];
    theirs = fds[1];
    fcntl(ours, F_SETFL, O_NONBLOCK);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    closeTheirs();
    ::close(ours);
  }
  void send(const char* text) const { CHECK(write(theirs, text, 1) == 1); }
  void drain() const {
    char bytes[256];
    while (read(ours, bytes, sizeof bytes) > 0) {
    }
  }
  void closeTheirs() {
    if (theirs >= 0) ::close(theirs);
    theirs = -1;
  }
};

bool readableNow(int fd) {
  pollfd entry = {fd, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

// The one event that a wait without waiting gives, or {0, 0} if there is none.
PollEvent only(Poller& poller) {
  PollEvent events[8];
  const int n = poller.wait(events, 8, 0);
  CHECK(n == 0 || n == 1);
  return n == 1 ? events[0] : PollEvent{0, 0};
}

}  // namespace

TEST_CASE("poller: an idle descriptor is not reported") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    REQUIRE(poller.add(pair.ours, 7, kReadable));
    CHECK_EQ(only(poller).ready, 0);
  });
}

TEST_CASE("poller: readable is reported with all 64 bits of the token, until the bytes are read") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    REQUIRE(poller.add(pair.ours, kTallToken, kReadable));
    pair.send("x");
    for (int i = 0; i < 3; i++) {
      const PollEvent event = only(poller);
      CHECK_EQ(event.token, kTallToken);
      CHECK_EQ(event.ready, kReadable);
    }
    pair.drain();
    CHECK_EQ(only(poller).ready, 0);
  });
}

TEST_CASE("poller: reading and writing come as one event of the descriptor") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    REQUIRE(poller.add(pair.ours, 7, kReadable | kWritable));
    CHECK_EQ(only(poller).ready, kWritable);
    pair.send("x");
    CHECK_EQ(only(poller).ready, kReadable | kWritable);
  });
}

TEST_CASE("poller: a full socket is writable again when the peer has read") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    const std::vector<char> block(65536, 'x');
    while (write(pair.ours, block.data(), block.size()) > 0) {
    }
    REQUIRE(poller.add(pair.ours, 7, kWritable));
    CHECK_EQ(only(poller).ready, 0);
    fcntl(pair.theirs, F_SETFL, O_NONBLOCK);
    std::vector<char> sink(65536);
    while (read(pair.theirs, sink.data(), sink.size()) > 0) {
    }
    CHECK_EQ(only(poller).ready, kWritable);
  });
}

TEST_CASE("poller: modify replaces token and interest") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    pair.send("x");
    REQUIRE(poller.add(pair.ours, 1, kReadable));
    REQUIRE(poller.modify(pair.ours, 2, kReadable));
    CHECK_EQ(only(poller).token, 2);
    REQUIRE(poller.modify(pair.ours, 3, kWritable));
    CHECK_EQ(only(poller).token, 3);
    CHECK_EQ(only(poller).ready, kWritable);
    REQUIRE(poller.modify(pair.ours, 4, kReadable | kWritable));
    CHECK_EQ(only(poller).ready, kReadable | kWritable);
    REQUIRE(poller.modify(pair.ours, 5, kReadable));
    CHECK_EQ(only(poller).ready, kReadable);
  });
}

TEST_CASE("poller: without interest nothing is reported, not even a hang-up") {
  onEachBackend([](Poller& poller) {
    Pair added;
    Pair modified;
    REQUIRE(poller.add(added.ours, 1, 0));
    REQUIRE(poller.add(modified.ours, 2, kReadable | kWritable));
    REQUIRE(poller.modify(modified.ours, 2, 0));
    added.closeTheirs();
    modified.closeTheirs();
    CHECK_EQ(only(poller).ready, 0);
    REQUIRE(poller.modify(added.ours, 3, kReadable));
    CHECK_EQ(only(poller).token, 3);
  });
}

TEST_CASE("poller: a removed descriptor is silent and can be added again") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    const Pair other;
    pair.send("x");
    REQUIRE(poller.add(pair.ours, 1, kReadable | kWritable));
    REQUIRE(poller.add(other.ours, 2, kReadable));
    poller.remove(pair.ours);
    CHECK_EQ(only(poller).ready, 0);
    poller.remove(pair.ours);
    poller.remove(other.theirs);
    poller.remove(-1);
    REQUIRE(poller.add(pair.ours, 3, kReadable));
    CHECK_EQ(only(poller).token, 3);
    other.send("x");
    PollEvent events[8];
    CHECK_EQ(poller.wait(events, 8, 0), 2);
  });
}

TEST_CASE("poller: a number that the system gives out again starts afresh") {
  onEachBackend([](Poller& poller) {
    int number = -1;
    {
      const Pair first;
      number = first.ours;
      REQUIRE(poller.add(first.ours, 1, kReadable | kWritable));
      poller.remove(first.ours);
    }
    const Pair second;
    REQUIRE(second.ours == number);
    REQUIRE(poller.add(second.ours, 2, kReadable));
    CHECK_EQ(only(poller).ready, 0);
    second.send("x");
    CHECK_EQ(only(poller).token, 2);
  });
}

TEST_CASE("poller: the end of the stream is readable, and only that while writing is possible") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    REQUIRE(poller.add(pair.ours, 7, kReadable));
    REQUIRE(shutdown(pair.theirs, SHUT_WR) == 0);
    CHECK_EQ(only(poller).ready, kReadable);
    REQUIRE(poller.modify(pair.ours, 7, kReadable | kWritable));
    CHECK_EQ(only(poller).ready, kReadable | kWritable);
  });
}

TEST_CASE("poller: a peer that is gone is a hang-up to a writer, with or without bytes lost") {
  onEachBackend([](Poller& poller) {
    Pair clean;
    REQUIRE(poller.add(clean.ours, 7, kWritable));
    clean.closeTheirs();
    CHECK_EQ(only(poller).ready & kHangup, kHangup);
    poller.remove(clean.ours);
    Pair lossy;
    REQUIRE(write(lossy.ours, "x", 1) == 1);
    REQUIRE(poller.add(lossy.ours, 8, kWritable));
    lossy.closeTheirs();
    CHECK_EQ(only(poller).ready & kHangup, kHangup);
  });
}

TEST_CASE("poller: a TCP listener is readable when somebody connects; a reset is a hang-up") {
  onEachBackend([](Poller& poller) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener, 4) == 0);
    REQUIRE(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    REQUIRE(poller.add(listener, 1, kReadable));
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(connect(client, reinterpret_cast<sockaddr*>(&address), size) == 0);
    PollEvent event{};
    REQUIRE(poller.wait(&event, 1, -1) == 1);
    CHECK_EQ(event.ready, kReadable);
    const int accepted = accept(listener, nullptr, nullptr);
    CHECK_EQ(only(poller).ready, 0);
    REQUIRE(poller.add(accepted, 2, kReadable));
    const linger hard = {1, 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    ::close(client);
    REQUIRE(poller.wait(&event, 1, -1) == 1);
    CHECK_EQ(event.token, 2);
    CHECK_EQ(event.ready, kReadable | kHangup);
    char byte;
    CHECK(read(accepted, &byte, 1) == -1 && errno == ECONNRESET);
    poller.remove(accepted);
    poller.remove(listener);
    ::close(accepted);
    ::close(listener);
  });
}

TEST_CASE("poller: adding what is no descriptor fails with EBADF") {
  onEachBackend([](Poller& poller) {
    const int gone = dup(0);
    ::close(gone);
    CHECK(!poller.add(gone, 1, kReadable) && errno == EBADF);
    CHECK(!poller.add(-1, 1, kReadable) && errno == EBADF);
    CHECK_EQ(only(poller).ready, 0);
  });
}

TEST_CASE("poller: a small capacity starves nobody") {
  onEachBackend([](Poller& poller) {
    constexpr int kPairs = 40;
    constexpr int kCapacity = 3;
    const Pair pairs[kPairs];
    for (int i = 0; i < kPairs; i++) {
      REQUIRE(poller.add(pairs[i].ours, static_cast<uint64_t>(i), kReadable | kWritable));
      pairs[i].send("x");
    }
    std::set<uint64_t> readable;
    std::set<uint64_t> writable;
    // Twice what a backend needs that reports reading and writing as two events.
    for (int round = 0; round < 4 * (kPairs / kCapacity + 1); round++) {
      PollEvent events[kCapacity];
      const int n = poller.wait(events, kCapacity, 0);
      CHECK(n > 0 && n <= kCapacity);
      for (int i = 0; i < n; i++) {
        if ((events[i].ready & kReadable) != 0) readable.insert(events[i].token);
        if ((events[i].ready & kWritable) != 0) writable.insert(events[i].token);
      }
    }
    CHECK_EQ(readable.size(), size_t{kPairs});
    CHECK_EQ(writable.size(), size_t{kPairs});
  });
}

TEST_CASE("poller: a batch larger than any buffer inside comes through") {
  onEachBackend([](Poller& poller) {
    constexpr size_t kPairs = 400;
    const std::vector<Pair> pairs(kPairs);
    for (size_t i = 0; i < kPairs; i++) REQUIRE(poller.add(pairs[i].ours, i, kWritable));
    std::set<uint64_t> seen;
    std::vector<PollEvent> events(1000);
    for (int round = 0; round < 4; round++) {
      const int n = poller.wait(events.data(), 1000, 0);
      for (int i = 0; i < n; i++) seen.insert(events[static_cast<size_t>(i)].token);
    }
    CHECK_EQ(seen.size(), kPairs);
  });
}

TEST_CASE("poller: a wake before the wait is remembered, counts once and is no event") {
  onEachBackend([](Poller& poller) {
    for (int i = 0; i < 1000; i++) poller.wake();
    PollEvent event{};
    CHECK_EQ(poller.wait(&event, 1, -1), 0);
    // Had one wake been left over, the next wait could end before the thread has spoken.
    std::atomic<bool> spoken = false;
    std::thread other([&] {
      spoken = true;
      poller.wake();
    });
    CHECK_EQ(poller.wait(&event, 1, -1), 0);
    CHECK(spoken.load());
    other.join();
  });
}

TEST_CASE("poller: a wake among ready descriptors hides none of them") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    pair.send("x");
    REQUIRE(poller.add(pair.ours, 7, kReadable));
    for (int i = 0; i < 10; i++) {
      poller.wake();
      bool seen = false;
      for (int attempt = 0; attempt < 2 && !seen; attempt++) seen = only(poller).token == 7;
      CHECK(seen);
    }
  });
}

TEST_CASE("poller: wakes from another thread are never lost") {
  onEachBackend([](Poller& poller) {
    constexpr int kWakes = 20000;
    std::atomic<int> asked = 0;
    std::atomic<int> answered = 0;
    std::thread other([&] {
      for (int i = 1; i <= kWakes; i++) {
        asked = i;
        poller.wake();
        while (answered.load() < i - 8) std::this_thread::yield();
      }
    });
    PollEvent event{};
    while (answered.load() < kWakes) {
      CHECK_EQ(poller.wait(&event, 1, -1), 0);
      answered = asked.load();
    }
    other.join();
  });
}

TEST_CASE("poller: a signal ends the wait with no event") {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigaction(SIGUSR1, &action, nullptr);
  onEachBackend([](Poller& poller) {
    std::atomic<bool> done = false;
    const pthread_t waiter = pthread_self();
    std::thread other([&] {
      while (!done) {
        pthread_kill(waiter, SIGUSR1);
        std::this_thread::yield();
      }
    });
    PollEvent event{};
    CHECK_EQ(poller.wait(&event, 1, -1), 0);
    done = true;
    other.join();
  });
}

TEST_CASE("poller: its descriptor is readable while there is something to hear") {
  const std::unique_ptr<Poller> poller = makeDefaultPoller();
  REQUIRE(poller->open());
  const int own = poller->descriptor();
  REQUIRE(own >= 0);
  CHECK((fcntl(own, F_GETFD) & FD_CLOEXEC) != 0);
  const Pair pair;
  REQUIRE(poller->add(pair.ours, 7, kReadable));
  CHECK(!readableNow(own));
  pair.send("x");
  CHECK(readableNow(own));
  pair.drain();
  only(*poller);
  CHECK(!readableNow(own));
  poller->wake();
  CHECK(readableNow(own));
  only(*poller);
  CHECK(!readableNow(own));
}

TEST_CASE("poller: closing twice is harmless and leaves the caller's descriptors open") {
  onEachBackend([](Poller& poller) {
    const Pair pair;
    const int own = poller.descriptor();
    REQUIRE(poller.add(pair.ours, 7, kReadable));
    poller.close();
    poller.close();
    CHECK(fcntl(pair.ours, F_GETFD) >= 0);
    CHECK_EQ(fcntl(own, F_GETFD), -1);
  });
}
