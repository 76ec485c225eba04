// The loop's input side: readiness, new connections, requests. Its output side is in io_replies.cc.
#include "io_loop.h"

#include <unistd.h>

#include "../base/clock.h"
#include "refusals.h"

namespace millrace::net {
namespace {

uint64_t tokenOf(uint32_t slot, uint32_t generation) { return uint64_t{generation} << 32 | slot; }

}  // namespace

IoLoop::IoLoop(const ring::Lane& lane, memory::Memory* memory, Shared& shared, Distributor& distributor)
    : shared_(shared),
      distributor_(distributor),
      tls_(shared.tls, shared.settings),
      intake_(lane, memory, {shared.commands, shared.settings, shared.bigBuffers, tls_, shared.hashKey}, stats_),
      sender_(shared.settings, stats_, tls_),
      replies_(lane),
      nowMs_(base::monotonicMs()) {}

IoLoop::~IoLoop() { closeAll(); }

bool IoLoop::open(std::unique_ptr<Poller> poller) {
  if (!poller->open()) return false;
  poller_ = std::move(poller);
  return true;
}

bool IoLoop::wait(int timeoutMs) {
  if (hasMore()) return true;
  const bool mayWait = !hasDue() && unread_.empty();
  eventCount_ = std::max(poller_->wait(events_, kEvents, mayWait ? timeoutMs : 0), 0);
  nextEvent_ = 0;
  unreadTurns_ = unread_.size();
  handshakeSteps_ = 0;
  nowMs_ = base::monotonicMs();
  stats_.add(kTurns);
  return hasMore();
}

bool IoLoop::hostIsReady() const {
  for (int i = 0; i < eventCount_; i++) {
    if (events_[i].token == kHostToken) return true;
  }
  return false;
}

void IoLoop::collect() {
  tls_.beginTurn();
  if (nowMs_ >= nextTickMs_) tick();
  while (nextEvent_ < eventCount_ && intake_.batch() < kBatchCommands) handle(events_[nextEvent_++]);
  if (unreadTurns_ > 0) readUnread();
}

void IoLoop::handle(const PollEvent& event) {
  const Handle name{static_cast<uint32_t>(event.token), static_cast<uint32_t>(event.token >> 32)};
  if (name.slot & kListenerSlot) {
    const uint32_t index = name.slot & ~kListenerSlot;
    if (index < listeners_.size()) acceptFrom(*listeners_[index]);
    return;
  }
  Connection* const connection = connections_.find(name);
  if (!connection || connection->has(kFlagClosed)) return;
  if (event.ready & (kWritable | kHangup) && connection->output) {
    sent(*connection, name.slot, sender_.flush(*connection));
    if (connection->generation != name.generation || connection->has(kFlagClosed)) return;
  }
  if (event.ready & (kReadable | kHangup) && !connection->has(kFlagNotRead)) {
    if (connection->has(kFlagHandshake) && !maySpendOnHandshake()) return;
    connection->activeSeconds = static_cast<uint32_t>(nowMs_ / 1000);
    receive(*connection, name.slot);
  }
}

void IoLoop::receive(Connection& connection, uint32_t slot) {
  Verdict verdict = intake_.receive(connection, slot);
  uint32_t size = 0;
  for (int i = 1; i < kReadsAtOnce && verdict == Verdict::kOpen && intake_.expectsMuch(connection); i++) {
    if (connection.input->size() == size) break;
    size = connection.input->size();
    verdict = intake_.receive(connection, slot);
  }
  settle(connection, slot, verdict);
}

bool IoLoop::listen(std::unique_ptr<Listener> listener) {
  const auto index = static_cast<uint32_t>(listeners_.size());
  if (!poller_->add(listener->fd(), tokenOf(kListenerSlot | index, 0), kReadable)) return false;
  listeners_.push_back(std::move(listener));
  return true;
}

void IoLoop::stopListening() {
  for (const auto& listener : listeners_) poller_->remove(listener->fd());
  listeners_.clear();
}

std::vector<int> IoLoop::listenerFiles() const {
  std::vector<int> files;
  for (const auto& listener : listeners_) files.push_back(listener->fd());
  return files;
}

void IoLoop::setKeepalive(uint32_t seconds) {
  for (const auto& listener : listeners_) net::setKeepalive(listener->fd(), seconds);
}

void IoLoop::acceptFrom(Listener& listener) {
  // Bounded, so that a storm of newcomers does not hold up those who are served. The poller reports the rest again.
  const uint64_t most = shared_.settings.acceptsAtOnce;
  for (uint64_t i = 0; i < most; i++) {
    Accepted accepted;
    switch (listener.accept(&accepted, stats_)) {
      case Accept::kTaken:
        if (mayServe(accepted)) distributor_.deliver(accepted);
        break;
      case Accept::kNone:
        return;
      case Accept::kRest:
        rest(listener);
        return;
    }
  }
}

void IoLoop::rest(Listener& listener) {
  poller_->remove(listener.fd());
  listener.restsUntilMs = nowMs_ + Listener::kRestMs;
  nextTickMs_ = std::min(nextTickMs_, listener.restsUntilMs);
  stats_.add(kAcceptPauses);
}

// Refuses a connection as Redis does, with a line that says why. Counts those that it lets pass.
bool IoLoop::mayServe(const Accepted& accepted) {
  const uint64_t reserved = accepted.local.family == kUnix ? kReservedClients : 0;
  const bool crowded = shared_.clients.fetch_add(1, std::memory_order_relaxed) >= shared_.settings.maxClients + reserved;
  // With TLS nothing can be said before the handshake: who is too many just goes, a stranger learns why after it.
  const bool foreign = shared_.settings.protectedMode != 0 && !accepted.secure && !accepted.peer.isLoopback();
  if (!crowded && !foreign) return true;
  shared_.clients.fetch_sub(1, std::memory_order_relaxed);
  const std::string_view line = crowded ? kTooManyClients : kProtectedMode;
  if (!accepted.secure) sendBytes(accepted.fd, line.data(), line.size());
  ::close(accepted.fd);
  stats_.add(kRejected);
  return false;
}

void IoLoop::adopt(const Accepted& accepted) {
  uint32_t slot;
  Connection* const connection = connections_.allocate(&slot);
  if (!connection || !poller_->add(accepted.fd, tokenOf(slot, connection->generation), kReadable)) {
    forget(accepted.fd);
    if (connection) connections_.release(slot);
    return;
  }
  const auto seconds = static_cast<uint32_t>(nowMs_ / 1000);
  connection->fd = accepted.fd;
  connection->createdSeconds = seconds;
  connection->activeSeconds = seconds;
  connection->lastCommand = resp::kUnknownCommand;
  connection->flags = kFlagArmedRead | (shared_.settings.authRequired == 0 ? kFlagTrusted : 0);
  if (accepted.secure) {
    connection->set(kFlagSecure | kFlagHandshake);
    handshaking_++;
  }
  connection->database = 0;
  connection->lastRecord = intake_.ring().tail();
  connection->peerHigh = accepted.peer.high;
  connection->peerLow = accepted.peer.low;
  connection->peerPort = accepted.peer.port;
  connection->localHigh = accepted.local.high;
  connection->localLow = accepted.local.low;
  connection->localPort = accepted.local.port;
  connection->family = accepted.local.family;
  connection->localName = accepted.local.path;
  connection->id.store(shared_.lastClientId.fetch_add(1, std::memory_order_relaxed) + 1, std::memory_order_release);
  stats_.add(kConnected);
  stats_.add(kAccepted);
}

void IoLoop::settle(Connection& connection, uint32_t slot, Verdict verdict) {
  connections_.noteHeld(connection, slot);
  if (connection.secure && !settleSecure(connection, slot, verdict)) return;
  switch (verdict) {
    case Verdict::kOpen:
      break;
    case Verdict::kEnded:
      connection.set(kFlagEnded);
      ended(connection, slot);
      return;
    case Verdict::kFailed:
      close(connection, slot, abi::kClosedByError);
      return;
    case Verdict::kRingFull:
      connection.set(kFlagStalled);
      stalled_.push_back({slot, connection.generation});
      stats_.add(kStalls);
      break;
    case Verdict::kAwait:
      connection.set(kFlagAwaiting);
      awaiting_.push_back({slot, connection.generation});
      break;
    case Verdict::kBroken:
      // The answer closes it. That may take until a command before it no longer blocks, which nobody may wait for.
      connection.set(kFlagBroken);
      mayForsake(connection);
      break;
  }
  watch(connection, slot);
}

// A peer that has finished sending may still be reading: `printf … | nc` is such a client. It is served to the end.
void IoLoop::ended(Connection& connection, uint32_t slot) {
  if (connection.has(kFlagKnown) && intake_.inFlight(connection)) {
    awaiting_.push_back({slot, connection.generation});
    watch(connection, slot);
  } else if (connection.output) {
    connection.set(kFlagCloseAfter);
    watch(connection, slot);
  } else {
    close(connection, slot, abi::kClosedByPeer);
  }
}

// First in, first out: one whose answers are not there yet holds up those behind it, whose records are hardly older.
void IoLoop::resumeAwaiting() {
  while (!awaiting_.empty()) {
    const Handle name = awaiting_.front();
    Connection* const connection = connections_.find(name);
    const bool alive = connection && !connection->has(kFlagClosed);
    if (alive && intake_.inFlight(*connection)) return;
    awaiting_.pop_front();
    if (!alive) continue;
    if (connection->has(kFlagEnded)) {
      ended(*connection, name.slot);
    } else {
      connection->clear(kFlagAwaiting);
      resume(*connection, name.slot);
    }
  }
}

void IoLoop::resumeStalled() {
  while (!stalled_.empty() && intake_.ring().hasRoom()) {
    const Handle name = stalled_.front();
    stalled_.pop_front();
    Connection* const connection = connections_.find(name);
    if (!connection) continue;
    if (connection->has(kFlagClosed)) {
      intake_.reportClosed(*connection, name.slot);
    } else {
      connection->clear(kFlagStalled);
      // Read at once: by the time the poller reported it, others would have filled the ring again.
      if (connection->input) {
        resume(*connection, name.slot);
      } else if (!connection->has(kFlagNotRead)) {
        receive(*connection, name.slot);
      }
    }
  }
}

// A paused connection keeps what it has; kFrameResumeRead comes here again.
void IoLoop::resume(Connection& connection, uint32_t slot) {
  if (connection.has(kFlagNotRead)) return;
  settle(connection, slot, intake_.resume(connection, slot));
}

}  // namespace millrace::net
