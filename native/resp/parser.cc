#include "parser.h"

#include <cstring>

#include "../abi.h"

namespace millrace::resp {
namespace {

Parse fail(ParseState& state, uint32_t error, uint8_t detail = 0) {
  state.error = static_cast<uint8_t>(error);
  state.detail = detail;
  return Parse::kError;
}

// A decimal number as Redis's wire format has it: no blank, no plus sign, no leading zero, within 64 bits.
bool parseDecimal(const uint8_t* bytes, uint32_t length, int64_t* value) {
  if (length == 1 && bytes[0] == '0') {
    *value = 0;
    return true;
  }
  const bool negative = length > 0 && bytes[0] == '-';
  uint32_t i = negative ? 1 : 0;
  if (i == length || bytes[i] < '1' || bytes[i] > '9') return false;
  uint64_t total = 0;
  for (; i < length; i++) {
    const uint32_t digit = uint32_t{bytes[i]} - '0';
    if (digit > 9 || __builtin_mul_overflow(total, uint64_t{10}, &total)) return false;
    if (__builtin_add_overflow(total, uint64_t{digit}, &total)) return false;
  }
  const uint64_t largest = (uint64_t{1} << 63) - (negative ? 0 : 1);
  if (total > largest) return false;
  *value = static_cast<int64_t>(negative ? 0 - total : total);
  return true;
}

enum class Line : uint8_t { kMissing, kFound, kTooLong };

// Looks for `stop` from the state's position on, not further than a line may be long and not past a zero byte.
Line findLine(ParseState& state, const uint8_t* bytes, uint32_t size, uint8_t stop, uint32_t* length) {
  const uint8_t* const line = bytes + state.position;
  const uint32_t available = size - state.position;
  const uint32_t reach = available < kMaxLineBytes + 1 ? available : kMaxLineBytes + 1;
  if (state.searched < reach) {
    const uint8_t* const from = line + state.searched;
    const size_t span = reach - state.searched;
    const auto* const end = static_cast<const uint8_t*>(memchr(from, stop, span));
    const size_t clean = end ? static_cast<size_t>(end - from) : span;
    const void* const zero = memchr(from, 0, clean);
    if (end && !zero) {
      *length = static_cast<uint32_t>(end - line);
      return Line::kFound;
    }
    // A zero byte hides everything behind it: `searched` beyond any reach keeps it hidden.
    state.searched = zero ? kMaxLineBytes + 1 : reach;
  }
  return available > kMaxLineBytes ? Line::kTooLong : Line::kMissing;
}

void advance(ParseState& state, uint32_t by) {
  state.position += by;
  state.searched = 0;
}

Parse parseInlineHeader(ParseState& state, const uint8_t* bytes, uint32_t size) {
  uint32_t length;
  switch (findLine(state, bytes, size, '\n', &length)) {
    case Line::kMissing:
      return Parse::kIncomplete;
    case Line::kTooLong:
      return fail(state, abi::kProtocolTooBigInline);
    case Line::kFound:
      break;
  }
  const uint32_t total = length + 1;
  if (length > 0 && bytes[length - 1] == '\r') length--;
  state.bulk = length;
  advance(state, total);
  return length == 0 ? Parse::kEmpty : Parse::kInline;
}

Parse parseArrayHeader(ParseState& state, const uint8_t* bytes, uint32_t size, const Limits& limits) {
  uint32_t length;
  switch (findLine(state, bytes, size, '\r', &length)) {
    case Line::kMissing:
      return Parse::kIncomplete;
    case Line::kTooLong:
      return fail(state, abi::kProtocolTooBigMultibulk);
    case Line::kFound:
      break;
  }
  if (size < length + 2) return Parse::kIncomplete;
  int64_t count;
  if (!parseDecimal(bytes + 1, length - 1, &count) || count > kMaxArguments) {
    return fail(state, abi::kProtocolBadMultibulkLength);
  }
  if (!limits.trusted && count > kUntrustedArguments) return fail(state, abi::kProtocolUnauthMultibulk);
  advance(state, length + 2);
  if (count <= 0) return Parse::kEmpty;
  state.argc = static_cast<int32_t>(count);
  return Parse::kArray;
}

// The size line of an argument, in all its rarer forms.
Parse parseBulkHeader(ParseState& state, const uint8_t* bytes, uint32_t size, const Limits& limits) {
  uint32_t length;
  switch (findLine(state, bytes, size, '\r', &length)) {
    case Line::kMissing:
      return Parse::kIncomplete;
    case Line::kTooLong:
      return fail(state, abi::kProtocolTooBigBulk);
    case Line::kFound:
      break;
  }
  const uint8_t* const line = bytes + state.position;
  if (size - state.position < length + 2) return Parse::kIncomplete;
  if (line[0] != '$') return fail(state, abi::kProtocolExpectedDollar, line[0]);
  int64_t bulk;
  if (!parseDecimal(line + 1, length - 1, &bulk) || bulk < 0 || bulk > limits.bulkBytes) {
    return fail(state, abi::kProtocolBadBulkLength);
  }
  if (!limits.trusted && bulk > kUntrustedBulkBytes) return fail(state, abi::kProtocolUnauthBulk);
  state.bulk = bulk;
  advance(state, length + 2);
  return Parse::kComplete;
}

// "$7\r\n" and "$32\r\n", which is nearly all there is. Returns the bytes of the line, or 0 for any other form.
inline uint32_t shortBulkHeader(const uint8_t* line, uint32_t available, int64_t* bulk) {
  if (available < 5 || line[0] != '$') return 0;
  const uint32_t first = uint32_t{line[1]} - '0';
  if (first > 9) return 0;
  if (line[2] == '\r') {
    *bulk = first;
    return 4;
  }
  const uint32_t second = uint32_t{line[2]} - '0';
  if (second > 9 || first == 0 || line[3] != '\r') return 0;
  *bulk = first * 10 + second;
  return 5;
}

}  // namespace

Parse parseHeader(ParseState& state, const uint8_t* bytes, uint32_t size, const Limits& limits) {
  if (size == 0) return Parse::kIncomplete;
  if (bytes[0] != '*') return parseInlineHeader(state, bytes, size);
  if (size >= 4 && bytes[2] == '\r' && bytes[1] >= '1' && bytes[1] <= '9') {
    state.argc = bytes[1] - '0';
    advance(state, 4);
    return Parse::kArray;
  }
  return parseArrayHeader(state, bytes, size, limits);
}

Parse parseArguments(ParseState& state, const uint8_t* bytes, uint32_t size, uint32_t* pairs, uint32_t origin,
                     int32_t until, const Limits& limits) {
  while (state.done < until) {
    if (state.bulk < 0) {
      const uint32_t line = shortBulkHeader(bytes + state.position, size - state.position, &state.bulk);
      if (line != 0) {
        advance(state, line);
      } else if (const Parse parse = parseBulkHeader(state, bytes, size, limits); parse != Parse::kComplete) {
        return parse;
      }
    }
    if (size - state.position < static_cast<uint64_t>(state.bulk) + 2) return Parse::kIncomplete;
    pairs[2 * state.done] = origin + state.position;
    pairs[2 * state.done + 1] = static_cast<uint32_t>(state.bulk);
    state.position += static_cast<uint32_t>(state.bulk) + 2;
    state.bulk = -1;
    state.done++;
  }
  return Parse::kComplete;
}

}  // namespace millrace::resp
