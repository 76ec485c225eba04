// The loop's output side: frames to sockets, closing, and what time brings.
#include <unistd.h>

#include <algorithm>

#include "io_loop.h"

namespace millrace::net {

bool IoLoop::answer() {
  tls_.beginTurn();
  // The tail first, the frames second: whatever the execution thread has done with is then answered completely.
  intake_.ring().refresh();
  const uint32_t done = intake_.ring().tail();
  const bool drained = drainFrames();
  const bool any = sendDue() || drained;
  intake_.answeredUpTo(done);
  intake_.freePassedBuffers();
  resumeAwaiting();
  resumeStalled();
  return any;
}

bool IoLoop::drainFrames() {
  if (!replies_.refresh()) return false;
  ring::Frame frame;
  while (replies_.next(frame)) handleFrame(frame);
  sendGathered();
  replies_.release();
  return true;
}

void IoLoop::handleFrame(const ring::Frame& frame) {
  if (frame.kind == abi::kFrameMessage) {
    spread(frame);
    return;
  }
  Connection* const connection = connections_.find({frame.slot, frame.generation});
  if (!connection) return;
  if (frame.kind == abi::kFrameAckClosed) {
    if (connection->has(kFlagClosed)) connections_.release(frame.slot);
    return;
  }
  if (connection->has(kFlagClosed)) return;
  if (frame.kind == abi::kFramePart && sender_.isLimited(*connection)) {
    hold(frame, *connection);
  } else if (ring::isData(frame.kind)) {
    gather(frame, *connection);
  } else {
    sendGathered();
    if (!connection->has(kFlagClosed)) control(frame, *connection);
  }
}

void IoLoop::gather(const ring::Frame& frame, Connection& connection) {
  Gathered& all = gathered_;
  if (all.connection != &connection || all.count == kParts) {
    sendGathered();
    if (connection.has(kFlagClosed)) return;
    all.connection = &connection;
    all.slot = frame.slot;
  }
  if (frame.length > 0) all.parts[all.count++] = {const_cast<uint8_t*>(frame.bytes), frame.length};
  if (frame.kind == abi::kFrameCloseAfter) {
    all.closeAfter = true;
    sendGathered();
  }
}

// Of a reply that is longer than its client may have waiting, nothing is sent; so what may become one waits for its end.
void IoLoop::hold(const ring::Frame& frame, Connection& connection) {
  if (gathered_.connection == &connection) {
    sendGathered();
    if (connection.has(kFlagClosed) || connection.generation != frame.generation) return;
  }
  const iovec part{const_cast<uint8_t*>(frame.bytes), frame.length};
  const Sent result = sender_.queue(connection, &part, 1, nowMs_);
  connections_.noteHeld(connection, frame.slot);
  if (result != Sent::kPart) sent(connection, frame.slot, result);
}

void IoLoop::sendGathered() {
  Connection* const connection = gathered_.connection;
  if (!connection) return;
  gathered_.connection = nullptr;
  if (gathered_.closeAfter) connection->set(kFlagCloseAfter);
  const Sent result = gathered_.count > 0  ? sender_.send(*connection, gathered_.parts, gathered_.count, nowMs_)
                      : connection->output ? Sent::kPart
                                           : Sent::kAll;
  gathered_.count = 0;
  gathered_.closeAfter = false;
  sent(*connection, gathered_.slot, result);
}

void IoLoop::sent(Connection& connection, uint32_t slot, Sent result) {
  connections_.noteHeld(connection, slot);
  switch (result) {
    case Sent::kAll:
      connection.activeSeconds = static_cast<uint32_t>(nowMs_ / 1000);
      if (connection.has(kFlagCloseAfter)) {
        close(connection, slot, connection.has(kFlagEnded) ? abi::kClosedByPeer : abi::kClosedByRequest);
        return;
      }
      if (connection.has(kFlagArmedWrite)) watch(connection, slot);
      return;
    case Sent::kPart:
      if (!connection.has(kFlagDue)) watch(connection, slot);
      return;
    case Sent::kFailed:
      close(connection, slot, abi::kClosedByError);
      return;
    case Sent::kOverLimit:
      stats_.add(kOutputLimitCloses);
      close(connection, slot, abi::kClosedOutputLimit);
      return;
  }
}

void IoLoop::control(const ring::Frame& frame, Connection& connection) {
  switch (frame.kind) {
    case abi::kFrameCloseNow:
      close(connection, frame.slot, abi::kClosedByRequest);
      break;
    case abi::kFramePauseRead:
      connection.set(kFlagPaused);
      if (frame.length == 1) mayForsake(connection);
      watch(connection, frame.slot);
      break;
    case abi::kFrameResumeRead:
      connection.clear(kFlagPaused);
      if (!connection.has(kFlagBroken)) mustStay(connection);
      resume(connection, frame.slot);
      break;
    case abi::kFrameTrusted:
      connection.set(kFlagTrusted);
      break;
    case abi::kFrameUntrusted:
      connection.clear(kFlagTrusted);
      break;
    case abi::kFrameSelectDb:
      connection.database = frame.length;
      break;
    case abi::kFrameClass:
      connection.clear(kFlagClassMask | kFlagPatient);
      connection.set(std::min(frame.length & kFlagClassMask, abi::kClassPubsub));
      if (frame.length & abi::kClassPatient) connection.set(kFlagPatient);
      break;
  }
}

// While a connection is not read, the poller does not tell that its peer has left; sweep() asks for it then.
void IoLoop::mayForsake(Connection& connection) {
  if (!connection.has(kFlagForsakable)) forsakable_++;
  connection.set(kFlagForsakable);
}

void IoLoop::mustStay(Connection& connection) {
  if (connection.has(kFlagForsakable)) forsakable_--;
  connection.clear(kFlagForsakable);
}

// What it asked for before has been done, or waits for something that nobody would hear of.
bool IoLoop::isForsaken(const Connection& connection) const {
  return connection.has(kFlagForsakable) && !connection.has(kFlagCloseAfter) && !intake_.inFlight(connection) &&
         peerHasLeft(connection.fd);
}

// Makes the poller watch what the connection now waits for.
void IoLoop::watch(Connection& connection, uint32_t slot) {
  const bool reading = !connection.has(kFlagNotRead);
  const bool writing = connection.output != nullptr;
  if (reading == connection.has(kFlagArmedRead) && writing == connection.has(kFlagArmedWrite)) return;
  connection.clear(kFlagArmedRead | kFlagArmedWrite);
  if (reading) connection.set(kFlagArmedRead);
  if (writing) connection.set(kFlagArmedWrite);
  const uint64_t token = uint64_t{connection.generation} << 32 | slot;
  const uint32_t interest = (reading ? kReadable : 0) | (writing ? kWritable : 0);
  if (!poller_->modify(connection.fd, token, interest)) close(connection, slot, abi::kClosedByError);
}

void IoLoop::close(Connection& connection, uint32_t slot, uint32_t reason) {
  if (connection.has(kFlagClosed)) return;
  if (connection.has(kFlagArmedRead | kFlagArmedWrite)) poller_->remove(connection.fd);
  if (connection.has(kFlagSecure)) closeSecure(connection);
  forget(connection.fd);
  connection.fd = -1;
  intake_.discard(connection);
  const uint64_t heldBytes = connection.outputHeldBytes;
  const uint32_t blocks = connection.outputBlocks;
  sender_.discard(connection);
  if (reason == abi::kClosedOutputLimit) {
    // The execution thread tells in the log how much it was.
    connection.outputHeldBytes = heldBytes;
    connection.outputBlocks = blocks;
  }
  if (gathered_.connection == &connection) {
    gathered_.connection = nullptr;
    gathered_.count = 0;
  }
  connections_.noteHeld(connection, slot);
  stats_.subtract(kConnected);
  mustStay(connection);
  if (!connection.has(kFlagKnown)) {
    connections_.release(slot);
    return;
  }
  connection.set(kFlagClosed);
  connection.closedReason = static_cast<uint8_t>(reason);
  if (!intake_.reportClosed(connection, slot)) stalled_.push_back({slot, connection.generation});
}

void IoLoop::forget(int fd) {
  ::close(fd);
  promised_.fetch_sub(1, std::memory_order_relaxed);
  shared_.clients.fetch_sub(1, std::memory_order_relaxed);
}

void IoLoop::closeAll() {
  if (!poller_) return;
  closeSockets();
  poller_->close();
  poller_.reset();
}

void IoLoop::closeSockets() {
  stopListening();
  sendAllDue();
  for (uint32_t slot = 0; slot < connections_.slotCount(); slot++) {
    Connection& connection = connections_.at(slot);
    if (!connection.inUse()) continue;
    if (!connection.has(kFlagClosed)) close(connection, slot, abi::kClosedByRequest);
  }
}

bool IoLoop::hasWork() {
  if (hasDue() || replies_.refresh()) return true;
  if (!stalled_.empty() && intake_.ring().hasRoom()) return true;
  if (awaiting_.empty()) return false;
  const Connection* const connection = connections_.find(awaiting_.front());
  return !connection || connection->has(kFlagClosed) || !intake_.notConsumed(*connection);
}

bool IoLoop::sweepNeeded() const {
  const bool idle = shared_.settings.idleSeconds != 0 && stats_.counters[kConnected] > 0;
  return idle || handshaking_ > 0 || forsakable_ > 0 || stats_.counters[kOutputHeldBytes] > 0;
}

// Whether probes of silent connections have to be spread.
bool IoLoop::isCrowded() const {
  return shared_.clients.load(std::memory_order_relaxed) >= Keepalive::kCrowd &&
         shared_.settings.keepaliveSeconds >= Keepalive::kSecondsMin && stats_.counters[kConnected] > 0;
}

int IoLoop::patienceMs() const {
  if (!unread_.empty()) return 0;
  bool resting = false;
  for (const auto& listener : listeners_) resting |= listener->restsUntilMs != 0;
  if (!resting && !sweepNeeded() && !isCrowded()) return -1;
  return nextTickMs_ > nowMs_ ? static_cast<int>(nextTickMs_ - nowMs_) : 0;
}

void IoLoop::tick() {
  nextTickMs_ = nowMs_ + kTickMs;
  for (size_t i = 0; i < listeners_.size(); i++) {
    Listener& listener = *listeners_[i];
    if (listener.restsUntilMs == 0) continue;
    listener.restsUntilMs = 0;
    if (!poller_->add(listener.fd(), kListenerSlot | i, kReadable)) rest(listener);
  }
  if (sweepNeeded()) sweep();
  if (isCrowded()) keepalive_.turn(connections_, nowMs_, static_cast<uint32_t>(shared_.settings.keepaliveSeconds));
}

// Looks at a tenth of the slots, at most 1,000: a lane of 10,000 connections is seen once a second, and no turn
// ever pays for more than a few microseconds of it.
void IoLoop::sweep() {
  const uint32_t slots = connections_.slotCount();
  const uint32_t count = std::min<uint32_t>(slots / 10 + 1, 1000);
  const uint64_t idleSeconds = shared_.settings.idleSeconds;
  for (uint32_t i = 0; i < count; i++) {
    if (++sweepSlot_ >= slots) sweepSlot_ = 0;
    Connection& connection = connections_.at(sweepSlot_);
    if (!connection.inUse() || connection.has(kFlagClosed)) continue;
    const bool patient = connection.has(kFlagPatient) || (connection.flags & kFlagClassMask) != abi::kClassNormal;
    if (connection.has(kFlagHandshake) &&
        nowMs_ / 1000 - connection.createdSeconds >= shared_.settings.tlsHandshakeSeconds) {
      handshakeFailed(connection, "the handshake took too long");
      close(connection, sweepSlot_, abi::kClosedByError);
    } else if (isForsaken(connection)) {
      close(connection, sweepSlot_, abi::kClosedByPeer);
    } else if (sender_.isOverLimit(connection, nowMs_)) {
      stats_.add(kOutputLimitCloses);
      close(connection, sweepSlot_, abi::kClosedOutputLimit);
    } else if (idleSeconds > 0 && !patient && nowMs_ / 1000 - connection.activeSeconds > idleSeconds) {
      stats_.add(kIdleCloses);
      close(connection, sweepSlot_, abi::kClosedIdle);
    }
  }
}

}  // namespace millrace::net
