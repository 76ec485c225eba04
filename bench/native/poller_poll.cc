// Everywhere else: poll, whose cost grows with the number of connections.
#include <poll.h>

#include <vector>

#include "poller.h"

namespace loadgen {

struct Poller::State {
  std::vector<pollfd> watched;  // position = index given to add()
  std::vector<Event> events;
};

Poller::Poller() : state_(std::make_unique<State>()) {}
Poller::~Poller() = default;

void Poller::add(int fd, uint32_t index) {
  if (state_->watched.size() <= index) state_->watched.resize(index + 1, pollfd{.fd = -1, .events = 0, .revents = 0});
  state_->watched[index] = {.fd = fd, .events = POLLIN, .revents = 0};
}

void Poller::watchWriting(int, uint32_t index, bool on) {
  state_->watched[index].events = static_cast<short>(on ? POLLIN | POLLOUT : POLLIN);
}

std::span<const Event> Poller::wait(int timeoutMs) {
  state_->events.clear();
  if (poll(state_->watched.data(), static_cast<nfds_t>(state_->watched.size()), timeoutMs) <= 0) return {};
  for (uint32_t i = 0; i < state_->watched.size(); i++) {
    const short happened = state_->watched[i].revents;
    if (happened == 0) continue;
    state_->events.push_back({.index = i,
                              .readable = (happened & (POLLIN | POLLERR | POLLHUP)) != 0,
                              .writable = (happened & POLLOUT) != 0});
  }
  return state_->events;
}

}  // namespace loadgen
