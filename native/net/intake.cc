// The usual way: requests parsed where they were read. See intake_private.cc for the other one.
#include "intake.h"

#include <errno.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace millrace::net {

using resp::Parse;
using resp::ParseState;

resp::Limits Intake::limitsOf(const Connection& connection) const {
  const bool trusted = connection.has(kFlagTrusted) || parts_.settings.authRequired == 0;
  return {static_cast<int64_t>(parts_.settings.maxBulkBytes.get()), trusted};
}

Verdict Intake::receive(Connection& connection, uint32_t slot) {
  const uint32_t putBack = connection.input ? connection.input->size() : 0;
  if (putBack > putBackLimit()) return receivePrivate(connection, slot);
  const ring::Stage stage = ring_.stage(putBack + kReadBytes, putBack + leastRead());
  if (stage.size == 0) return Verdict::kRingFull;
  const ssize_t count = read(connection, stage.bytes + putBack, std::min(stage.size - putBack, kReadBytes));
  if (count <= 0) return failedRead(count);
  stats_.add(kReads);
  stats_.add(kBytesIn, static_cast<uint64_t>(count));
  if (putBack > 0) memcpy(stage.bytes, connection.input->bytes(), putBack);
  return parseStaged(connection, slot, stage, putBack, putBack + static_cast<uint32_t>(count));
}

// As recv(2).
ssize_t Intake::read(Connection& connection, uint8_t* into, size_t room) {
  if (!connection.has(kFlagSecure)) return recv(connection.fd, into, room, 0);
  if (!connection.secure) connection.secure = parts_.tls.open(connection.fd);
  if (connection.secure) return parts_.tls.read(*connection.secure, into, room);
  errno = ENOMEM;
  return -1;
}

Verdict Intake::failedRead(ssize_t result) const {
  if (result == 0) return Verdict::kEnded;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Verdict::kOpen : Verdict::kFailed;
}

Verdict Intake::parseStaged(Connection& connection, uint32_t slot, const ring::Stage& stage, uint32_t putBack,
                            uint32_t size) {
  ParseState state = connection.input ? connection.input->state : ParseState{};
  const resp::Limits limits = limitsOf(connection);
  uint32_t used = 0;
  Step step = Step::kTaken;
  while (used < size) {
    step = takeStaged(connection, slot, stage, used, size, limits, state);
    if (step != Step::kTaken) break;
    used += state.position;
    state = {};
  }
  if (step == Step::kTaken) {
    discard(connection);
    return Verdict::kOpen;
  }
  if (step != Step::kBroken) {
    const Step kept = keep(connection, stage, used, putBack, size, state);
    if (kept != Step::kTaken) step = kept;
  }
  // All of it may be here already; only the record is too long for the ring.
  if (step == Step::kTooWide) return parsePrivate(connection, slot);
  return verdictOf(connection, slot, step);
}

// Moves what was not taken to the connection's own memory: of its bytes the first `putBack` are there already.
Intake::Step Intake::keep(Connection& connection, const ring::Stage& stage, uint32_t used, uint32_t putBack,
                          uint32_t size, const ParseState& state) {
  InputBuffer& input = inputOf(connection);
  const uint32_t from = std::max(used, putBack);
  if (used > 0) {
    // The state of the request now at the front was saved before what precedes it is forgotten.
    std::vector<uint32_t> pairs = std::move(input.pairs);
    input.consume(std::min(used, putBack));
    input.pairs = std::move(pairs);
  }
  input.state = state;
  const bool kept = input.append(stage.bytes + from, size - from);
  account(connection);
  return kept ? Step::kTaken : Step::kNoMemory;
}

