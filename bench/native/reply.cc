// Most replies lie whole in what one read brought, and a comparison with the one right answer settles them (takeFast).
// Anything else, a reply cut in two, an error, a wrong answer, is followed piece by piece: first its line, then, for a
// bulk string, its body, which is checked as it passes and never stored, so that large values cost no memory.
#include "reply.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

namespace millrace::loadgen {
namespace {

constexpr std::string_view kOk = "+OK\r\n";
constexpr std::string_view kPong = "+PONG\r\n";
constexpr std::string_view kNil = "$-1\r\n";
constexpr std::string_view kLineEnd = "\r\n";

bool startsWith(const char* at, const char* end, std::string_view text) {
  return static_cast<size_t>(end - at) >= text.size() && std::memcmp(at, text.data(), text.size()) == 0;
}

}  // namespace

ReplyChecker::ReplyChecker(const Options& options, const Values& values)
    : values_(values),
      bulkHead_("$" + std::to_string(values.valueBytes()) + "\r\n"),
      bulkBytes_(static_cast<int64_t>(values.valueBytes() + kLineEnd.size())) {
  const bool counts =
      std::any_of(options.mix.begin(), options.mix.end(), [](const Share& share) { return share.kind == Kind::kIncr; });
  if (counts) counters_.resize(options.keys);
}

const char* ReplyChecker::take(ReplyState& state, const Pending& pending, const char* at, const char* end,
                               bool& whole) {
  if (pending.kind == Kind::kCommand) return takeAny(state, at, end, whole);
  whole = true;
  if (state.line.empty() && state.bodyLeft == 0) {
    if (const char* next = takeFast(pending, at, end)) return next;
  }
  if (state.bodyLeft == 0) {
    const char* lineEnd = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
    state.line.append(at, lineEnd == nullptr ? end : lineEnd + 1);
    whole = lineEnd != nullptr;
    if (!whole) return end;
    at = lineEnd + 1;
    takeLine(state, pending);
    state.line.clear();
  }
  if (state.bodyLeft > 0) at = takeBody(state, pending, at, end);
  whole = state.bodyLeft == 0;
  return at;
}

// Follows the form of any reply of RESP2, whatever it says; only errors are noted.
const char* ReplyChecker::takeAny(ReplyState& state, const char* at, const char* end, bool& whole) {
  if (state.valuesLeft == 0) state.valuesLeft = 1;
  while (state.valuesLeft > 0 && at < end && !lost_) {
    if (state.bodyLeft > 0) {
      const int64_t arrived = std::min<int64_t>(state.bodyLeft, end - at);
      at += arrived;
      state.bodyLeft -= arrived;
      state.valuesLeft -= state.bodyLeft == 0 ? 1 : 0;
      continue;
    }
    const char* lineEnd = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
    if (lineEnd == nullptr || !state.line.empty()) state.line.append(at, lineEnd == nullptr ? end : lineEnd + 1);
    if (lineEnd == nullptr) {
      at = end;
    } else if (state.line.empty()) {
      state.valuesLeft += takeAnyLine(state, at, lineEnd);
      at = lineEnd + 1;
    } else {
      const std::string line = std::move(state.line);
      state.line.clear();
      state.valuesLeft += takeAnyLine(state, line.data(), line.data() + line.size() - 1);
      at = lineEnd + 1;
    }
  }
  whole = state.valuesLeft == 0;
  return at;
}

// The first line of a value; returns by how much it changes the number of values still to come.
int64_t ReplyChecker::takeAnyLine(ReplyState& state, const char* line, const char* lineEnd) {
  if (*line == '+' || *line == ':') return -1;
  if (*line == '-') return wrong(std::string(line, lineEnd - 1)), -1;
  int64_t count = -1;
  const auto [stop, error] = std::from_chars(line + 1, lineEnd, count);
  lost_ = error != std::errc() || count < -1 || (*line != '$' && *line != '*');
  if (lost_) return wrong(std::string(line, lineEnd - 1)), -1;
  if (count == -1) return misses_++, -1;
  if (*line == '*') return count - 1;
  state.bodyLeft = count + static_cast<int64_t>(kLineEnd.size());
  return 0;
}

const char* ReplyChecker::takeFast(const Pending& pending, const char* at, const char* end) {
  switch (pending.kind) {
    case Kind::kSet:
    case Kind::kMset: return startsWith(at, end, kOk) ? at + kOk.size() : nullptr;
    case Kind::kPing: return startsWith(at, end, kPong) ? at + kPong.size() : nullptr;
    case Kind::kIncr: {
      const char* lineEnd = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
      return lineEnd != nullptr && takeCounter(pending, at, lineEnd + 1) ? lineEnd + 1 : nullptr;
    }
    case Kind::kGet:
    case Kind::kCommand: break;
  }
  if (startsWith(at, end, kNil)) {
    misses_++;
    return at + kNil.size();
  }
  const int64_t headBytes = static_cast<int64_t>(bulkHead_.size());
  if (end - at < headBytes + bulkBytes_ || !startsWith(at, end, bulkHead_)) return nullptr;
  at += headBytes;
  if (!values_.matches(at, 0, values_.valueBytes(), pending.key)) return nullptr;
  at += values_.valueBytes();
  if (!startsWith(at, end, kLineEnd)) return nullptr;
  hits_++;
  return at + kLineEnd.size();
}

// A counter that started at zero never exceeds the number of INCRs sent for it.
bool ReplyChecker::takeCounter(const Pending& pending, const char* at, const char* end) {
  uint32_t value = 0;
  if (*at != ':') return false;
  const auto [stop, error] = std::from_chars(at + 1, end, value);
  if (error != std::errc() || !startsWith(stop, end, kLineEnd)) return false;
  if (value == 0 || value > counters_[pending.key]) return false;
  counterSum_ += value;
  return true;
}

void ReplyChecker::takeLine(ReplyState& state, const Pending& pending) {
  const std::string& line = state.line;
  const char* begin = line.data();
  const char* end = begin + line.size();
  const bool bulk = line[0] == '$' && line != kNil;
  if (!bulk || pending.kind != Kind::kGet) {
    if (takeFast(pending, begin, end) != nullptr) return;
    wrong(line.substr(0, line.find('\r')));
    lost_ = bulk || std::strchr("+-:$", line[0]) == nullptr;
    return;
  }
  int64_t bytes = -1;
  std::from_chars(begin + 1, end, bytes);
  lost_ = bytes < 0;
  state.bodyLeft = bytes + static_cast<int64_t>(kLineEnd.size());
  state.bodyRight = line == bulkHead_;
}

const char* ReplyChecker::takeBody(ReplyState& state, const Pending& pending, const char* at, const char* end) {
  const int64_t arrived = std::min<int64_t>(state.bodyLeft, end - at);
  if (state.bodyRight) {
    const int64_t from = bulkBytes_ - state.bodyLeft;
    const int64_t inValue = std::clamp<int64_t>(static_cast<int64_t>(values_.valueBytes()) - from, 0, arrived);
    const size_t ofLineEnd = static_cast<size_t>(arrived - inValue);
    state.bodyRight =
        (inValue == 0 ||
         values_.matches(at, static_cast<uint32_t>(from), static_cast<uint32_t>(inValue), pending.key)) &&
        std::memcmp(at + inValue, kLineEnd.data() + (from + inValue - values_.valueBytes()), ofLineEnd) == 0;
  }
  state.bodyLeft -= arrived;
  if (state.bodyLeft > 0) return at + arrived;
  if (state.bodyRight) {
    hits_++;
  } else {
    wrong("a value that does not belong to key " + std::to_string(pending.key));
  }
  return at + arrived;
}

bool ReplyChecker::countersAddUp() const {
  uint64_t wanted = 0;
  for (const uint64_t count : counters_) wanted += count * (count + 1) / 2;
  return wanted == counterSum_;
}

void ReplyChecker::wrong(const std::string& what) {
  if (errors_++ == 0) firstError_ = what;
}

}  // namespace millrace::loadgen
