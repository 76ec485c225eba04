#include "sender.h"

#include <errno.h>

namespace millrace::net {
namespace {

bool wouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOBUFS; }

// Removes `sent` bytes from the front of the parts.
void advance(iovec** parts, int* count, uint64_t sent) {
  while (*count > 0 && sent >= (*parts)->iov_len) {
    sent -= (*parts)->iov_len;
    ++*parts;
    --*count;
  }
  if (*count == 0) return;
  (*parts)->iov_base = static_cast<uint8_t*>((*parts)->iov_base) + sent;
  (*parts)->iov_len -= sent;
}

}  // namespace

Sent Sender::send(Connection& connection, iovec* parts, int count, uint64_t nowMs) {
  if (isLimited(connection) && tooMuchAtOnce(connection, parts, count)) return Sent::kOverLimit;
  if (connection.has(kFlagSecure)) return seal(connection, parts, count, nowMs, false);
  return sendPlain(connection, parts, count, nowMs);
}

Sent Sender::queue(Connection& connection, const iovec* parts, int count, uint64_t nowMs) {
  if (connection.has(kFlagSecure)) return seal(connection, parts, count, nowMs, true);
  return queuePlain(connection, parts, count, nowMs);
}

// Small parts share a record: each record costs a few dozen bytes and a microsecond.
Sent Sender::seal(Connection& connection, const iovec* parts, int count, uint64_t nowMs, bool later) {
  if (!connection.secure) return Sent::kFailed;
  for (int i = 0; i < count;) {
    const int first = i;
    size_t bytes = parts[i++].iov_len;
    while (i < count && bytes + parts[i].iov_len <= kRecordBytes) bytes += parts[i++].iov_len;
    const iovec whole = i == first + 1 ? parts[first] : join(parts + first, i - first);
    if (!tls_.seal(*connection.secure, static_cast<uint8_t*>(whole.iov_base), whole.iov_len)) return Sent::kFailed;
    if (i == count || tls_.sealed().size() < kSealAtOnce) continue;
    const Sent sent = passOn(connection, nowMs, later);
    if (sent == Sent::kFailed || sent == Sent::kOverLimit) return sent;
  }
  return passOn(connection, nowMs, later);
}

iovec Sender::join(const iovec* parts, int count) {
  joined_.clear();
  for (int i = 0; i < count; i++) {
    const auto* const bytes = static_cast<const uint8_t*>(parts[i].iov_base);
    joined_.insert(joined_.end(), bytes, bytes + parts[i].iov_len);
  }
  return {joined_.data(), joined_.size()};
}

Sent Sender::sendSealed(Connection& connection, uint64_t nowMs) { return passOn(connection, nowMs, false); }

// Sends or queues what is sealed.
Sent Sender::passOn(Connection& connection, uint64_t nowMs, bool later) {
  std::vector<uint8_t>& sealed = tls_.sealed();
  if (sealed.empty()) return connection.output ? Sent::kPart : Sent::kAll;
  iovec all{sealed.data(), sealed.size()};
  const Sent sent = later ? queuePlain(connection, &all, 1, nowMs) : sendPlain(connection, &all, 1, nowMs);
  sealed.clear();
  return sent;
}

Sent Sender::sendPlain(Connection& connection, iovec* parts, int count, uint64_t nowMs) {
  if (!connection.output) {
    const ssize_t sent =
        count == 1 ? sendBytes(connection.fd, parts->iov_base, parts->iov_len) : sendParts(connection.fd, parts, count);
    if (sent < 0 && !wouldBlock()) return Sent::kFailed;
    if (sent > 0) {
      stats_.add(kWrites);
      stats_.add(kBytesOut, static_cast<uint64_t>(sent));
      advance(&parts, &count, static_cast<uint64_t>(sent));
    }
    if (count == 0) return Sent::kAll;
  }
  return queuePlain(connection, parts, count, nowMs);
}

Sent Sender::queuePlain(Connection& connection, const iovec* parts, int count, uint64_t nowMs) {
  if (!connection.output) connection.output = std::make_unique<OutputQueue>();
  for (int i = 0; i < count; i++) {
    const auto* const bytes = static_cast<const uint8_t*>(parts[i].iov_base);
    if (!connection.output->append(bytes, static_cast<uint32_t>(parts[i].iov_len))) return Sent::kFailed;
  }
  account(connection);
  return overLimit(connection, nowMs) ? Sent::kOverLimit : Sent::kPart;
}

Sent Sender::flush(Connection& connection) {
  if (!connection.output) return Sent::kAll;
  iovec parts[kParts];
  const int count = connection.output->gather(parts, kParts);
  const ssize_t sent = sendParts(connection.fd, parts, count);
  if (sent < 0) return wouldBlock() ? Sent::kPart : Sent::kFailed;
  stats_.add(kWrites);
  stats_.add(kBytesOut, static_cast<uint64_t>(sent));
  connection.output->consume(static_cast<uint64_t>(sent));
  if (!connection.output->empty()) {
    account(connection);
    if (connection.output->heldBytes() <= limitOf(connection).softBytes) connection.output->overSoftLimitSinceMs = 0;
    return Sent::kPart;
  }
  discard(connection);
  return Sent::kAll;
}

void Sender::discard(Connection& connection) {
  if (!connection.output) return;
  connection.output.reset();
  account(connection);
}

void Sender::account(Connection& connection) {
  const uint64_t held = connection.output ? connection.output->heldBytes() : 0;
  stats_.add(kOutputHeldBytes, held - connection.outputHeldBytes);
  connection.outputHeldBytes = held;
  connection.outputBlocks = connection.output ? connection.output->blocks() : 0;
}

const OutputLimit& Sender::limitOf(const Connection& connection) const {
  return settings_.output[connection.flags & kFlagClassMask];
}

bool Sender::tooMuchAtOnce(const Connection& connection, const iovec* parts, int count) const {
  uint64_t bytes = connection.output ? connection.output->bytes() : 0;
  for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
  return bytes > limitOf(connection).hardBytes;
}

bool Sender::overLimit(Connection& connection, uint64_t nowMs) const {
  const bool trusted = connection.has(kFlagTrusted) || settings_.authRequired == 0;
  if (!trusted && connection.output->bytes() > kUntrustedBytes) return true;
  const OutputLimit& limit = limitOf(connection);
  const uint64_t held = connection.output->heldBytes();
  if (limit.hardBytes > 0 && held > limit.hardBytes) return true;
  if (limit.softBytes == 0 || held <= limit.softBytes) {
    connection.output->overSoftLimitSinceMs = 0;
  } else if (connection.output->overSoftLimitSinceMs == 0) {
    connection.output->overSoftLimitSinceMs = nowMs;
  }
  return overSoftLimit(connection, nowMs);
}

bool Sender::overSoftLimit(const Connection& connection, uint64_t nowMs) const {
  if (connection.output->overSoftLimitSinceMs == 0) return false;
  const OutputLimit& limit = limitOf(connection);
  const uint64_t sinceMs = nowMs - connection.output->overSoftLimitSinceMs;
  return limit.softBytes > 0 && connection.output->heldBytes() > limit.softBytes && sinceMs > limit.softSeconds * 1000;
}

}  // namespace millrace::net
