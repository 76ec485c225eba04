// Which key comes next: uniform, skewed (Zipf) or one after the other.
#pragma once
#include <cstdint>
#include <vector>

namespace millrace::loadgen {

// One step of splitmix64: spreads the bits of x over all 64.
inline uint64_t mix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(mix64(seed)) {}

  uint64_t next() {
    const uint64_t value = mix64(state_);
    state_ += 0x9e3779b97f4a7c15u;
    return value;
  }

  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(((next() >> 32) * bound) >> 32); }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

enum class Distribution { kUniform, kZipf, kSequential };

class KeySource {
 public:
  // Draws keys 0..keys-1. `theta` is the exponent of the Zipf distribution.
  KeySource(Distribution distribution, uint32_t keys, double theta, uint64_t seed);

  uint32_t next() {
    switch (distribution_) {
      case Distribution::kUniform: return random_.below(keys_);
      case Distribution::kZipf: return pool_[cursor_++ % kPoolSize];
      case Distribution::kSequential: break;
    }
    return cursor_++ % keys_;
  }

  Random& random() { return random_; }

 private:
  static constexpr uint32_t kPoolSize = 1u << 20;

  Distribution distribution_;
  uint32_t keys_;
  uint32_t cursor_ = 0;
  Random random_;
  std::vector<uint32_t> pool_;
};

}  // namespace millrace::loadgen
