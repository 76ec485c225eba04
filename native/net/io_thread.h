// A thread that drives one lane.
#pragma once
#include <pthread.h>

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "io_loop.h"

namespace millrace::net {

// Wakes the execution thread. May be called from any thread.
class Waker {
 public:
  virtual void wakeExecutor() = 0;

 protected:
  ~Waker() = default;
};

class IoThread {
 public:
  IoThread(IoLoop& loop, const ring::Lane& lane, Waker& waker) : loop_(loop), lane_(lane), waker_(waker) {}
  ~IoThread() { stop(); }
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  // With `keptFiles` the thread has a descriptor table of its own, with these in it.
  void start(std::vector<int> keptFiles, bool privateFiles);
  // Sends what has been published and ends the thread. Idempotent. Other threads may still post; the poller stays open
  // because they may wake it until they have ended, too.
  void stop();
  // Whether it got its own table. By the thread itself.
  bool hasOwnFiles() const { return hasOwnFiles_; }
  // After all threads have ended: does on the caller's thread what was posted too late. True if there was anything.
  bool runPosted();

  // Runs `job` on the thread, soon. Any thread.
  void post(std::function<void()> job);
  // Runs `job` on the thread and waits for it; not from the thread itself.
  void call(const std::function<void()>& job);

 private:
  void run(std::vector<int> keptFiles, bool privateFiles);
  bool linger();
  void rest();
  void handOver();

  IoLoop& loop_;
  const ring::Lane lane_;
  Waker& waker_;
  std::thread thread_;
  bool hasOwnFiles_ = false;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> anyPosted_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace millrace::net
