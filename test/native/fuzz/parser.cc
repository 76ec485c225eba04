// libFuzzer over the request parser: whatever the bytes and wherever the network cuts them, the requests found are the
// same as in one piece. The bytes lie in blocks of exactly their size, so that the address sanitizer sees any look
// beyond them.
//
//   input: | bit 0: trusted client | seed of the cuts | stream ... |
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "../../../native/resp/parser.h"

using namespace millrace::resp;

namespace {

using Bytes = std::vector<uint8_t>;

// What came out: per request its Parse, then argc and the arguments as they lie in the stream, or the error.
using Trace = std::vector<uint64_t>;

void require(bool condition) {
  if (!condition) std::abort();
}

void traceLine(Trace& trace, const Bytes& request, uint32_t length) {
  Bytes line(request.begin(), request.begin() + length);
  const int32_t argc = splitInline(line.data(), length, nullptr, 0);
  trace.push_back(static_cast<uint64_t>(argc));
  if (argc <= 0) return;
  std::vector<uint32_t> pairs(2 * static_cast<size_t>(argc));
  require(splitInline(line.data(), length, pairs.data(), 0) == argc);
  uint32_t end = 0;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    require(pairs[i] >= end && pairs[i] + pairs[i + 1] <= length);
    end = pairs[i] + pairs[i + 1];
    trace.insert(trace.end(), line.begin() + pairs[i], line.begin() + end);
    trace.push_back(~uint64_t{0});
  }
}

// The parser as its callers drive it, over a stream that arrives piece by piece.
class Reader {
 public:
  Reader(bool trusted, int32_t argumentsAtOnce)
      : limits_{512 * 1024 * 1024, trusted}, argumentsAtOnce_(argumentsAtOnce) {}

  void receive(const uint8_t* bytes, size_t size) {
    request_.insert(request_.end(), bytes, bytes + size);
    while (!failed_ && takeRequest()) {
    }
  }

  const Trace& trace() const { return trace_; }

 private:
  bool takeRequest() {
    // A copy of exactly the size: vectors keep room behind their end.
    const Bytes bytes = request_;
    const auto size = static_cast<uint32_t>(bytes.size());
    if (state_.argc < 0) {
      const Parse parse = parseHeader(state_, bytes.data(), size, limits_);
      if (parse == Parse::kIncomplete) return false;
      if (parse == Parse::kError) return fail(parse, parseHeader(state_, bytes.data(), size, limits_));
      if (parse == Parse::kInline) traceLine(trace_, bytes, static_cast<uint32_t>(state_.bulk));
      if (parse != Parse::kArray) return finish(parse);
    }
    while (state_.done < state_.argc) {
      const int32_t left = state_.argc - state_.done;
      const int32_t until = state_.done + (left < argumentsAtOnce_ ? left : argumentsAtOnce_);
      pairs_.resize(2 * static_cast<size_t>(until));
      const Parse parse = parseArguments(state_, bytes.data(), size, pairs_.data(), 0, until, limits_);
      if (parse == Parse::kIncomplete) return false;
      if (parse == Parse::kError) {
        return fail(parse, parseArguments(state_, bytes.data(), size, pairs_.data(), 0, until, limits_));
      }
      require(state_.done == until);
    }
    for (const uint32_t number : pairs_) trace_.push_back(number);
    for (size_t i = 0; i < pairs_.size(); i += 2) require(pairs_[i] + pairs_[i + 1] + 2 <= size);
    return finish(Parse::kArray);
  }

  bool finish(Parse parse) {
    trace_.push_back(static_cast<uint64_t>(parse));
    trace_.push_back(state_.position);
    require(state_.position > 0 && state_.position <= request_.size());
    request_.erase(request_.begin(), request_.begin() + state_.position);
    state_ = {};
    pairs_.clear();
    return !request_.empty();
  }

  bool fail(Parse parse, Parse again) {
    require(again == parse);
    trace_.insert(trace_.end(), {state_.error, state_.detail, static_cast<uint64_t>(state_.done)});
    failed_ = true;
    return false;
  }

  Limits limits_;
  int32_t argumentsAtOnce_;
  ParseState state_;
  Bytes request_;
  std::vector<uint32_t> pairs_;
  Trace trace_;
  bool failed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const bool trusted = (data[0] & 1) != 0;
  uint32_t random = data[1];
  const uint8_t* const stream = data + 2;
  const size_t length = size - 2;
  Reader whole(trusted, 1 << 16);
  Reader pieces(trusted, 3);
  whole.receive(stream, length);
  for (size_t at = 0; at < length;) {
    random = random * 1664525 + 1013904223;
    const size_t wanted = 1 + (random >> 24) % 7;
    const size_t piece = wanted < length - at ? wanted : length - at;
    pieces.receive(stream + at, piece);
    at += piece;
  }
  require(whole.trace() == pieces.trace());
  return 0;
}
