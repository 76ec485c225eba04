// A connection, as small as an idle one should be, and the table of all connections of a lane.
//
// A connection is named by (slot, generation) everywhere outside its lane: in events, records and frames. The slot is
// its place in the table; the generation changes whenever the slot is given to another connection, so that whatever
// arrives late for the old one is recognised and dropped. The slot of a connection that the execution thread knows is
// not reused before that thread acknowledged the closing.
//
// The lane's thread alone changes a connection. Other threads may look at the Relaxed fields at any time (CLIENT LIST):
// `id` is never used twice and is 0 while a slot is free, so a reader that sees the same id before and after has a
// consistent row. See Connections::look().
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

#include "../base/atomics.h"
#include "input_buffer.h"
#include "output_queue.h"
#include "socket.h"

namespace millrace::net {

using base::Relaxed;

// Connection::flags. The lowest bits are the class (abi kClass…).
constexpr uint32_t kFlagClassMask = 3;
constexpr uint32_t kFlagPatient = 1 << 4;      // exempt from the idle timeout
constexpr uint32_t kFlagKnown = 1 << 5;        // the execution thread has a record of it
constexpr uint32_t kFlagTrusted = 1 << 6;      // authenticated, or no password is set
constexpr uint32_t kFlagPaused = 1 << 7;       // not read, by kFramePauseRead
constexpr uint32_t kFlagStalled = 1 << 8;      // not read, waits for room in the request ring
constexpr uint32_t kFlagAwaiting = 1 << 9;     // not read, waits for the answers to what was handed over
constexpr uint32_t kFlagEnded = 1 << 10;       // the peer has finished sending
constexpr uint32_t kFlagBroken = 1 << 11;      // protocol error: nothing more is parsed
constexpr uint32_t kFlagCloseAfter = 1 << 12;  // closes when everything is sent
constexpr uint32_t kFlagClosed = 1 << 13;      // its socket is gone; the slot waits for the acknowledgement
constexpr uint32_t kFlagArmedRead = 1 << 14;   // what the poller watches
constexpr uint32_t kFlagArmedWrite = 1 << 15;
constexpr uint32_t kFlagDue = 1 << 16;         // has messages to send, in its loop's queue
constexpr uint32_t kFlagSecure = 1 << 17;      // speaks TLS
constexpr uint32_t kFlagHandshake = 1 << 18;   // has not finished its handshake
constexpr uint32_t kFlagUnread = 1 << 19;      // its turn to have what TLS has read ahead comes without an event
constexpr uint32_t kFlagForsakable = 1 << 20;  // not read, and closes if its peer leaves
constexpr uint32_t kFlagHolds = 1 << 21;       // memory for requests or replies
constexpr uint32_t kFlagNotRead =
    kFlagPaused | kFlagStalled | kFlagAwaiting | kFlagEnded | kFlagBroken | kFlagCloseAfter | kFlagClosed;

struct TlsSession;

struct Connection {
  std::atomic<uint64_t> id{0};
  Relaxed<uint32_t> generation{0};
  Relaxed<int32_t> fd{-1};
  Relaxed<uint32_t> createdSeconds{0};
  Relaxed<uint32_t> activeSeconds{0};
  Relaxed<int32_t> lastCommand{-1};
  Relaxed<uint32_t> flags{0};
  Relaxed<uint32_t> database{0};
  uint32_t lastRecord = 0;  // position in `desc` after its last record
  Relaxed<uint32_t> queryBytes{0};
  Relaxed<uint32_t> queryCapacity{0};
  Relaxed<uint32_t> outputBlocks{0};
  Relaxed<uint64_t> outputHeldBytes{0};
  std::unique_ptr<InputBuffer> input;
  std::unique_ptr<OutputQueue> output;
  TlsSession* secure = nullptr;  // from its first byte to its closing
  Relaxed<uint64_t> peerHigh{0}, peerLow{0};
  Relaxed<uint64_t> localHigh{0}, localLow{0};
  Relaxed<uint16_t> peerPort{0}, localPort{0};
  Relaxed<uint8_t> family{0};
  Relaxed<uint8_t> localName{0};  // of a unix socket: which listener's path
  uint8_t closedReason = 0;

