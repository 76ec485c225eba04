#include "generator.h"

#include <algorithm>

#include "../base/private_files.h"

namespace millrace::soak {

Generator::Generator(const Plan& plan, std::string& problem) : plan_(plan) {
  if (!Dialer(plan).valid()) {
    problem = plan.host + " is no numeric IPv4 address";
  } else if (plan.privateFiles && !base::hasPrivateFiles()) {
    problem = "this system has no private descriptor tables";
  } else if (plan.threads == 0 || plan.connections < plan.threads || plan.pipeline == 0) {
    problem = "there must be a thread, a connection for each, and a command in a pipeline";
  }
  if (!problem.empty()) return;
  uint32_t first = 0;
  for (uint32_t i = 0; i < plan.threads; i++) {
    const uint32_t count = plan.connections / plan.threads + (i < plan.connections % plan.threads);
    workers_.push_back(std::make_unique<Worker>(plan_, i, first, count));
    first += count;
  }
  for (const auto& worker : workers_) worker->start();
}

void Generator::enter(Phase phase) {
  for (const auto& worker : workers_) worker->enter(phase);
}

void Generator::count(uint64_t* into) {
  std::fill_n(into, uint32_t{kCountCount}, uint64_t{0});
  for (const auto& worker : workers_) worker->count(into);
}

void Generator::report(base::Histogram& latencies, std::vector<std::string>& faults) {
  for (const auto& worker : workers_) worker->report(latencies, faults);
}

void Generator::stop() {
  for (const auto& worker : workers_) worker->stop();
}

}  // namespace millrace::soak
