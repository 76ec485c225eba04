// Spreads the probes of very many idle connections (tcp-keepalive) evenly over time.
//
// The system starts one timer a connection, and lets timers that are minutes away expire together: on Linux all of
// about 16 seconds at 300 seconds' distance. So of 100,000 connections that fell silent in the same minute all are
// probed in the same millisecond, and queues between here and the peers (1,000 packets on Linux's loopback interface,
// about as many before a network card) drop nearly all of it, three times. The peers are then taken for dead: of a
// million idle connections on one machine, 700,000 were reset after ten minutes.
//
// Hence, in a crowd, the timers are kept from expiring and the probes are sent by a walk over all connections, which
// takes `keepalive` seconds, half of them for each of two rounds:
//
//   putting off   the timer of everybody is set to twice the time
//   probing       whoever has been silent long enough gets a timer that is over already: the probe leaves at once
//
// A peer whose probe was not answered by the next round is left to the system, which probes it twice more and gives it
// up. That is two to three times `keepalive` after it was last heard of, where it is twice that without a crowd.
#pragma once
#include <cstdint>

#include "connection.h"

namespace millrace::net {

class Keepalive {
 public:
  // In crowds smaller than this the system manages by itself.
  static constexpr uint64_t kCrowd = 1000;
  // Shorter than that, timers do not gather much, and rounds would be hasty.
  static constexpr uint64_t kSecondsMin = 4;

  // Goes on with the walk as far as it should be by now, in bounded steps. To be called every 100 ms or so.
  void turn(const Connections& connections, uint64_t nowMs, uint32_t seconds);

 private:
  // A walk that has fallen behind must not send what it would have spread.
  static constexpr uint32_t kProbesAtOnce = 400;
  static constexpr uint32_t kVisitsAtOnce = 4000;
  static constexpr uint64_t kPauseMs = 2000;

  void visit(const Connection& connection, uint64_t nowMs, uint32_t seconds) const;

  uint64_t lastTurnMs_ = 0;
  uint64_t roundBeganMs_ = 0;
  uint32_t next_ = 0;
  bool probing_ = false;
};

}  // namespace millrace::net
