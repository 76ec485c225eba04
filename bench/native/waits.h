// How long a thread of some process has waited for a processor so far, though it could have run: what the machine did to it, not
// what it did itself. Linux counts that in /proc/PID/task/TID/schedstat: time run, time waited, turns; both times in nanoseconds.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <string>

namespace millrace::loadgen {

class Waits {
 public:
  explicit Waits(const std::string& thread) : fd_(open((thread + "/schedstat").c_str(), O_RDONLY | O_CLOEXEC)) {}
  Waits(const Waits&) = delete;
  Waits& operator=(const Waits&) = delete;
  ~Waits() {
    if (fd_ >= 0) close(fd_);
  }

  // The main thread of a process.
  static std::string mainThreadOf(uint32_t pid) {
    return "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
  }

  // 0 where the system does not count it, and when the thread has ended.
  uint64_t soFarNs() const {
    char text[96];
    const ssize_t got = fd_ < 0 ? 0 : pread(fd_, text, sizeof text, 0);
    if (got <= 0) return 0;
    const char* const end = text + got;
    const char* at = text;
    while (at < end && *at != ' ') at++;
    uint64_t waitedNs = 0;
    if (at < end) std::from_chars(at + 1, end, waitedNs);
    return waitedNs;
  }

 private:
  int fd_;
};

}  // namespace millrace::loadgen
