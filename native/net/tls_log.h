// Handshakes that failed, on their way from the lanes to the log. Bounded: who makes us write lines could fill a disk.
#pragma once
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "socket.h"

namespace millrace::net {

struct FailedHandshake {
  std::string reason;
  Endpoint peer;
  Endpoint local;
};

class TlsLog {
 public:
  static constexpr size_t kMost = 64;

  // Any thread.
  void add(FailedHandshake failed) {
    const std::lock_guard lock(mutex_);
    if (failed_.size() < kMost) {
      failed_.push_back(std::move(failed));
    } else {
      more_++;
    }
  }

  // Takes all; `*more` is how many others there were.
  std::vector<FailedHandshake> take(uint64_t* more) {
    const std::lock_guard lock(mutex_);
    *more = std::exchange(more_, 0);
    return std::exchange(failed_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<FailedHandshake> failed_;
  uint64_t more_ = 0;
};

}  // namespace millrace::net
