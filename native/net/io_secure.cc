// What TLS adds to the loop: handshakes, bounded per turn and in time, and bytes that no poller reports because they
// have been read ahead.
#include "io_loop.h"
#include "refusals.h"

namespace millrace::net {

// A handshake costs as much as hundreds of commands. When many arrive at once, the poller reports again those that
// have to wait, and clients that are being served wait for one of them each turn, not for all.
bool IoLoop::maySpendOnHandshake() { return handshakeSteps_++ < shared_.settings.tlsHandshakesPerTurn; }

// After a read: sends what TLS has to say and looks at how the handshake stands. False if the connection is closed.
bool IoLoop::settleSecure(Connection& connection, uint32_t slot, Verdict verdict) {
  const uint32_t generation = connection.generation;
  if (!tls_.sealed().empty()) {
    // Also an alert that says why, before the connection is closed.
    sent(connection, slot, sender_.sendSealed(connection, nowMs_));
    if (connection.generation != generation || connection.has(kFlagClosed)) return false;
  }
  if (connection.has(kFlagHandshake)) {
    const Handshake handshake = tls_.handshake(*connection.secure);
    if (handshake == Handshake::kFailed) handshakeFailed(connection, tls_.reason());
    if (handshake == Handshake::kDone && !handshakeDone(connection, slot)) return false;
  }
  if (verdict == Verdict::kOpen && connection.secure->unread && !connection.has(kFlagNotRead)) {
    comeBack(connection, slot);
  }
  return true;
}

// False if the connection is closed: it is a stranger's.
bool IoLoop::handshakeDone(Connection& connection, uint32_t slot) {
  connection.clear(kFlagHandshake);
  handshaking_--;
  const Endpoint peer{connection.peerHigh, connection.peerLow, connection.peerPort, connection.family, 0};
  if (shared_.settings.protectedMode == 0 || peer.isLoopback()) return true;
  stats_.add(kRejected);
  iovec line{const_cast<char*>(kProtectedMode.data()), kProtectedMode.size()};
  sender_.send(connection, &line, 1, nowMs_);
  close(connection, slot, abi::kClosedByRequest);
  return false;
}

void IoLoop::handshakeFailed(const Connection& connection, const std::string& reason) {
  stats_.add(kHandshakeErrors);
  // Somebody looked whether the port is open, and said nothing.
  if (reason.empty()) return;
  shared_.tlsLog.add({reason,
                      {connection.peerHigh, connection.peerLow, connection.peerPort, connection.family, 0},
                      {connection.localHigh, connection.localLow, connection.localPort, connection.family, 0}});
}

// Reads the connection again in the next round, behind those that the poller reports.
void IoLoop::comeBack(Connection& connection, uint32_t slot) {
  if (connection.has(kFlagUnread)) return;
  connection.set(kFlagUnread);
  unread_.push_back({slot, connection.generation});
}

void IoLoop::readUnread() {
  while (unreadTurns_ > 0 && !hasEvents() && intake_.batch() < kBatchCommands) {
    const Handle name = unread_.front();
    unread_.pop_front();
    unreadTurns_--;
    Connection* const connection = connections_.find(name);
    if (!connection || connection->has(kFlagClosed)) continue;
    connection->clear(kFlagUnread);
    // Whoever lets it go on also has it come back.
    if (connection->has(kFlagNotRead)) continue;
    connection->activeSeconds = static_cast<uint32_t>(nowMs_ / 1000);
    settle(*connection, name.slot, intake_.receive(*connection, name.slot));
  }
}

// Says goodbye, unless what was sent before is not all on its way, and forgets the keys.
void IoLoop::closeSecure(Connection& connection) {
  if (connection.has(kFlagHandshake)) handshaking_--;
  if (!connection.secure) return;
  const bool sayGoodbye = !connection.output;
  tls_.sealed().clear();
  tls_.close(connection.secure, sayGoodbye);
  connection.secure = nullptr;
  if (!tls_.sealed().empty()) sendBytes(connection.fd, tls_.sealed().data(), tls_.sealed().size());
  tls_.sealed().clear();
}

}  // namespace millrace::net
