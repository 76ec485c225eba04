// The part of BSD's <sys/event.h> that poller_kqueue.cc uses, for Linux; kqueue_shim.cc implements it. The
// structure and the meaning of each name are the interface's; the numbers are free.
#pragma once
#include <stdint.h>
#include <time.h>

constexpr int16_t EVFILT_READ = -1;
constexpr int16_t EVFILT_WRITE = -2;
constexpr int16_t EVFILT_USER = -10;

constexpr uint16_t EV_ADD = 0x0001;
constexpr uint16_t EV_DELETE = 0x0002;
constexpr uint16_t EV_CLEAR = 0x0020;
constexpr uint16_t EV_EOF = 0x8000;

constexpr uint32_t NOTE_TRIGGER = 0x01000000;

struct kevent {
  uintptr_t ident;
  int16_t filter;
  uint16_t flags;
  uint32_t fflags;
  intptr_t data;
  void* udata;
};

inline void EV_SET(struct kevent* event, uintptr_t ident, int16_t filter, uint16_t flags, uint32_t fflags,
                   intptr_t data, void* udata) {
  *event = {ident, filter, flags, fflags, data, udata};
}

int kqueue();
int kevent(int queue, const struct kevent* changes, int changeCount, struct kevent* events, int eventCount,
           const struct timespec* timeout);