Intake::Step Intake::takeStaged(Connection& connection, uint32_t slot, const ring::Stage& stage, uint32_t used,
                                uint32_t size, const resp::Limits& limits, ParseState& state) {
  const uint8_t* const bytes = stage.bytes + used;
  const uint32_t available = size - used;
  if (state.argc < 0) {
    const Parse parse = parseHeader(state, bytes, available, limits);
    if (parse == Parse::kIncomplete) return Step::kMore;
    if (parse == Parse::kEmpty) return Step::kTaken;
    if (parse == Parse::kError) return refuse(connection, slot, state.error, state.detail);
    if (parse == Parse::kInline) return takeStagedLine(connection, slot, stage, used, state);
  }
  if (!fitsRecord(state.argc)) return Step::kTooWide;
  uint32_t* const record = ring_.reserve(abi::kRecordHeaderWords + 2 * static_cast<uint32_t>(state.argc));
  if (!record) return Step::kFull;
  uint32_t* const pairs = record + abi::kRecordHeaderWords;
  const uint32_t origin = ring_.offsetOf(stage.position) + used;
  if (state.done > 0) {
    const std::vector<uint32_t>& found = connection.input->pairs;
    for (size_t i = 0; i < found.size(); i += 2) {
      pairs[i] = found[i] + origin;
      pairs[i + 1] = found[i + 1];
    }
  }
  const Parse parse = parseArguments(state, bytes, available, pairs, origin, state.argc, limits);
  if (parse == Parse::kComplete) {
    return emit(connection, slot, record, state.argc, stage.position + used + state.position);
  }
  std::vector<uint32_t>& found = inputOf(connection).pairs;
  found.assign(pairs, pairs + 2 * state.done);
  for (size_t i = 0; i < found.size(); i += 2) found[i] -= origin;
  return parse == Parse::kError ? refuse(connection, slot, state.error, state.detail) : Step::kMore;
}

Intake::Step Intake::takeStagedLine(Connection& connection, uint32_t slot, const ring::Stage& stage, uint32_t used,
                                    ParseState& state) {
  uint8_t* const line = stage.bytes + used;
  const auto length = static_cast<uint32_t>(state.bulk);
  const uint32_t end = state.position;
  // A line that cannot be taken now is looked at again from its beginning.
  const int32_t argc = resp::splitInline(line, length, nullptr, 0);
  if (argc == 0) return Step::kTaken;
  state = {};
  if (argc < 0) return refuse(connection, slot, abi::kProtocolUnbalancedQuotes, 0);
  if (!fitsRecord(argc)) return Step::kTooWide;
  uint32_t* const record = ring_.reserve(abi::kRecordHeaderWords + 2 * static_cast<uint32_t>(argc));
  if (!record) return Step::kFull;
  resp::splitInline(line, length, record + abi::kRecordHeaderWords, ring_.offsetOf(stage.position) + used);
  state.position = end;
  return emit(connection, slot, record, argc, stage.position + used + end);
}

// Completes the record of a request whose arguments lie in `req`, the pairs being written already.
Intake::Step Intake::emit(Connection& connection, uint32_t slot, uint32_t* record, int32_t argc, uint32_t reqEnd) {
  const uint32_t* const pairs = record + abi::kRecordHeaderWords;
  const resp::Command command = parts_.commands.find(req_ + pairs[0], pairs[1]);
  if (command.id == resp::kCrossProtocol) {
    return reportError(connection, slot, abi::kProtocolCrossProtocol, 0);
  }
  const uint32_t words = abi::kRecordHeaderWords + 2 * static_cast<uint32_t>(argc);
  fill(connection, slot, record, abi::kRecordCommand, words);
  record[3] = static_cast<uint32_t>(command.id);
  record[4] = static_cast<uint32_t>(argc);
  record[5] = hashOf(connection, command, req_, pairs, argc);
  record[6] = reqEnd;
  record[7] = 0;
  connection.lastCommand = command.id;
  ring_.commit(words, reqEnd);
  connection.lastRecord = ring_.head();
  stats_.add(kCommands);
  batch_++;
  return Step::kTaken;
}

// What all records begin with. From now on the execution thread knows the connection.
void Intake::fill(Connection& connection, uint32_t slot, uint32_t* record, uint32_t kind, uint32_t words) {
  record[0] = kind << 24 | words;
  record[1] = slot;
  record[2] = connection.generation;
  if (!connection.has(kFlagKnown)) connection.set(kFlagKnown);
}

