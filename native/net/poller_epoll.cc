// The readiness queue of Linux. An eventfd inside the same epoll set carries wake().
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "poller.h"

namespace millrace::net {
namespace {

constexpr uint64_t kWakeToken = ~uint64_t{0};
constexpr int kBatch = 256;

uint32_t toEpoll(uint32_t interest) {
  return (interest & kReadable ? uint32_t{EPOLLIN} : 0) | (interest & kWritable ? uint32_t{EPOLLOUT} : 0);
}

uint32_t fromEpoll(uint32_t events) {
  return (events & EPOLLIN ? kReadable : 0) | (events & EPOLLOUT ? kWritable : 0) |
         (events & (EPOLLHUP | EPOLLERR) ? kHangup : 0);
}

class EpollPoller final : public Poller {
 public:
  ~EpollPoller() override { close(); }

  bool open() override {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kWakeToken;
    if (epoll_ >= 0 && wake_ >= 0 && epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0) return true;
    const int reason = errno;
    close();
    errno = reason;
    return false;
  }

  void close() override {
    if (epoll_ >= 0) ::close(epoll_);
    if (wake_ >= 0) ::close(wake_);
    epoll_ = wake_ = -1;
  }

  int descriptor() const override { return epoll_; }

  void listDescriptors(std::vector<int>& into) const override { into.insert(into.end(), {epoll_, wake_}); }

  bool add(int fd, uint64_t token, uint32_t interest) override {
    return interest == 0 || control(EPOLL_CTL_ADD, fd, token, interest);
  }

  // epoll reports hang-ups even to those who asked for nothing, and would do so in a busy loop while reading is
  // paused. A descriptor without interest is therefore not in the set at all.
  bool modify(int fd, uint64_t token, uint32_t interest) override {
    if (interest == 0) {
      remove(fd);
      return true;
    }
    if (control(EPOLL_CTL_MOD, fd, token, interest)) return true;
    return errno == ENOENT && control(EPOLL_CTL_ADD, fd, token, interest);
  }

  void remove(int fd) override {
    epoll_event unused{};
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, &unused);
  }

  int wait(PollEvent* events, int capacity, int timeoutMs) override {
    epoll_event batch[kBatch];
    const int n = epoll_wait(epoll_, batch, capacity < kBatch ? capacity : kBatch, timeoutMs);
    if (n < 0) return errno == EINTR ? 0 : -1;
    int count = 0;
    for (int i = 0; i < n; i++) {
      if (batch[i].data.u64 == kWakeToken) {
        drainWake();
      } else {
        events[count++] = {batch[i].data.u64, fromEpoll(batch[i].events)};
      }
    }
    return count;
  }

  void wake() override {
    const uint64_t one = 1;
    // Fails only when the counter is at its limit, and then the descriptor is readable already.
    [[maybe_unused]] const ssize_t ignored = write(wake_, &one, sizeof one);
  }

  const char* name() const override { return "epoll"; }

 private:
  bool control(int operation, int fd, uint64_t token, uint32_t interest) {
    epoll_event event{};
    event.events = toEpoll(interest);
    event.data.u64 = token;
    return epoll_ctl(epoll_, operation, fd, &event) == 0;
  }

  void drainWake() {
    uint64_t count;
    [[maybe_unused]] const ssize_t ignored = read(wake_, &count, sizeof count);
  }

  int epoll_ = -1;
  int wake_ = -1;
};

}  // namespace

std::unique_ptr<Poller> makeDefaultPoller() { return std::make_unique<EpollPoller>(); }

}  // namespace millrace::net
