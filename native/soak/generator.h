// The load of a soak run: threads that hold many connections and use some of them. It is told one phase after the other:
//
//   kOpen    makes all connections, lot by lot
//   kRest    nothing is sent
//   kSweep   every connection sends one command
//   kRun     some connections at a time are active, as Plan::weights says
//   kDrain   nothing new begins; what is under way comes to its end
//   kClose   closes all connections; what is still expected counts as lost
//
// Whoever drives it looks at the counts to see that a phase has come to its end. One thread drives.
#pragma once
#include <memory>

#include "worker.h"

namespace millrace::soak {

class Generator {
 public:
  // `problem` says what is wrong with the plan; nothing may be called then.
  Generator(const Plan& plan, std::string& problem);
  ~Generator() { stop(); }

  void enter(Phase phase);
  // Fills kCountCount counts.
  void count(uint64_t* into);
  // Adds the latencies and faults since the last time.
  void report(base::Histogram& latencies, std::vector<std::string>& faults);
  // Ends the threads; what is open is closed.
  void stop();

 private:
  const Plan plan_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace millrace::soak
