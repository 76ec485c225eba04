// One line of JSON on standard output, and the line of progress on a terminal.
#pragma once
#include <cstdint>
#include <string>

#include "../../native/base/histogram.h"

namespace millrace::loadgen {

using base::Histogram;

class JsonLine {
 public:
  JsonLine& number(const char* name, double value);
  JsonLine& count(const char* name, uint64_t value);
  JsonLine& text(const char* name, const std::string& value);
  // Quantiles, mean and maximum, in milliseconds.
  JsonLine& latency(const Histogram& histogram);
  void print() const;

 private:
  void field(const char* name, const std::string& json);
  std::string body_;
};

// Tells whoever started us that a stage is reached: a line of its own on standard output.
void announce(const char* stage);

// Shows the rate on standard error a few times a second while that is a terminal.
class Progress {
 public:
  Progress();
  void update(uint64_t timeNs, uint64_t replies);
  ~Progress();

 private:
  bool shown_;
  uint64_t lastNs_ = 0;
  uint64_t lastReplies_ = 0;
};

// CPU time of this process so far, in seconds.
struct CpuSeconds {
  double user;
  double system;
};
CpuSeconds cpuSeconds();

}  // namespace millrace::loadgen
