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

  // `parts` is consumed. What is queued already goes first; for a connection with TLS that is sealed bytes. The limits count
  // what comes at once even if the socket would take all of it: kOverLimit, and nothing is sent.
  Sent send(Connection& connection, iovec* parts, int count, uint64_t nowMs);

  // The same, but for a later flush().
  Sent queue(Connection& connection, const iovec* parts, int count, uint64_t nowMs);

  // Sends what TLS itself has to say to the peer (tls.h, sealed()).
  Sent sendSealed(Connection& connection, uint64_t nowMs);

  // Whether there is a limit that closes the connection at once.
  bool isLimited(const Connection& connection) const { return limitOf(connection).hardBytes > 0; }

  // Sends what is queued, a bounded amount.
  Sent flush(Connection& connection);

  // Whether the connection has too much waiting, or for too long: its class or its limits may have changed meanwhile.
  bool isOverLimit(Connection& connection, uint64_t nowMs) const {
    return connection.output && overLimit(connection, nowMs);
  }

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
  const OutputLimit& limitOf(const Connection& connection) const;
  bool tooMuchAtOnce(const Connection& connection, const iovec* parts, int count) const;
  bool overLimit(Connection& connection, uint64_t nowMs) const;
  bool overSoftLimit(const Connection& connection, uint64_t nowMs) const;
  void account(Connection& connection);

  const Settings& settings_;
  Stats& stats_;
  Tls& tls_;
  std::vector<uint8_t> joined_;  // small parts on their way to become one record
};

}  // namespace millrace::net
