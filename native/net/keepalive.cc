#include "keepalive.h"

#include <algorithm>

namespace millrace::net {

void Keepalive::turn(const Connections& connections, uint64_t nowMs, uint32_t seconds) {
  const uint32_t slots = connections.slotCount();
  const uint64_t roundMs = uint64_t{seconds} * 500;
  // After a time without a crowd, all would be due at once.
  const bool isNew = nowMs - lastTurnMs_ > kPauseMs;
  lastTurnMs_ = nowMs;
  if (isNew || (next_ >= slots && nowMs - roundBeganMs_ >= roundMs)) {
    roundBeganMs_ = nowMs;
    next_ = 0;
    probing_ = !isNew && !probing_;
  }
  const uint64_t due = slots * (nowMs - roundBeganMs_) / roundMs + 1;
  const uint64_t most = probing_ ? kProbesAtOnce : kVisitsAtOnce;
  const auto end = static_cast<uint32_t>(std::min<uint64_t>({due, slots, next_ + most}));
  for (; next_ < end; next_++) visit(connections.at(next_), nowMs, seconds);
}

void Keepalive::visit(const Connection& connection, uint64_t nowMs, uint32_t seconds) const {
  if (!connection.inUse() || connection.has(kFlagClosed)) return;
  if (connection.family == kUnix) return;
  if (!probing_) {
    if (unansweredProbes(connection.fd) == 0) setKeepaliveIdle(connection.fd, seconds * 2);
  } else if (nowMs / 1000 - connection.activeSeconds >= seconds - seconds / 4) {
    // Less than the silence so far, more than what the next round takes to come.
    setKeepaliveIdle(connection.fd, seconds - seconds * 3 / 8);
  }
}

}  // namespace millrace::net
