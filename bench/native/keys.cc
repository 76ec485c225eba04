// Zipf samples are drawn once, before the run, into a pool that the run then goes round: a draw costs two logarithms
// and an exponential, which would be a large part of what the generator spends on a command.
#include "keys.h"

#include <cmath>
#include <numeric>

namespace millrace::loadgen {
namespace {

// Rejection-inversion (W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
// distributions", 1996): invert the integral of the continuous hat x^-theta, round, and reject what lies above.
class ZipfSampler {
 public:
  ZipfSampler(uint32_t count, double theta)
      : count_(count),
        theta_(theta),
        top_(integral(1.5) - 1),
        bottom_(integral(count + 0.5)),
        certain_(2 - inverse(integral(2.5) - hat(2))) {}

  // A rank, 1..count; rank 1 is the most frequent.
  uint32_t next(Random& random) const {
    for (;;) {
      const double area = bottom_ + random.unit() * (top_ - bottom_);
      const double x = inverse(area);
      const double rank = std::fmin(std::fmax(std::floor(x + 0.5), 1), count_);
      if (rank - x <= certain_ || area >= integral(rank + 0.5) - hat(rank))
        return static_cast<uint32_t>(rank);
    }
  }

 private:
  double hat(double x) const { return std::exp(-theta_ * std::log(x)); }

  double integral(double x) const {
    const double logX = std::log(x);
    const double t = (1 - theta_) * logX;
    return (std::fabs(t) > 1e-8 ? std::expm1(t) / t : 1 + t / 2) * logX;
  }

  double inverse(double area) const {
    const double t = std::fmax(area * (1 - theta_), -1);
    return std::exp((std::fabs(t) > 1e-8 ? std::log1p(t) / t : 1 - t / 2) * area);
  }

  double count_;
  double theta_;
  double top_;
  double bottom_;
  double certain_;
};

// A factor without a common divisor with `keys`: rank * factor mod keys then visits every key once, and neighbours in
// rank are not neighbours in number.
uint64_t scatterFactor(uint32_t keys) {
  uint64_t factor = 2654435761u;
  while (std::gcd(factor, static_cast<uint64_t>(keys)) != 1) factor += 2;
  return factor;
}

}  // namespace

KeySource::KeySource(Distribution distribution, uint32_t keys, double theta, uint64_t seed)
    : distribution_(distribution), keys_(keys), random_(seed) {
  if (distribution != Distribution::kZipf) return;
  const ZipfSampler sampler(keys, theta);
  const uint64_t factor = scatterFactor(keys);
  pool_.resize(kPoolSize);
  for (uint32_t& key : pool_) key = static_cast<uint32_t>(sampler.next(random_) * factor % keys);
}

}  // namespace millrace::loadgen