  // For the lane's own thread: whether the slot serves a connection, closed or not.
  bool inUse() const { return id.load(std::memory_order_relaxed) != 0; }
  bool has(uint32_t flag) const { return (flags & flag) != 0; }
  void set(uint32_t flag) { flags = flags | flag; }
  void clear(uint32_t flag) { flags = flags & ~flag; }
};
static_assert(sizeof(Connection) <= 128);

struct Handle {
  uint32_t slot;
  uint32_t generation;
};

// A copy of what other threads may know of a connection.
struct ConnectionView {
  uint64_t id;
  uint32_t slot, generation;
  int32_t fd, lastCommand;
  uint32_t createdSeconds, activeSeconds, flags, database;
  uint32_t queryBytes, queryCapacity, outputBlocks;
  uint64_t outputHeldBytes;
  Endpoint peer, local;
};

// One bit for each slot of a slab. One thread sets bits, any may look.
class SlotSet {
 public:
  static constexpr uint32_t kSlots = 512;

  void set(uint32_t slot, bool on) {
    const uint64_t bit = uint64_t{1} << slot % 64;
    words_[slot / 64] = on ? words_[slot / 64] | bit : words_[slot / 64] & ~bit;
  }
  // The first slot from `slot` on that is in the set; kSlots if there is none.
  uint32_t next(uint32_t slot) const;

 private:
  Relaxed<uint64_t> words_[kSlots / 64];
};

class Connections {
 public:
  static constexpr uint32_t kSlabShift = 9;
  static constexpr uint32_t kSlabSlots = 1 << kSlabShift;
  static constexpr uint32_t kMaxSlabs = 2048;
  static_assert(kSlabSlots == SlotSet::kSlots);

  Connections() = default;
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // A slot for a new connection, or nullptr when all are taken. The caller fills it in and then publishes its id.
  Connection* allocate(uint32_t* slot);

  // The slot may serve another connection. `input` and `output` must be gone already.
  void release(uint32_t slot);

  // The connection of that name if it still has it; its socket may be closed.
  Connection* find(Handle handle) {
    if (handle.slot >= slotCount()) return nullptr;
    Connection& connection = at(handle.slot);
    return connection.generation == handle.generation && connection.inUse() ? &connection : nullptr;
  }

  Connection& at(uint32_t slot) const { return slabOf(slot).connections[slot % kSlabSlots]; }

  // To be told when memory for its requests or replies may have come or gone.
  void noteHeld(Connection& connection, uint32_t slot) {
    const bool holds = connection.queryCapacity > 0 || connection.outputHeldBytes > 0;
    if (holds != connection.has(kFlagHolds)) setHolds(connection, slot, holds);
  }

  // Slots that have ever been used: 0 … slotCount() - 1. Any thread.
  uint32_t slotCount() const { return slotCount_.load(std::memory_order_acquire); }

  // The first slot from `slot` on whose connection holds memory; slotCount() if there is none. Any thread.
  uint32_t nextHolding(uint32_t slot) const;

  // Any thread: a consistent copy of the connection in a slot, false if there is none.
  bool look(uint32_t slot, ConnectionView* view) const;

 private:
  struct Slab {
    Connection connections[kSlabSlots];
    SlotSet holding;
  };

  Slab& slabOf(uint32_t slot) const { return *slabs_[slot >> kSlabShift].load(std::memory_order_relaxed); }
  void setHolds(Connection& connection, uint32_t slot, bool holds);

  std::atomic<Slab*> slabs_[kMaxSlabs] = {};
  std::atomic<uint32_t> slotCount_{0};
  std::vector<uint32_t> free_;
};

}  // namespace millrace::net
