// Monotonic time in nanoseconds.
#pragma once
#include <chrono>
#include <cstdint>

namespace millrace::loadgen {

inline uint64_t nowNs() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

constexpr double kNsPerMs = 1e6;
constexpr double kNsPerSecond = 1e9;

}  // namespace millrace::loadgen