// The hash of a request's first key, 0 if it has none; what the execution thread will need for it is sent for.
uint32_t Intake::hashOf(const Connection& connection, const resp::Command& command, const uint8_t* bytes,
                        const uint32_t* pairs, int32_t argc) {
  const int32_t key = command.firstKey, member = command.member;
  if (key <= 0 || key >= argc) return 0;
  const auto hashAt = [&](int32_t i) {
    return base::halfSipHash(parts_.hashKey, bytes + pairs[2 * i], pairs[2 * i + 1]);
  };
  const uint32_t hash = hashAt(key);
  prefetcher_.key(connection.database, hash, member > 0 && member < argc ? hashAt(member) : 0);
  return hash;
}

// The small limits of untrusted clients hold for what they send, not for what they sent before: a request that follows
// AUTH in one piece is judged when AUTH has been answered.
Intake::Step Intake::refuse(Connection& connection, uint32_t slot, uint32_t error, uint32_t detail) {
  const bool forUntrusted = error == abi::kProtocolUnauthMultibulk || error == abi::kProtocolUnauthBulk;
  if (forUntrusted && inFlight(connection)) return Step::kAwait;
  return reportError(connection, slot, error, detail);
}

Intake::Step Intake::reportError(Connection& connection, uint32_t slot, uint32_t error, uint32_t detail) {
  uint32_t* const record = ring_.reserve(abi::kRecordHeaderWords);
  if (!record) return Step::kFull;
  fill(connection, slot, record, abi::kRecordProtocolError, abi::kRecordHeaderWords);
  record[3] = error;
  record[4] = detail;
  record[5] = 0;
  record[6] = ring_.reqHead();
  record[7] = 0;
  ring_.commit(abi::kRecordHeaderWords, ring_.reqHead());
  connection.lastRecord = ring_.head();
  stats_.add(kProtocolErrors);
  batch_++;
  return Step::kBroken;
}

bool Intake::reportClosed(const Connection& connection, uint32_t slot) {
  uint32_t* const record = ring_.reserve(abi::kRecordHeaderWords);
  if (!record) return false;
  const uint32_t head = abi::kRecordClosed << 24 | abi::kRecordHeaderWords;
  const uint32_t content[abi::kRecordHeaderWords] = {head, slot, connection.generation, connection.closedReason,
                                                     0,    0,    ring_.reqHead(),       0};
  memcpy(record, content, sizeof content);
  ring_.commit(abi::kRecordHeaderWords, ring_.reqHead());
  batch_++;
  return true;
}

Verdict Intake::verdictOf(Connection& connection, uint32_t slot, Step step) {
  switch (step) {
    case Step::kTaken:
      return Verdict::kOpen;
    case Step::kMore: {
      const bool over = connection.input && connection.input->limitedBytes() > parts_.settings.queryLimitBytes;
      if (!over) return Verdict::kOpen;
      return verdictOf(connection, slot, reportError(connection, slot, abi::kProtocolQueryBufferLimit, 0));
    }
    case Step::kTooWide:
    case Step::kFull:
      return Verdict::kRingFull;
    case Step::kAwait:
      return Verdict::kAwait;
    case Step::kBroken:
      discard(connection);
      return Verdict::kBroken;
    case Step::kNoMemory:
      return Verdict::kFailed;
  }
  return Verdict::kFailed;
}

void Intake::discard(Connection& connection) {
  if (!connection.input) return;
  connection.input.reset();
  account(connection);
}

bool Intake::publish() {
  prefetcher_.finish();
  batch_ = 0;
  return ring_.publish();
}

void Intake::freePassedBuffers() {
  while (!passing_.empty() && !isPending(passing_.front().position, answered_)) {
    free(parts_.bigBuffers.take(passing_.front().id).data);
    passing_.pop_front();
  }
}

InputBuffer& Intake::inputOf(Connection& connection) {
  if (!connection.input) connection.input = std::make_unique<InputBuffer>();
  return *connection.input;
}

// Brings the figures of the connection and of the lane up to date with its InputBuffer.
void Intake::account(Connection& connection) {
  const InputBuffer* const input = connection.input.get();
  const uint32_t capacity = input ? input->capacity() : 0;
  stats_.add(kInputHeldBytes, uint64_t{capacity} - connection.queryCapacity);
  connection.queryCapacity = capacity;
  connection.queryBytes = input ? input->shownBytes() : 0;
}

}  // namespace millrace::net
