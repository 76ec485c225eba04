// Requests in memory of the connection: large ones, and those that found the ring full.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "intake.h"

namespace millrace::net {

using resp::Parse;

namespace {

// Redis keeps complete arguments of this size outside of its query buffer.
constexpr uint32_t kLargeArgumentBytes = 32 * 1024;
// Arguments looked for at once: memory for their places grows with what was found, not with what was announced.
constexpr int32_t kArgumentsAtOnce = 256;

}  // namespace

Verdict Intake::receivePrivate(Connection& connection, uint32_t slot) {
  InputBuffer& input = *connection.input;
  uint32_t count = kBigReadBytes;
  uint8_t* const room = input.room(&count);
  if (!room) return Verdict::kFailed;
  const ssize_t received = read(connection, room, count);
  if (received <= 0) return failedRead(received);
  input.received(static_cast<uint32_t>(received));
  stats_.add(kReads);
  stats_.add(kBytesIn, static_cast<uint64_t>(received));
  return parsePrivate(connection, slot);
}

Verdict Intake::resume(Connection& connection, uint32_t slot) {
  return connection.input ? parsePrivate(connection, slot) : Verdict::kOpen;
}

Verdict Intake::parsePrivate(Connection& connection, uint32_t slot) {
  InputBuffer& input = *connection.input;
  Step step = Step::kTaken;
  while (step == Step::kTaken && input.size() > 0) step = takePrivate(connection, slot, input);
  if (step == Step::kTaken) {
    discard(connection);
    return Verdict::kOpen;
  }
  account(connection);
  return verdictOf(connection, slot, step);
}

Intake::Step Intake::takePrivate(Connection& connection, uint32_t slot, InputBuffer& input) {
  resp::ParseState& state = input.state;
  const resp::Limits limits = limitsOf(connection);
  if (state.argc < 0) {
    const Parse parse = parseHeader(state, input.bytes(), input.size(), limits);
    if (parse == Parse::kIncomplete) return Step::kMore;
    if (parse == Parse::kError) return refuse(connection, slot, state.error, state.detail);
    if (parse == Parse::kInline) return takePrivateLine(connection, slot, input);
    if (parse == Parse::kEmpty) {
      input.consume(state.position);
      return Step::kTaken;
    }
  }
  while (state.done < state.argc) {
    const int32_t before = state.done;
    const int32_t until = before + std::min(kArgumentsAtOnce, state.argc - before);
    input.pairs.resize(2 * static_cast<size_t>(until));
    const Parse parse = parseArguments(state, input.bytes(), input.size(), input.pairs.data(), 0, until, limits);
    input.pairs.resize(2 * static_cast<size_t>(state.done));
    for (size_t i = 2 * static_cast<size_t>(before) + 1; i < input.pairs.size(); i += 2) {
      if (input.pairs[i] >= kLargeArgumentBytes) input.largeArgumentBytes += input.pairs[i];
    }
    if (parse == Parse::kIncomplete) return Step::kMore;
    if (parse == Parse::kError) return refuse(connection, slot, state.error, state.detail);
  }
  if (state.position <= copyLimit() && fitsRecord(state.argc)) return copyToRing(connection, slot, input);
  return handOver(connection, slot, input, state.argc);
}

Intake::Step Intake::takePrivateLine(Connection& connection, uint32_t slot, InputBuffer& input) {
  const auto length = static_cast<uint32_t>(input.state.bulk);
  const uint32_t total = input.state.position;
  // A line that cannot be taken now is looked at again from its beginning.
  input.state = {};
  const int32_t argc = resp::splitInline(input.bytes(), length, nullptr, 0);
  if (argc < 0) return refuse(connection, slot, abi::kProtocolUnbalancedQuotes, 0);
  if (argc == 0) {
    input.consume(total);
    return Step::kTaken;
  }
  if (total > copyLimit() || !fitsRecord(argc)) {
    if (!ring_.reserve(abi::kRecordHeaderWords + 2)) return Step::kFull;
    input.pairs.resize(2 * static_cast<size_t>(argc));
    resp::splitInline(input.bytes(), length, input.pairs.data(), 0);
    input.state.position = total;
    return handOver(connection, slot, input, argc);
  }
  uint32_t* const record = ring_.reserve(abi::kRecordHeaderWords + 2 * static_cast<uint32_t>(argc));
  const ring::Stage stage = ring_.stage(total, total);
  if (!record || stage.size == 0) return Step::kFull;
  memcpy(stage.bytes, input.bytes(), length);
  resp::splitInline(stage.bytes, length, record + abi::kRecordHeaderWords, ring_.offsetOf(stage.position));
  input.consume(total);
  return emit(connection, slot, record, argc, stage.position + total);
}

Intake::Step Intake::copyToRing(Connection& connection, uint32_t slot, InputBuffer& input) {
  const uint32_t total = input.state.position;
  const int32_t argc = input.state.argc;
  uint32_t* const record = ring_.reserve(abi::kRecordHeaderWords + 2 * static_cast<uint32_t>(argc));
  const ring::Stage stage = ring_.stage(total, total);
  if (!record || stage.size == 0) return Step::kFull;
  memcpy(stage.bytes, input.bytes(), total);
  const uint32_t origin = ring_.offsetOf(stage.position);
  uint32_t* const pairs = record + abi::kRecordHeaderWords;
  for (size_t i = 0; i < input.pairs.size(); i += 2) {
    pairs[i] = input.pairs[i] + origin;
    pairs[i + 1] = input.pairs[i + 1];
  }
  input.consume(total);
  return emit(connection, slot, record, argc, stage.position + total);
}

Intake::Step Intake::handOver(Connection& connection, uint32_t slot, InputBuffer& input, int32_t argc) {
  constexpr uint32_t words = abi::kRecordHeaderWords + 2;
  uint32_t* const record = ring_.reserve(words);
  if (!record) return Step::kFull;
  const uint32_t nameOffset = input.pairs[0], nameBytes = input.pairs[1];
  const resp::Command command = parts_.commands.find(input.bytes() + nameOffset, nameBytes);
  if (command.id == resp::kCrossProtocol) {
    return reportError(connection, slot, abi::kProtocolCrossProtocol, 0);
  }
  const uint32_t hash = hashOf(connection, command, input.bytes(), input.pairs.data(), argc);
  uint32_t table, total;
  uint8_t* const data = input.detach(input.state.position, &table, &total);
  if (!data) return Step::kNoMemory;
  const uint32_t id = parts_.bigBuffers.add(data, total);
  fill(connection, slot, record, abi::kRecordBigCommand, words);
  record[3] = static_cast<uint32_t>(command.id);
  record[4] = static_cast<uint32_t>(argc);
  record[5] = hash;
  record[6] = ring_.reqHead();
  record[7] = id;
  record[8] = table;
  record[9] = total;
  connection.lastCommand = command.id;
  ring_.commit(words, ring_.reqHead());
  connection.lastRecord = ring_.head();
  passing_.push_back({ring_.head(), id});
  stats_.add(kCommands);
  batch_++;
  return Step::kTaken;
}

}  // namespace millrace::net
