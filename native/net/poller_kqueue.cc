// The readiness queue of macOS and the BSDs. An EVFILT_USER event carries wake().
//
// kqueue knows reading and writing as two filters that come and go alone and report alone, and its error when
// a filter is removed twice tells nothing. So this file remembers, per descriptor, which filters are on: a
// change costs one system call at most per filter, and none when only the token changes. The same table holds
// the token (udata is too narrow for one on 32-bit systems) and the place of the descriptor in the batch at
// hand, by which its two reports become one.
//
// <sys/event.h> is the only door to the system's kqueue: on Linux the tests put a header of that name, and a
// small kqueue made of epoll behind it, on the include path (test/native/kqueue_shim).
#include <errno.h>
#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <unistd.h>

#include <vector>

#include "poller.h"

namespace millrace::net {
namespace {

constexpr int kBatch = 256;
constexpr uintptr_t kWakeIdent = 0;

struct Watch {
  uint64_t token = 0;
  uint32_t filters = 0;  // kReadable and kWritable: the filters the kernel has
  int32_t place = 0;     // index in the batch at hand, if the batch agrees
};

uint32_t fromKevent(const struct kevent& event) {
  const uint32_t ready = event.filter == EVFILT_READ ? kReadable : kWritable;
  // The end of what the peer sends is an ordinary read of 0 bytes. With an error in fflags, or when nothing
  // can be sent any more, the connection is beyond that.
  const bool ended = (event.flags & EV_EOF) != 0;
  const bool dead = ended && (event.fflags != 0 || event.filter == EVFILT_WRITE);
  return ready | (dead ? kHangup : 0);
}

class KqueuePoller final : public Poller {
 public:
  ~KqueuePoller() override { close(); }

  bool open() override {
    queue_ = kqueue();
    if (queue_ < 0) return false;
    fcntl(queue_, F_SETFD, FD_CLOEXEC);
    if (change(kWakeIdent, EVFILT_USER, EV_ADD | EV_CLEAR, 0)) return true;
    const int reason = errno;
    close();
    errno = reason;
    return false;
  }

  void close() override {
    if (queue_ >= 0) ::close(queue_);
    queue_ = -1;
    watches_.clear();
  }

  int descriptor() const override { return queue_; }

  void listDescriptors(std::vector<int>& into) const override { into.push_back(queue_); }

  bool add(int fd, uint64_t token, uint32_t interest) override {
    if (fd < 0) {
      errno = EBADF;
      return false;
    }
    const size_t index = static_cast<size_t>(fd);
    if (index >= watches_.size()) watches_.resize(index + index / 2 + 64);
    watches_[index] = Watch{};
    return modify(fd, token, interest);
  }

  bool modify(int fd, uint64_t token, uint32_t interest) override {
    Watch& watch = watches_[static_cast<size_t>(fd)];
    watch.token = token;
    if (setFilter(fd, watch, kReadable, interest) && setFilter(fd, watch, kWritable, interest)) return true;
    const int reason = errno;
    remove(fd);
    errno = reason;
    return false;
  }

  void remove(int fd) override {
    if (static_cast<size_t>(fd) >= watches_.size()) return;
    Watch& watch = watches_[static_cast<size_t>(fd)];
    setFilter(fd, watch, kReadable, 0);
    setFilter(fd, watch, kWritable, 0);
  }

  int wait(PollEvent* events, int capacity, int timeoutMs) override {
    struct kevent batch[kBatch];
    const timespec timeout = {timeoutMs / 1000, timeoutMs % 1000 * 1000000L};
    const int room = capacity < kBatch ? capacity : kBatch;
    const int n = kevent(queue_, nullptr, 0, batch, room, timeoutMs < 0 ? nullptr : &timeout);
    if (n < 0) return errno == EINTR ? 0 : -1;
    int count = 0;
    int fds[kBatch];  // fds[i] is the descriptor of events[i]
    for (int i = 0; i < n; i++) {
      if (batch[i].filter == EVFILT_USER) continue;
      const int fd = static_cast<int>(batch[i].ident);
      Watch& watch = watches_[batch[i].ident];
      if (watch.place >= count || fds[watch.place] != fd) {
        watch.place = count++;
        fds[watch.place] = fd;
        events[watch.place] = {watch.token, 0};
      }
      events[watch.place].ready |= fromKevent(batch[i]);
    }
    return count;
  }

  void wake() override { change(kWakeIdent, EVFILT_USER, 0, NOTE_TRIGGER); }

  const char* name() const override { return "kqueue"; }

 private:
  bool change(uintptr_t ident, int filter, int flags, uint32_t fflags) {
    struct kevent one;
    EV_SET(&one, ident, static_cast<int16_t>(filter), static_cast<uint16_t>(flags), fflags, 0, nullptr);
    return kevent(queue_, &one, 1, nullptr, 0, nullptr) == 0;
  }

  // Brings the filter named by `bit` to the state that `interest` asks for.
  bool setFilter(int fd, Watch& watch, uint32_t bit, uint32_t interest) {
    if (((watch.filters ^ interest) & bit) == 0) return true;
    const bool on = (interest & bit) != 0;
    const int filter = bit == kReadable ? EVFILT_READ : EVFILT_WRITE;
    watch.filters ^= bit;
    // The kernel drops the filters of a closed descriptor by itself: failing to delete one is no failure.
    if (change(static_cast<uintptr_t>(fd), filter, on ? EV_ADD : EV_DELETE, 0) || !on) return true;
    watch.filters ^= bit;
    return false;
  }

  int queue_ = -1;
  std::vector<Watch> watches_;  // by descriptor
};

}  // namespace

std::unique_ptr<Poller> makeDefaultPoller() { return std::make_unique<KqueuePoller>(); }

}  // namespace millrace::net
