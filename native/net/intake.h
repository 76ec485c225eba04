// From a socket to records: reads, parses, looks up the command, hashes the key, reads ahead.
//
// The usual way copies nothing: a read puts bytes straight into `req`, they are parsed where they lie, and the records
// point at them. What is left of an unfinished request moves to an InputBuffer of the connection. If that is little,
// the next read puts it back in front of the new bytes and goes on in `req`; if it is much (a large value is coming),
// further bytes are read behind it instead, and when the request is complete it is copied to `req` or, above 64 KiB,
// handed over in the memory it lies in.
//
//   socket ──read──▶ req ──parse──▶ records            staged: the usual way
//      │              │ rest
//      │              ▼
//      └────read──▶ InputBuffer ──parse──▶ copy to req, or big buffer     private: large requests, and a full ring
#pragma once
#include <deque>

#include "../base/half_sip_hash.h"
#include "../memory/prefetcher.h"
#include "../resp/command_table.h"
#include "../resp/parser.h"
#include "../ring/request_ring.h"
#include "big_buffers.h"
#include "connection.h"
#include "settings.h"
#include "stats.h"
#include "tls.h"

namespace millrace::net {

enum class Verdict : uint8_t {
  kOpen,      // go on when the socket has more
  kEnded,     // the peer has finished sending
  kFailed,    // the socket is broken
  kRingFull,  // resume() when the ring has room
  kAwait,     // resume() when all that was handed over is answered: that may change what is allowed
  kBroken,    // protocol error, reported in order; parse nothing more
};

class Intake {
 public:
  struct Parts {
    const resp::CommandTable& commands;
    const Settings& settings;
    BigBuffers& bigBuffers;
    Tls& tls;
    base::HashKey hashKey;
  };

  Intake(const ring::Lane& lane, memory::Memory* memory, const Parts& parts, Stats& stats)
      : ring_(lane), req_(lane.req), prefetcher_(memory), parts_(parts), stats_(stats), answered_(ring_.head()) {}

  // Reads once and hands over what is complete.
  Verdict receive(Connection& connection, uint32_t slot);

  // Whether a large request has arrived in part: it is read fastest in a row, as its memory grows with each read.
  bool expectsMuch(const Connection& connection) const {
    return connection.input && connection.input->size() > putBackLimit();
  }

  // Hands over what could not be handed over before.
  Verdict resume(Connection& connection, uint32_t slot);

  // Reports that the connection is gone; false while the ring is full.
  bool reportClosed(const Connection& connection, uint32_t slot);

  // Drops what has arrived of an unfinished request.
  void discard(Connection& connection);

  // True while records of the connection may still be answered: answeredUpTo() has not passed them.
  bool inFlight(const Connection& connection) const { return isPending(connection.lastRecord, answered_); }
  // The same, judged by the execution thread's position instead of the answers that were seen.
  bool notConsumed(const Connection& connection) { return isPending(connection.lastRecord, ring_.refreshTail()); }
  // All answers to records before this position in `desc` have been handled.
  void answeredUpTo(uint32_t position) { answered_ = position; }

  // Frees large requests that the execution thread has passed without taking them.
  void freePassedBuffers();

  // Records since the last publish().
  uint32_t batch() const { return batch_; }
  // Reads ahead for the batch and makes it visible. True if there was one.
  bool publish();

  ring::RequestRing& ring() { return ring_; }

 private:
  enum class Step : uint8_t { kTaken, kMore, kTooWide, kFull, kAwait, kBroken, kNoMemory };
  struct Passing {
    uint32_t position;
    uint32_t id;
  };

  static constexpr uint32_t kReadBytes = 32 * 1024;
  static constexpr uint32_t kBigReadBytes = 256 * 1024;
  static constexpr uint32_t kBigRequestBytes = 64 * 1024;
  static constexpr uint32_t kPutBackBytes = 4 * 1024;
  static constexpr uint32_t kLeastReadBytes = 4 * 1024;

  uint32_t putBackLimit() const { return std::min(kPutBackBytes, ring_.maxStageBytes() / 2); }
  uint32_t leastRead() const { return std::min(kLeastReadBytes, ring_.maxStageBytes() / 2); }
  uint32_t copyLimit() const { return std::min(kBigRequestBytes, ring_.maxStageBytes()); }
  bool fitsRecord(int64_t argc) const { return abi::kRecordHeaderWords + 2 * argc <= ring_.maxRecordWords(); }
  // Whether a record that ends at `position` lies behind `done`. Exact for those that do; one that was done 2^32 words
  // ago may look pending until the ring is empty, which does no harm.
  bool isPending(uint32_t position, uint32_t done) const { return ring_.head() - position < ring_.head() - done; }
  resp::Limits limitsOf(const Connection& connection) const;

  ssize_t read(Connection& connection, uint8_t* into, size_t room);
  Verdict failedRead(ssize_t result) const;
  Verdict receivePrivate(Connection& connection, uint32_t slot);
  Verdict parseStaged(Connection& connection, uint32_t slot, const ring::Stage& stage, uint32_t putBack, uint32_t size);
  Verdict parsePrivate(Connection& connection, uint32_t slot);
  Verdict verdictOf(Connection& connection, uint32_t slot, Step step);

  Step takeStaged(Connection& connection, uint32_t slot, const ring::Stage& stage, uint32_t used, uint32_t size,
                  const resp::Limits& limits, resp::ParseState& state);
  Step takeStagedLine(Connection& connection, uint32_t slot, const ring::Stage& stage, uint32_t used,
                      resp::ParseState& state);
  Step takePrivate(Connection& connection, uint32_t slot, InputBuffer& input);
  Step takePrivateLine(Connection& connection, uint32_t slot, InputBuffer& input);
  Step copyToRing(Connection& connection, uint32_t slot, InputBuffer& input);
  Step handOver(Connection& connection, uint32_t slot, InputBuffer& input, int32_t argc);

  Step emit(Connection& connection, uint32_t slot, uint32_t* record, int32_t argc, uint32_t reqEnd);
  void fill(Connection& connection, uint32_t slot, uint32_t* record, uint32_t kind, uint32_t words);
  uint32_t hashOf(const Connection& connection, const resp::Command& command, const uint8_t* bytes,
                  const uint32_t* pairs, int32_t argc);
  Step refuse(Connection& connection, uint32_t slot, uint32_t error, uint32_t detail);
  Step reportError(Connection& connection, uint32_t slot, uint32_t error, uint32_t detail);

  static InputBuffer& inputOf(Connection& connection);
  Step keep(Connection& connection, const ring::Stage& stage, uint32_t used, uint32_t putBack, uint32_t size,
            const resp::ParseState& state);
  void account(Connection& connection);

  ring::RequestRing ring_;
  uint8_t* const req_;
  memory::Prefetcher prefetcher_;
  const Parts parts_;
  Stats& stats_;
  std::deque<Passing> passing_;
  uint32_t answered_;
  uint32_t batch_ = 0;
};

}  // namespace millrace::net
