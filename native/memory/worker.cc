#include "worker.h"

namespace millrace::memory {

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  posted_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Worker::post(std::function<void()> chore) {
  {
    const std::lock_guard lock(mutex_);
    chores_.push_back(std::move(chore));
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  posted_.notify_one();
}

bool Worker::idle() {
  const std::lock_guard lock(mutex_);
  return chores_.empty() && !busy_;
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    posted_.wait(lock, [this] { return ending_ || !chores_.empty(); });
    if (ending_) return;
    const std::function<void()> chore = std::move(chores_.front());
    chores_.pop_front();
    busy_ = true;
    lock.unlock();
    chore();
    lock.lock();
    busy_ = false;
  }
}

}  // namespace millrace::memory
