// A thread for chores that would hold up the execution thread. It begins with the first one.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace millrace::memory {

class Worker {
 public:
  Worker() = default;
  // Waits for the chore in progress and forgets the others.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(std::function<void()> chore);
  // Whether no chore waits or is in progress.
  bool idle();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> chores_;
  bool busy_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace millrace::memory
