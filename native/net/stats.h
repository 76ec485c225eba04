// Counters of one lane: written by its thread, added up over all lanes by whoever asks. The order is that of
// Reactor.counters() in src/bridge/binding.ts.
#pragma once
#include <cstdint>

#include "../base/atomics.h"

namespace millrace::net {

enum Counter : uint32_t {
  kConnected,  // connections now
  kAccepted,   // connections ever served
  kRejected,   // refused: too many clients, or protected mode
  kBytesIn,
  kBytesOut,
  kReads,     // reads that brought bytes
  kWrites,    // writes that took bytes
  kCommands,  // requests handed to the execution thread
  kProtocolErrors,
  kAcceptPauses,  // times a listener rested because the system was out of descriptors or memory
  kOutputLimitCloses,
  kIdleCloses,
  kInputHeldBytes,   // now: memory of unfinished requests
  kOutputHeldBytes,  // now: memory of replies that sockets did not take
  kStalls,           // times a connection was left unread because the request ring was full
  kExecutorWakes,    // times the execution thread had to be woken
  kIoWakes,          // times an I/O thread had to be woken
  kTurns,            // turns of I/O loops
  kAcceptErrors,     // accepts that failed for any other reason
  kHandshakeErrors,  // TLS handshakes that failed
  kCounterCount,
};

struct Stats {
  base::Relaxed<uint64_t> counters[kCounterCount];

  void add(Counter counter, uint64_t by = 1) { counters[counter] += by; }
  void subtract(Counter counter, uint64_t by = 1) { counters[counter] -= by; }
};

}  // namespace millrace::net
