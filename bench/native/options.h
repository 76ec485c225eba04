// What the command line asks for.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "keys.h"

namespace millrace::loadgen {

enum class Mode { kLoad, kHold, kSteady, kConnect, kPubsub, kForget };
enum class Kind : uint8_t { kPing, kGet, kSet, kIncr, kMset, kCommand };

struct Share {
  Kind kind;
  uint32_t weight;
};

struct Options {
  Mode mode = Mode::kLoad;
  std::string host = "127.0.0.1";
  uint32_t port = 6379;
  uint32_t connections = 50;
  uint32_t pipeline = 1;
  std::vector<Share> mix = {{Kind::kGet, 1}};
  std::string command;  // of Kind::kCommand
  uint32_t keys = 1'000'000;
  Distribution distribution = Distribution::kUniform;
  double theta = 0.99;
  uint32_t valueBytes = 32;
  double seconds = 2;
  double warmupSeconds = 0;
  uint64_t requests = 0;  // 0: as many as fit into `seconds`
  uint32_t rate = 1000;   // a second, of --mode steady and forget
  uint32_t pid = 0;       // the server's, for --mode connect
  uint64_t seed = 1;
};

// Fills `options`; false, with a text for the user, on a mistake, and without one when only help is asked for.
bool parseOptions(int argc, char** argv, Options& options, std::string& problem);

extern const char* const kUsage;

}  // namespace millrace::loadgen
