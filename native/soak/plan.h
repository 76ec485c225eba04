// What a soak run is to do, and what it has counted.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../base/histogram.h"

namespace millrace::soak {

// Set from outside, one after the other; generator.h says what each does.
enum class Phase : uint32_t { kRest, kOpen, kSweep, kRun, kDrain, kClose };

// What an active connection does in one go.
enum class Kind : uint32_t { kCommand, kPipeline, kPubsub, kChurn };
constexpr uint32_t kKinds = 4;

struct Plan {
  std::string host;  // a numeric IPv4 address
  uint16_t port = 6379;
  std::string password;
  std::string run;  // begins every tag, key and channel of this run
  uint32_t connections = 1000;
  uint32_t threads = 1;
  uint32_t addresses = 64;  // source addresses, if the server is on loopback
  uint32_t active = 100;    // connections that are active at a time
  uint32_t subscribers = 0;
  uint32_t pipeline = 16;
  uint32_t weights[kKinds] = {1, 0, 0, 0};
  bool privateFiles = false;
  uint64_t seed = 1;
};

// Only ever grows, but for the first row.
enum Count : uint32_t {
  kOpenNow,         // connections the server has surely accepted
  kBusyNow,         // exchanges under way
  kOwedNow,         // messages that subscribers still wait for
  kConnects,        // connections made
  kCloses,          // closed by us, in the middle of something or not
  kCommands,        // commands whose replies came and were right
  kMessages,        // messages that subscribers received
  kSwept,           // connections that answered in this sweep
  kLost,            // replies or messages that never came, or whose successor came first
  kMisdelivered,    // bytes meant for another connection
  kWrong,           // other bytes than expected
  kDropped,         // connections that the server closed or refused
  kFailedConnects,  // attempts to connect that failed
  kCountCount,
};

struct Tally {
  uint64_t counts[kCountCount] = {};
  base::Histogram latencies;  // of commands and pipelines, from sending to the last byte of the replies
  std::vector<std::string> faults;  // the first few, in words
};

}  // namespace millrace::soak
