// The readiness queue of any POSIX system: poll(2) over all descriptors, a pipe for wake(). Every wait()
// costs time in proportion to the descriptors watched, so this is the fallback and the oracle, not the road.
//
//   entries_   [wake pipe][fd 7][fd 12][~fd 9]...   dense, as poll(2) wants it; ~fd: known, but asked for nothing
//   tokens_    [    -    ][ t  ][ t   ][ t   ]...   beside it
//   places_    by descriptor: its index in the two, 0 = not known
//
// poll(2) reports a hang-up even to those who asked for nothing. A negative descriptor is what it skips,
// hence ~fd.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <vector>

#include "poller.h"

namespace millrace::net {
namespace {

short toPoll(uint32_t interest) {
  return static_cast<short>((interest & kReadable ? POLLIN : 0) | (interest & kWritable ? POLLOUT : 0));
}

uint32_t fromPoll(short events) {
  return (events & POLLIN ? kReadable : 0) | (events & POLLOUT ? kWritable : 0) |
         (events & (POLLHUP | POLLERR | POLLNVAL) ? kHangup : 0);
}

bool prepare(int fd) { return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0; }

class PollPoller final : public Poller {
 public:
  ~PollPoller() override { close(); }

  bool open() override {
    if (pipe(wake_) != 0) return false;
    if (prepare(wake_[0]) && prepare(wake_[1])) {
      append(wake_[0], 0, kReadable);
      return true;
    }
    const int reason = errno;
    close();
    errno = reason;
    return false;
  }

  void close() override {
    if (wake_[0] >= 0) ::close(wake_[0]);
    if (wake_[1] >= 0) ::close(wake_[1]);
    wake_[0] = wake_[1] = -1;
    entries_.clear();
    tokens_.clear();
    places_.clear();
    next_ = 1;
  }

  int descriptor() const override { return -1; }

  void listDescriptors(std::vector<int>& into) const override { into.insert(into.end(), wake_, wake_ + 2); }

  bool add(int fd, uint64_t token, uint32_t interest) override {
    if (fcntl(fd, F_GETFD) < 0) return false;
    const size_t index = static_cast<size_t>(fd);
    if (index >= places_.size()) places_.resize(index + index / 2 + 64);
    places_[index] = append(fd, token, interest);
    return true;
  }

  bool modify(int fd, uint64_t token, uint32_t interest) override {
    const uint32_t place = places_[static_cast<size_t>(fd)];
    entries_[place] = entry(fd, interest);
    tokens_[place] = token;
    return true;
  }

  // The last entry moves into the gap.
  void remove(int fd) override {
    const size_t index = static_cast<size_t>(fd);
    if (index >= places_.size() || places_[index] == 0) return;
    const uint32_t place = places_[index];
    const int lastFd = entries_.back().fd;
    places_[static_cast<size_t>(lastFd < 0 ? ~lastFd : lastFd)] = place;
    entries_[place] = entries_.back();
    tokens_[place] = tokens_.back();
    places_[index] = 0;
    entries_.pop_back();
    tokens_.pop_back();
  }

  int wait(PollEvent* events, int capacity, int timeoutMs) override {
    const int ready = poll(entries_.data(), static_cast<nfds_t>(entries_.size()), timeoutMs);
    if (ready < 0) return errno == EINTR ? 0 : -1;
    if (ready == 0) return 0;
    if (entries_[0].revents != 0) drainWake();
    return collect(events, capacity);
  }

  void wake() override {
    // Fails only when the pipe is full, and then it is readable already.
    [[maybe_unused]] const ssize_t ignored = write(wake_[1], "", 1);
  }

  const char* name() const override { return "poll"; }

 private:
  static pollfd entry(int fd, uint32_t interest) { return {interest == 0 ? ~fd : fd, toPoll(interest), 0}; }

  uint32_t append(int fd, uint64_t token, uint32_t interest) {
    entries_.push_back(entry(fd, interest));
    tokens_.push_back(token);
    return static_cast<uint32_t>(entries_.size() - 1);
  }

  // Goes once round the entries from where the last call ran out of room, so that a small capacity starves
  // nobody.
  int collect(PollEvent* events, int capacity) {
    const size_t size = entries_.size();
    int count = 0;
    for (size_t left = size - 1; left > 0 && count < capacity; left--) {
      if (next_ >= size) next_ = 1;
      const uint32_t ready = fromPoll(entries_[next_].revents);
      if (ready != 0) events[count++] = {tokens_[next_], ready};
      next_++;
    }
    return count;
  }

  void drainWake() {
    char bytes[64];
    while (read(wake_[0], bytes, sizeof bytes) == sizeof bytes) {
    }
  }

  int wake_[2] = {-1, -1};
  std::vector<pollfd> entries_;
  std::vector<uint64_t> tokens_;
  std::vector<uint32_t> places_;
  size_t next_ = 1;  // the entry that collect() looks at first
};

}  // namespace

std::unique_ptr<Poller> makePollPoller() { return std::make_unique<PollPoller>(); }

}  // namespace millrace::net
