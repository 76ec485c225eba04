// From frames to a socket: sends at once what the socket takes and keeps the rest in memory of the connection, within
// the limits of its class. Never waits, so that the ring of replies always drains.
#pragma once
#include "connection.h"
#include "settings.h"
#include "stats.h"

namespace millrace::net {

enum class Sent : uint8_t {
  kAll,
  kPart,       // the rest is queued: flush() when the socket is writable
  kFailed,     // the socket is broken, or no memory is left for the rest
  kOverLimit,  // too much is queued for a client of this class
};

class Sender {
 public:
  Sender(const Settings& settings, Stats& stats) : settings_(settings), stats_(stats) {}

  // `parts` is consumed. What is queued already goes first.
  Sent send(Connection& connection, iovec* parts, int count, uint64_t nowMs);

  // Queues bytes behind what is queued already, for a later flush().
  Sent queue(Connection& connection, const iovec* parts, int count, uint64_t nowMs);

  // Sends what is queued, a bounded amount.
  Sent flush(Connection& connection);

  // Whether the connection has been over its soft limit for too long.
  bool overSoftLimit(const Connection& connection, uint64_t nowMs) const;

  // Drops what is queued.
  void discard(Connection& connection);

 private:
  static constexpr uint64_t kUntrustedBytes = 1024;
  static constexpr int kParts = 64;

  bool overLimit(Connection& connection, uint64_t nowMs) const;
  void account(Connection& connection);

  const Settings& settings_;
  Stats& stats_;
};

}  // namespace millrace::net
