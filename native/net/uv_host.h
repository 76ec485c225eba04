// Puts a reactor into a libuv loop, that of the Node environment it was made in. The only place that knows libuv, and a
// header because addon.cc alone includes it: everything else here builds without Node.
//
// A reactor without threads lives on the loop's own thread, in one of two ways. At rest, libuv watches the reactor's
// descriptor and calls when clients want something. That costs a wait of libuv's and one of the reactor's each time, so
// under load it is turned round: the reactor watches libuv's descriptor and waits for clients itself, for a millisecond
// at most and never past libuv's next timer, then libuv has a look at its own descriptors without waiting. A descriptor
// that JavaScript begins to watch in between is heard of a millisecond late, once.
#pragma once
#include <errno.h>
#include <uv.h>

#include <functional>

#include "reactor.h"

namespace millrace::net {

class UvHost final : public Waker {
 public:
  explicit UvHost(uv_loop_t* loop) : loop_(loop) {}
  UvHost(const UvHost&) = delete;
  UvHost& operator=(const UvHost&) = delete;

  // Drives the reactor until close(). 0 or a libuv error.
  int open(Reactor& reactor, Executor& executor);

  // Stops at once; `closed` is called when libuv has let go of everything. This object must live until then.
  void close(std::function<void()> closed);
  bool isOpen() const { return open_; }

  // Whether an otherwise idle loop stays alive for the reactor.
  void ref(bool on);

  // libuv's own way to wake its loop writes to a descriptor that threads with tables of their own do not have; they have
  // this poller's.
  void wakeExecutor() override {
    if (waker_) {
      waker_->wake();
    } else {
      uv_async_send(&async_);
    }
  }
  // Descriptors that whoever wakes the executor must have.
  std::vector<int> files() const {
    std::vector<int> files;
    if (waker_) waker_->listDescriptors(files);
    return files;
  }

 private:
  void turn();
  void awakened();
  int openWaker();
  void keepTime();
  void attentiveTurn();
  bool isBusy();
  void setAttentive(bool on);
  void closeHandle(uv_handle_t* handle);
  static void onPoll(uv_poll_t* handle, int, int) { static_cast<UvHost*>(handle->data)->turn(); }

  // That many turns within that many milliseconds are a load.
  static constexpr uint32_t kBusyTurns = 16;
  static constexpr uint64_t kBusyMs = 4;

  template <class T>
  static uv_handle_t* handleOf(T* handle) {
    return reinterpret_cast<uv_handle_t*>(handle);
  }

  uv_loop_t* const loop_;
  Reactor* reactor_ = nullptr;
  Executor* executor_ = nullptr;
  uv_async_t async_;
  uv_poll_t poll_;  // the reactor's descriptor, or the waker's
  uv_timer_t timer_;
  uv_idle_t idle_;
  uv_check_t check_;
  std::unique_ptr<Poller> waker_;
  std::function<void()> closed_;
  int openHandles_ = 0;
  bool open_ = false;
  bool polls_ = false;
  bool attentive_ = false;
  // Turns since the loop's clock showed busySinceMs_.
  uint32_t turns_ = 0;
  uint64_t busySinceMs_ = 0;
};

inline int UvHost::open(Reactor& reactor, Executor& executor) {
  reactor_ = &reactor;
  executor_ = &executor;
  async_.data = poll_.data = timer_.data = idle_.data = check_.data = this;
  polls_ = !reactor.threaded();
  const auto onAsync = [](uv_async_t* handle) { static_cast<UvHost*>(handle->data)->turn(); };
  int error = uv_async_init(loop_, &async_, onAsync);
  if (error != 0) return error;
  uv_timer_init(loop_, &timer_);
  uv_unref(handleOf(&timer_));
  openHandles_ = 2;
  open_ = true;
  if (reactor.privateFiles()) return openWaker();
  if (!polls_) return 0;
  error = uv_poll_init(loop_, &poll_, reactor.descriptor());
  polls_ = error == 0;
  if (error != 0) return error;
  uv_idle_init(loop_, &idle_);
  uv_unref(handleOf(&idle_));
  uv_check_init(loop_, &check_);
  openHandles_ = 5;
  uv_unref(handleOf(&async_));
  return uv_poll_start(&poll_, UV_READABLE, onPoll);
}

inline int UvHost::openWaker() {
  auto waker = makeDefaultPoller();
  if (!waker->open()) return -errno;
  const int error = uv_poll_init(loop_, &poll_, waker->descriptor());
  if (error != 0) return error;
  waker_ = std::move(waker);
  openHandles_++;
  // Handles of its own kind are what keeps the loop alive in the other cases, too.
  uv_unref(handleOf(&async_));
  return uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
    static_cast<UvHost*>(handle->data)->awakened();
  });
}

