// A small kqueue for Linux, so that poller_kqueue.cc runs where we test: a queue is an epoll set, and a table
// says which filters of which descriptor are on.
//
// What it takes over from the BSDs, because a poller may trip over it: reading and writing are two filters
// with two events; deleting a filter that is not there fails with ENOENT; events are level triggered, the
// user event (EV_CLEAR only) reports once per delivery however often it was triggered; any change to a
// filter, NOTE_TRIGGER too, replaces its udata; the end of the stream is a READ event with EV_EOF whose data
// counts what is left to read; an error is EV_EOF with fflags set; closing a descriptor takes its filters
// away.
//
// What it leaves out: every other flag and filter (EINVAL), errors as EV_ERROR events, the real error number
// in fflags (asking the socket would take it from the reader), sub-millisecond timeouts.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/event.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace {

struct Filter {
  bool on = false;
  void* udata = nullptr;
};

struct Watched {
  Filter read;
  Filter write;
  bool writeFirst = false;  // whose turn it is when only one of the two events fits
};

struct Queue {
  std::mutex lock;
  std::map<int, Watched> watched;
  Filter user;
  uintptr_t userIdent = 0;
  int userFd = -1;  // an eventfd: NOTE_TRIGGER writes it
};

// C gives kevent() a number, so the queues must be found by it; one whose number the system gives out again
// is new.
std::mutex queuesLock;
std::map<int, std::shared_ptr<Queue>> queues;

std::shared_ptr<Queue> find(int number) {
  const std::lock_guard guard(queuesLock);
  const auto found = queues.find(number);
  return found == queues.end() ? nullptr : found->second;
}

bool fail(int reason) {
  errno = reason;
  return false;
}

bool changeUser(Queue& queue, int number, const struct kevent& change) {
  if (change.flags == (EV_ADD | EV_CLEAR) && !queue.user.on) {
    queue.userFd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = queue.userFd;
    if (queue.userFd < 0 || epoll_ctl(number, EPOLL_CTL_ADD, queue.userFd, &event) != 0) return false;
    queue.user.on = true;
    queue.userIdent = change.ident;
  } else if (change.flags != 0) {
    return fail(EINVAL);
  }
  if (!queue.user.on || change.ident != queue.userIdent) return fail(ENOENT);
  queue.user.udata = change.udata;
  const uint64_t one = 1;
  return (change.fflags & NOTE_TRIGGER) == 0 || write(queue.userFd, &one, sizeof one) == sizeof one;
}

bool control(int number, int operation, int fd, const Watched& watched) {
  epoll_event event{};
  event.events = (watched.read.on ? EPOLLIN | EPOLLRDHUP : 0u) | (watched.write.on ? EPOLLOUT : 0u);
  event.data.fd = fd;
  return epoll_ctl(number, operation, fd, &event) == 0;
}

bool changeFilter(Queue& queue, int number, const struct kevent& change) {
  if (change.filter == EVFILT_USER) return changeUser(queue, number, change);
  if (change.filter != EVFILT_READ && change.filter != EVFILT_WRITE) return fail(EINVAL);
  if (change.flags != EV_ADD && change.flags != EV_DELETE) return fail(EINVAL);
  const int fd = static_cast<int>(change.ident);
  Watched& watched = queue.watched[fd];
  // A descriptor that was closed, and perhaps opened again, is not in the set, whatever the table says.
  if (!control(number, EPOLL_CTL_MOD, fd, watched)) watched = Watched{};
  const bool known = watched.read.on || watched.write.on;
  Filter& filter = change.filter == EVFILT_READ ? watched.read : watched.write;
  if (change.flags == EV_DELETE && !filter.on) return fail(ENOENT);
  filter = {change.flags == EV_ADD, change.udata};
  const bool needed = watched.read.on || watched.write.on;
  if (control(number, known ? (needed ? EPOLL_CTL_MOD : EPOLL_CTL_DEL) : EPOLL_CTL_ADD, fd, watched)) return true;
  filter.on = false;
  return false;
}

struct kevent makeEvent(int fd, int16_t filter, void* udata, uint32_t ready) {
  int unread = 0;
  if (filter == EVFILT_READ) ioctl(fd, FIONREAD, &unread);
  const uint32_t ends = EPOLLHUP | EPOLLERR | (filter == EVFILT_READ ? uint32_t{EPOLLRDHUP} : 0);
  const bool ended = (ready & ends) != 0;
  const uint32_t error = (ready & EPOLLERR) != 0 ? EIO : 0;
  return {static_cast<uintptr_t>(fd), filter, static_cast<uint16_t>(ended ? EV_EOF : 0), error, unread, udata};
}

// Appends the events of one descriptor that fit; returns how many.
int deliver(Watched& watched, int fd, uint32_t ready, struct kevent* events, int room) {
  const bool always = (ready & (EPOLLHUP | EPOLLERR)) != 0;
  const bool readNow = watched.read.on && (always || (ready & (EPOLLIN | EPOLLRDHUP)) != 0);
  const bool writeNow = watched.write.on && (always || (ready & EPOLLOUT) != 0);
  const bool both = readNow && writeNow && room > 1;
  int count = 0;
  if (readNow && (both || !writeNow || !watched.writeFirst)) {
    events[count++] = makeEvent(fd, EVFILT_READ, watched.read.udata, ready);
  }
  if (writeNow && (both || count == 0)) events[count++] = makeEvent(fd, EVFILT_WRITE, watched.write.udata, ready);
  watched.writeFirst = readNow && writeNow && !both && !watched.writeFirst;
  return count;
}

int collect(Queue& queue, const std::vector<epoll_event>& batch, int n, struct kevent* events, int eventCount) {
  const std::lock_guard guard(queue.lock);
  int count = 0;
  for (int i = 0; i < n && count < eventCount; i++) {
    const int fd = batch[static_cast<size_t>(i)].data.fd;
    uint64_t triggers;
    if (fd == queue.userFd) {
      if (read(fd, &triggers, sizeof triggers) != sizeof triggers) continue;
      events[count++] = {queue.userIdent, EVFILT_USER, EV_CLEAR, 0, 0, queue.user.udata};
    } else if (const auto found = queue.watched.find(fd); found != queue.watched.end()) {
      count += deliver(found->second, fd, batch[static_cast<size_t>(i)].events, events + count, eventCount - count);
    }
  }
  return count;
}

}  // namespace

int kqueue() {
  const int number = epoll_create1(EPOLL_CLOEXEC);
  if (number < 0) return -1;
  const std::lock_guard guard(queuesLock);
  std::shared_ptr<Queue>& place = queues[number];
  if (place) close(place->userFd);
  place = std::make_shared<Queue>();
  return number;
}

int kevent(int number, const struct kevent* changes, int changeCount, struct kevent* events, int eventCount,
           const struct timespec* timeout) {
  const std::shared_ptr<Queue> queue = find(number);
  if (!queue) {
    errno = EBADF;
    return -1;
  }
  for (int i = 0; i < changeCount; i++) {
    const std::lock_guard guard(queue->lock);
    if (!changeFilter(*queue, number, changes[i])) return -1;
  }
  if (eventCount == 0) return 0;
  std::vector<epoll_event> batch(static_cast<size_t>(eventCount));
  const long timeoutMs = timeout == nullptr ? -1 : timeout->tv_sec * 1000 + (timeout->tv_nsec + 999999) / 1000000;
  const int n = epoll_wait(number, batch.data(), eventCount, static_cast<int>(timeoutMs));
  return n < 0 ? -1 : collect(*queue, batch, n, events, eventCount);
}
