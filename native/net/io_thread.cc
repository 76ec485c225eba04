#include "io_thread.h"

#include <signal.h>

#include <condition_variable>

#include "../base/clock.h"
#include "../base/private_files.h"

namespace millrace::net {

constexpr uint64_t kLingerUs = 10;

void IoThread::start(std::vector<int> keptFiles, bool privateFiles) {
  // Signals belong to the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this, keptFiles = std::move(keptFiles), privateFiles] { run(keptFiles, privateFiles); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void IoThread::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true, std::memory_order_release);
  loop_.poller().wake();
  thread_.join();
}

void IoThread::post(std::function<void()> job) {
  bool wasEmpty;
  {
    const std::lock_guard lock(mutex_);
    wasEmpty = posted_.empty();
    posted_.push_back(std::move(job));
    anyPosted_.store(true, std::memory_order_release);
  }
  if (wasEmpty) loop_.poller().wake();
}

void IoThread::call(const std::function<void()>& job) {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  post([&] {
    job();
    const std::lock_guard lock(mutex);
    done = true;
    finished.notify_one();
  });
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return done; });
}

bool IoThread::runPosted() {
  if (!anyPosted_.load(std::memory_order_acquire)) return false;
  std::vector<std::function<void()>> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(posted_);
    anyPosted_.store(false, std::memory_order_relaxed);
  }
  for (const auto& job : jobs) job();
  return true;
}

void IoThread::handOver() {
  if (loop_.publish() && ring::claimWake(lane_.word(abi::kJsSleeping))) {
    waker_.wakeExecutor();
    loop_.stats().add(kExecutorWakes);
  }
}

void IoThread::run(std::vector<int> keptFiles, bool privateFiles) {
  hasOwnFiles_ = privateFiles && base::takePrivateFiles(keptFiles.data(), keptFiles.size());
  while (!stopping_.load(std::memory_order_acquire)) {
    const bool posted = runPosted();
    const bool answered = loop_.answer();
    handOver();
    // Announcing sleep invites the execution thread to pay for a wake-up, so it comes last.
    if (!loop_.wait(0) && !posted && !answered && !linger()) rest();
    loop_.collect();
    handOver();
  }
  loop_.answer();
  // Nobody else knows these descriptors.
  if (hasOwnFiles_) loop_.closeSockets();
}

// While answers are due, they are probably close: looking for them a little longer is cheaper than two threads putting
// each other to sleep and waking each other up. True if there is something to do.
bool IoThread::linger() {
  if (loop_.drained()) return false;
  const uint64_t deadline = base::monotonicUs() + kLingerUs;
  do {
    if (loop_.hasWork()) return true;
    std::this_thread::yield();
  } while (base::monotonicUs() < deadline);
  return false;
}

// Waits for sockets or for the execution thread, whichever comes first.
void IoThread::rest() {
  uint32_t* const sleeping = lane_.word(abi::kIoSleeping);
  ring::announceSleep(sleeping);
  // An earlier wait may have taken a wake-up, but not what it was for.
  const bool stopping = stopping_.load(std::memory_order_acquire);
  const bool awake = stopping || loop_.hasWork() || anyPosted_.load(std::memory_order_acquire);
  loop_.wait(awake ? 0 : loop_.patienceMs());
  ring::endSleep(sleeping);
}

}  // namespace millrace::net
