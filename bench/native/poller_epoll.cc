// Linux: epoll.
#include <sys/epoll.h>
#include <unistd.h>

#include <vector>

#include "poller.h"

namespace loadgen {

constexpr int kEventsAtOnce = 512;

struct Poller::State {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  std::vector<epoll_event> raw = std::vector<epoll_event>(kEventsAtOnce);
  std::vector<Event> events = std::vector<Event>(kEventsAtOnce);
};

Poller::Poller() : state_(std::make_unique<State>()) {}
Poller::~Poller() { close(state_->fd); }

void Poller::add(int fd, uint32_t index) {
  epoll_event event{.events = EPOLLIN, .data = {.u32 = index}};
  epoll_ctl(state_->fd, EPOLL_CTL_ADD, fd, &event);
}

void Poller::watchWriting(int fd, uint32_t index, bool on) {
  epoll_event event{.events = on ? EPOLLIN | EPOLLOUT : EPOLLIN, .data = {.u32 = index}};
  epoll_ctl(state_->fd, EPOLL_CTL_MOD, fd, &event);
}

std::span<const Event> Poller::wait(int timeoutMs) {
  const int count = epoll_wait(state_->fd, state_->raw.data(), kEventsAtOnce, timeoutMs);
  for (int i = 0; i < count; i++) {
    const epoll_event& raw = state_->raw[i];
    state_->events[i] = {.index = raw.data.u32,
                         .readable = (raw.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0,
                         .writable = (raw.events & EPOLLOUT) != 0};
  }
  return {state_->events.data(), static_cast<size_t>(count > 0 ? count : 0)};
}

}  // namespace loadgen
