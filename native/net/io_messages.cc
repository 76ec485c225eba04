// Messages to many connections, as PUBLISH causes them.
//
// The ring holds a message once; each target gets its copy behind what it has queued, so the ring drains fast and every
// connection sees its bytes in the order of the frames. The targets then stand in a queue, once each, and a bounded
// number of them is sent to between the loop's other work. What comes for them until then joins what they wait for: the
// busier the loop, the more messages one system call carries, and no message keeps the loop from its other clients.
//
// A message to the client whose reply stands just before it goes with that reply: whoever writes a key and caches what it
// read of it is to learn of the change (CLIENT TRACKING) no later than its program of the write.
//
//   frame ──copy──▶ output of target 1 ─┐
//            └────▶ output of target n ─┴▶ due_ ──some each turn──▶ sockets
#include <algorithm>
#include <climits>

#include "io_loop.h"

namespace millrace::net {
namespace {

// How many connections one call sends to.
constexpr int kDueAtOnce = 128;
// If more waits for one connection, or for all of them together, sending comes first.
constexpr uint64_t kDueBytesOfOne = 32 * 1024;
constexpr uint64_t kDueBytes = 16 << 20;
// So far ahead of the copying the cache is told what comes: first records, then queues, then where bytes will be written.
constexpr uint32_t kRecordsAhead = 12;
constexpr uint32_t kQueuesAhead = 8;
constexpr uint32_t kTailsAhead = 4;

}  // namespace

// Thousands of receivers do not fit the cache, and each costs three misses in a row.
void IoLoop::prefetchTarget(const uint32_t* targets, uint32_t i, uint32_t count) {
  const auto at = [&](uint32_t target) -> const Connection& { return connections_.at(targets[2 * target]); };
  if (i + kRecordsAhead < count) __builtin_prefetch(&at(i + kRecordsAhead).output);
  if (i + kQueuesAhead < count) __builtin_prefetch(at(i + kQueuesAhead).output.get());
  if (i + kTailsAhead >= count) return;
  const OutputQueue* const queue = at(i + kTailsAhead).output.get();
  if (queue) __builtin_prefetch(queue->end(), 1);
}

void IoLoop::spread(const ring::Frame& frame) {
  const uint32_t* const targets = frame.targets();
  for (uint32_t i = 0; i < frame.slot; i++) {
    prefetchTarget(targets, i, frame.slot);
    const Handle name{targets[2 * i], targets[2 * i + 1]};
    Connection* const connection = connections_.find(name);
    if (!connection || connection->has(kFlagClosed | kFlagCloseAfter)) continue;
    const iovec part{const_cast<uint8_t*>(frame.bytes), frame.length};
    if (gathered_.connection == connection) {
      if (gathered_.count < kParts) {
        gathered_.parts[gathered_.count++] = part;
        continue;
      }
      sendGathered();
      if (connection->generation != name.generation || connection->has(kFlagClosed)) continue;
    }
    const Sent result = sender_.queue(*connection, &part, 1, nowMs_);
    connections_.noteHeld(*connection, name.slot);
    if (result == Sent::kPart) {
      sendSoon(*connection, name, frame.length);
    } else {
      sent(*connection, name.slot, result);
    }
  }
  while (dueBytes_ > kDueBytes) sendDue(1);
}

void IoLoop::sendSoon(Connection& connection, const Handle& name, uint32_t bytes) {
  // Until its socket takes more, there is nothing to try.
  if (connection.has(kFlagArmedWrite)) return;
  dueBytes_ += bytes;
  if (connection.output->bytes() > kDueBytesOfOne) {
    sendQueued(connection, name.slot);
  } else if (!connection.has(kFlagDue)) {
    connection.set(kFlagDue);
    due_.push_back(name);
  }
}

void IoLoop::sendQueued(Connection& connection, uint32_t slot) {
  dueBytes_ -= std::min(dueBytes_, connection.output->bytes());
  sent(connection, slot, sender_.flush(connection));
}

bool IoLoop::sendDue() {
  if (due_.empty()) return false;
  sendDue(kDueAtOnce);
  return true;
}

void IoLoop::sendAllDue() { sendDue(INT_MAX); }

void IoLoop::sendDue(int count) {
  while (count > 0 && !due_.empty()) {
    const Handle name = due_.front();
    due_.pop_front();
    Connection* const connection = connections_.find(name);
    if (!connection || connection->has(kFlagClosed)) continue;
    connection->clear(kFlagDue);
    if (!connection->output) continue;
    sendQueued(*connection, name.slot);
    count--;
  }
  if (due_.empty()) dueBytes_ = 0;
}

}  // namespace millrace::net
