// Puts a reactor into a libuv loop, that of the Node environment it was made in. The only place that knows libuv, and a
// header because addon.cc alone includes it: everything else here builds without Node.
#pragma once
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

  void wakeExecutor() override { uv_async_send(&async_); }

 private:
  void turn();
  void closeHandle(uv_handle_t* handle);
  template <class T>
  static uv_handle_t* handleOf(T* handle) {
    return reinterpret_cast<uv_handle_t*>(handle);
  }

  uv_loop_t* const loop_;
  Reactor* reactor_ = nullptr;
  Executor* executor_ = nullptr;
  uv_async_t async_;
  uv_poll_t poll_;
  uv_timer_t timer_;
  std::function<void()> closed_;
  int openHandles_ = 0;
  bool open_ = false;
  bool polls_ = false;
};

inline int UvHost::open(Reactor& reactor, Executor& executor) {
  reactor_ = &reactor;
  executor_ = &executor;
  async_.data = poll_.data = timer_.data = this;
  polls_ = !reactor.threaded();
  const auto onAsync = [](uv_async_t* handle) { static_cast<UvHost*>(handle->data)->turn(); };
  const auto onPoll = [](uv_poll_t* handle, int, int) { static_cast<UvHost*>(handle->data)->turn(); };
  int error = uv_async_init(loop_, &async_, onAsync);
  if (error != 0) return error;
  uv_timer_init(loop_, &timer_);
  uv_unref(handleOf(&timer_));
  openHandles_ = 2;
  open_ = true;
  if (!polls_) return 0;
  error = uv_poll_init(loop_, &poll_, reactor.descriptor());
  polls_ = error == 0;
  if (error != 0) return error;
  openHandles_ = 3;
  uv_unref(handleOf(&async_));
  return uv_poll_start(&poll_, UV_READABLE, onPoll);
}

inline void UvHost::turn() {
  if (!open_) return;
  const bool again = reactor_->turn(*executor_);
  // The executor may have stopped everything.
  if (!open_) return;
  if (again) uv_async_send(&async_);
  const int patienceMs = reactor_->patienceMs();
  if (patienceMs < 0) return;
  uv_timer_start(
      &timer_, [](uv_timer_t* handle) { static_cast<UvHost*>(handle->data)->turn(); },
      static_cast<uint64_t>(patienceMs), 0);
}

inline void UvHost::ref(bool on) {
  if (!open_) return;
  uv_handle_t* const handle = polls_ ? handleOf(&poll_) : handleOf(&async_);
  on ? uv_ref(handle) : uv_unref(handle);
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
  if (polls_) closeHandle(handleOf(&poll_));
}

}  // namespace millrace::net
