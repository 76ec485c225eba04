// From frames to a socket: sends at once what the socket takes and keeps the rest in memory of the connection, within
// the limits of its class. Never waits, so that the ring of replies always drains.
#pragma once
#include "connection.h"
#include "settings.h"
#include "stats.h"
#include "tls.h"

namespace millrace::net {

enum class Sent : uint8_t {
  kAll,
  kPart,       // the rest is queued: flush() when the socket is writable
  kFailed,     // the socket is broken, or no memory is left for the rest
  kOverLimit,  // too much is queued for a client of this class
};

class Sender {
 public:
  Sender(const Settings& settings, Stats& stats, Tls& tls) : settings_(settings), stats_(stats), tls_(tls) {}

  // `parts` is consumed. What is queued already goes first; for a connection with TLS that is sealed bytes.
  Sent send(Connection& connection, iovec* parts, int count, uint64_t nowMs);

  // The same, but for a later flush().
  Sent queue(Connection& connection, const iovec* parts, int count, uint64_t nowMs);

  // Sends what TLS itself has to say to the peer (tls.h, sealed()).
  Sent sendSealed(Connection& connection, uint64_t nowMs);

  // Sends what is queued, a bounded amount.
  Sent flush(Connection& connection);

  // Whether the connection has been over its soft limit for too long.
  bool overSoftLimit(const Connection& connection, uint64_t nowMs) const;

  // Drops what is queued.
  void discard(Connection& connection);

 private:
  static constexpr uint64_t kUntrustedBytes = 1024;
  static constexpr int kParts = 64;
  static constexpr size_t kRecordBytes = 16 * 1024;
  static constexpr size_t kSealAtOnce = 64 * 1024;

  Sent seal(Connection& connection, const iovec* parts, int count, uint64_t nowMs, bool later);
  Sent passOn(Connection& connection, uint64_t nowMs, bool later);
  iovec join(const iovec* parts, int count);
  Sent sendPlain(Connection& connection, iovec* parts, int count, uint64_t nowMs);
  Sent queuePlain(Connection& connection, const iovec* parts, int count, uint64_t nowMs);
  bool overLimit(Connection& connection, uint64_t nowMs) const;
  void account(Connection& connection);

  const Settings& settings_;
  Stats& stats_;
  Tls& tls_;
  std::vector<uint8_t> joined_;  // small parts on their way to become one record
};

}  // namespace millrace::net
