#include "report.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "clock.h"

namespace millrace::loadgen {
namespace {

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    char escaped[8];
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) {
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      json += escaped;
    } else {
      json += c;
    }
  }
  return json + "\"";
}

double secondsOf(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void JsonLine::field(const char* name, const std::string& json) {
  body_ += (body_.empty() ? "" : ",") + quoted(name) + ":" + json;
}

JsonLine& JsonLine::number(const char* name, double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  field(name, text);
  return *this;
}

JsonLine& JsonLine::count(const char* name, uint64_t value) {
  field(name, std::to_string(value));
  return *this;
}

JsonLine& JsonLine::text(const char* name, const std::string& value) {
  field(name, quoted(value));
  return *this;
}

JsonLine& JsonLine::latency(const Histogram& histogram) {
  const auto ms = [&](double fraction) {
    return static_cast<double>(histogram.quantileNs(fraction)) / kNsPerMs;
  };
  number("meanMs", histogram.meanNs() / kNsPerMs);
  number("p50Ms", ms(0.5)).number("p90Ms", ms(0.9)).number("p99Ms", ms(0.99)).number("p999Ms", ms(0.999));
  return number("maxMs", static_cast<double>(histogram.maxNs()) / kNsPerMs);
}

void JsonLine::print() const {
  std::printf("{%s}\n", body_.c_str());
  std::fflush(stdout);
}

void announce(const char* stage) {
  std::printf("%s\n", stage);
  std::fflush(stdout);
}

Progress::Progress() : shown_(isatty(STDERR_FILENO) != 0) {}

void Progress::update(uint64_t timeNs, uint64_t replies) {
  constexpr uint64_t kEveryNs = 250'000'000;
  if (!shown_ || timeNs - lastNs_ < kEveryNs) return;
  if (lastNs_ != 0) {
    const double perSecond =
        static_cast<double>(replies - lastReplies_) * kNsPerSecond / static_cast<double>(timeNs - lastNs_);
    std::fprintf(stderr, "\r%14llu replies, %8.0f k/s ", static_cast<unsigned long long>(replies),
                 perSecond / 1e3);
  }
  lastNs_ = timeNs;
  lastReplies_ = replies;
}

Progress::~Progress() {
  if (shown_ && lastNs_ != 0) std::fprintf(stderr, "\r%50s\r", "");
}

CpuSeconds cpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return {secondsOf(usage.ru_utime), secondsOf(usage.ru_stime)};
}

}  // namespace millrace::loadgen
