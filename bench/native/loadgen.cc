// loadgen: a load generator for servers that speak RESP, lean enough not to be the limit of what it measures, that
// checks every reply. --help lists its options; bench/generator.ts builds it.
#include <csignal>
#include <cstdio>

#include "load.h"
#include "options.h"
#include "socket.h"

using namespace millrace;

int main(int argc, char** argv) {
  loadgen::Options options;
  std::string problem;
  if (!loadgen::parseOptions(argc, argv, options, problem)) {
    if (!problem.empty()) std::fprintf(stderr, "loadgen: %s\n", problem.c_str());
    std::fputs(loadgen::kUsage, problem.empty() ? stdout : stderr);
    return problem.empty() ? 0 : 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  loadgen::raiseDescriptorLimit();
  switch (options.mode) {
    case loadgen::Mode::kHold: return loadgen::runHold(options);
    case loadgen::Mode::kSteady: return loadgen::runSteady(options);
    case loadgen::Mode::kConnect: return loadgen::runConnect(options);
    case loadgen::Mode::kPubsub: return loadgen::runPubsub(options);
    case loadgen::Mode::kForget: return loadgen::runForget(options);
    case loadgen::Mode::kLoad: break;
  }
  return loadgen::runLoad(options);
}