inline void UvHost::awakened() {
  PollEvent unused[1];
  waker_->wait(unused, 1, 0);
  turn();
}

inline void UvHost::turn() {
  if (!open_) return;
  const bool again = reactor_->turn(*executor_);
  // The executor may have stopped everything.
  if (!open_) return;
  if (again) uv_async_send(&async_);
  if (polls_ && !attentive_ && isBusy()) setAttentive(true);
  keepTime();
}

inline void UvHost::keepTime() {
  const int patienceMs = reactor_->patienceMs();
  if (patienceMs < 0) return;
  uv_timer_start(
      &timer_, [](uv_timer_t* handle) { static_cast<UvHost*>(handle->data)->turn(); },
      static_cast<uint64_t>(patienceMs), 0);
}

inline bool UvHost::isBusy() {
  const uint64_t nowMs = uv_now(loop_);
  if (nowMs - busySinceMs_ > kBusyMs) {
    busySinceMs_ = nowMs;
    turns_ = 0;
  }
  return ++turns_ >= kBusyTurns;
}

inline void UvHost::setAttentive(bool on) {
  if (on == attentive_) return;
  if (on) {
    uv_poll_stop(&poll_);
    if (!reactor_->attend(uv_backend_fd(loop_))) {
      uv_poll_start(&poll_, UV_READABLE, onPoll);
      return;
    }
    uv_idle_start(&idle_, [](uv_idle_t*) {});
    uv_check_start(&check_, [](uv_check_t* handle) { static_cast<UvHost*>(handle->data)->attentiveTurn(); });
  } else {
    reactor_->ignore(uv_backend_fd(loop_));
    uv_idle_stop(&idle_);
    uv_check_stop(&check_);
    uv_poll_start(&poll_, UV_READABLE, onPoll);
  }
  attentive_ = on;
}

// Called after libuv has looked at its descriptors without waiting, because of the idle handle.
inline void UvHost::attentiveTurn() {
  uv_idle_stop(&idle_);
  const bool mayWait = uv_backend_timeout(loop_) != 0;
  uv_idle_start(&idle_, [](uv_idle_t*) {});
  const bool served = reactor_->attentiveTurn(*executor_, mayWait ? 1 : 0);
  if (!open_) return;
  if (!served && mayWait) setAttentive(false);
  keepTime();
}

inline void UvHost::ref(bool on) {
  if (!open_) return;
  const auto set = on ? uv_ref : uv_unref;
  set(polls_ || waker_ ? handleOf(&poll_) : handleOf(&async_));
  if (polls_) set(handleOf(&check_));
}

inline void UvHost::closeHandle(uv_handle_t* handle) {
  uv_close(handle, [](uv_handle_t* closed) {
    auto* const host = static_cast<UvHost*>(closed->data);
    if (--host->openHandles_ == 0) host->closed_();
  });
}

inline void UvHost::close(std::function<void()> closed) {
  open_ = false;
  closed_ = std::move(closed);
  closeHandle(handleOf(&async_));
  closeHandle(handleOf(&timer_));
  if (polls_ || waker_) closeHandle(handleOf(&poll_));
  if (!polls_) return;
  closeHandle(handleOf(&idle_));
  closeHandle(handleOf(&check_));
}

}  // namespace millrace::net
