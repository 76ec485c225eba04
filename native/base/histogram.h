// Counts of latencies, logarithmic with linear steps inside each power of two (the idea of HdrHistogram): every value
// is kept to better than 1 %, whatever its size, in a fixed table.
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

namespace millrace::base {

class Histogram {
 public:
  void record(uint64_t valueNs, uint64_t times) {
    counts_[indexOf(valueNs)] += times;
    total_ += times;
    sum_ += static_cast<double>(valueNs) * static_cast<double>(times);
    if (valueNs > max_) max_ = valueNs;
  }

  void add(const Histogram& other) {
    for (uint32_t i = 0; i < kSlots; i++) counts_[i] += other.counts_[i];
    total_ += other.total_;
    sum_ += other.sum_;
    if (other.max_ > max_) max_ = other.max_;
  }

  void reset() { *this = Histogram(); }

  // The smallest recorded step that `fraction` (0..1) of all values do not exceed, in ns; never above the maximum.
  uint64_t quantileNs(double fraction) const {
    const double wanted = fraction * static_cast<double>(total_);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < kSlots; i++) {
      seen += counts_[i];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return upperEdge(i) < max_ ? upperEdge(i) : max_;
    }
    return max_;
  }

  uint64_t maxNs() const { return max_; }
  uint64_t total() const { return total_; }
  double meanNs() const { return total_ == 0 ? 0 : sum_ / static_cast<double>(total_); }

 private:
  static constexpr uint32_t kStepBits = 7;  // 128 steps a power of two
  static constexpr uint32_t kSteps = 1u << kStepBits;
  static constexpr uint32_t kSlots = (64 - kStepBits + 1) * kSteps;

  static uint32_t indexOf(uint64_t value) {
    if (value < kSteps) return static_cast<uint32_t>(value);
    const uint32_t shift = static_cast<uint32_t>(std::bit_width(value)) - kStepBits - 1;
    return (shift + 1) * kSteps + static_cast<uint32_t>((value >> shift) & (kSteps - 1));
  }

  static uint64_t upperEdge(uint32_t index) {
    if (index < kSteps) return index;
    const uint32_t shift = index / kSteps - 1;
    return ((static_cast<uint64_t>(kSteps + index % kSteps) + 1) << shift) - 1;
  }

  std::vector<uint64_t> counts_ = std::vector<uint64_t>(kSlots);
  uint64_t total_ = 0;
  uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace millrace::base
