// One contract for the system's readiness queue: epoll, kqueue and poll(2) each implement it in a file of their own.
//
// Level triggered: a descriptor is reported by every wait() for as long as it is ready for something in its interest.
// A caller may therefore leave bytes in a socket and see it again, which is how fairness and back-pressure work here.
//
// Events may be spurious. A report is a hint that a read, write or accept is worth trying; it may fail with EAGAIN.
// Events of one wait() may name a descriptor that the handling of an earlier event of the same batch removed: tokens
// carry whatever lets the caller notice (slot and generation), the poller never looks inside them.
//
// Threads: one thread at a time owns a poller and calls everything but wake(), which any thread may call from open()
// until close() begins. wake() makes the current or the next wait() return at once, is sticky until then, and any
// number of calls before that count as one. It never appears as an event.
//
// Nothing here throws or prints. Functions that can fail return false (or -1) and leave the reason in errno.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace millrace::net {

constexpr uint32_t kReadable = 1;  // a read or accept is worth trying, end of stream included
constexpr uint32_t kWritable = 2;
constexpr uint32_t kHangup = 4;  // error, or both directions are shut; a read tells which

struct PollEvent {
  uint64_t token;
  uint32_t ready;
};

class Poller {
 public:
  virtual ~Poller() = default;

  // Acquires what the backend needs. false with errno set otherwise; close() is then not needed.
  virtual bool open() = 0;

  // Gives everything back. Descriptors that were added stay open: they belong to the caller. Idempotent.
  virtual void close() = 0;

  // A descriptor that is readable while wait(…, 0) would report something or a wake() is pending, so that another
  // event loop can watch this one; -1 if the backend has none (poll(2)), in which case it needs a thread of its own.
  virtual int descriptor() const = 0;

  // Appends the descriptors it consists of, for threads that have tables of their own (base/private_files.h).
  virtual void listDescriptors(std::vector<int>& into) const = 0;

  // Watches `fd`, whose events will carry `token`. `interest` is kReadable and kWritable or'ed; with 0 the
  // descriptor is known but nothing about it is reported, not even a hang-up. kHangup needs no asking and comes with
  // any other interest.
  virtual bool add(int fd, uint64_t token, uint32_t interest) = 0;

  // Replaces token and interest of a descriptor that add() accepted.
  virtual bool modify(int fd, uint64_t token, uint32_t interest) = 0;

  // Forgets `fd`; to be called before the descriptor is closed. Harmless for one that is not known.
  virtual void remove(int fd) = 0;

  // Waits up to `timeoutMs` (0: do not wait, -1: without end) and fills at most `capacity` events; each descriptor
  // appears at most once. Descriptors beyond the capacity come in a later call, none starves. Returns their number;
  // 0 also after a wake or a signal; -1 with errno set only when the backend is broken.
  virtual int wait(PollEvent* events, int capacity, int timeoutMs) = 0;

  // Ends the current or the next wait(). Any thread; safe in a signal handler.
  virtual void wake() = 0;

  // "epoll", "kqueue" or "poll".
  virtual const char* name() const = 0;
};

// The best backend of this system: poller_epoll.cc or poller_kqueue.cc, whichever binding.gyp compiles.
std::unique_ptr<Poller> makeDefaultPoller();

// poll(2), on every POSIX system: the fallback, and an oracle for the tests (poller_poll.cc).
std::unique_ptr<Poller> makePollPoller();

}  // namespace millrace::net
