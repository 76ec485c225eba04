// Waiting for many sockets; one implementation is linked, poller_epoll.cc or poller_poll.cc. Level-triggered: an event
// is reported as long as its condition holds.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

namespace loadgen {

struct Event {
  uint32_t index;  // as given to add()
  bool readable;   // also set when the peer hung up: a read then says so
  bool writable;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd, uint32_t index);  // watches for reading
  void watchWriting(int fd, uint32_t index, bool on);
  // Waits up to timeoutMs; the events stay valid until the next call.
  std::span<const Event> wait(int timeoutMs);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loadgen
