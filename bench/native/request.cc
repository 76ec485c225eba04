#include "request.h"

#include <cstring>
#include <string_view>

namespace millrace::loadgen {
namespace {

constexpr uint32_t kKeyDigits = 12;
constexpr uint32_t kMsetKeys = 10;
constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";
constexpr std::string_view kMsetHead = "*21\r\n$4\r\nMSET\r\n";
constexpr std::string_view kRandom = "__rand_int__";  // as redis-benchmark calls it; as long as its digits
static_assert(kRandom.size() == kKeyDigits);

// "00" "01" ... "99"
struct DigitPairs {
  char text[200];
  constexpr DigitPairs() : text() {
    for (int i = 0; i < 100; i++) {
      text[2 * i] = static_cast<char>('0' + i / 10);
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr DigitPairs kDigitPairs;

char* append(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* appendDigits(char* at, uint32_t number) {
  for (uint32_t i = kKeyDigits; i > 0; i -= 2) {
    std::memcpy(at + i - 2, kDigitPairs.text + 2 * (number % 100), 2);
    number /= 100;
  }
  return at + kKeyDigits;
}

std::string bulkHead(size_t bytes) { return "$" + std::to_string(bytes) + "\r\n"; }

// Counters get names of their own for each seed, so that a new run finds them all at zero and can check every answer.
std::string counterPrefix(uint64_t seed) {
  constexpr uint64_t kNames = 26 * 26;
  const uint64_t name = seed % kNames;
  return {'c', static_cast<char>('a' + name / 26), static_cast<char>('a' + name % 26), ':'};
}

}  // namespace

RequestWriter::RequestWriter(const Options& options, const Values& values)
    : values_(values), keys_(options.distribution, options.keys, options.theta, options.seed) {
  const std::string key = bulkHead(4 + kKeyDigits) + "key:";
  const std::string value = "\r\n" + bulkHead(values.valueBytes());
  get_ = {"*2\r\n$3\r\nGET\r\n" + key, "\r\n"};
  set_ = {"*3\r\n$3\r\nSET\r\n" + key, value};
  msetItem_ = {key, value};
  incr_ = {"*2\r\n$4\r\nINCR\r\n" + bulkHead(4 + kKeyDigits) + counterPrefix(options.seed), "\r\n"};
  maxBytes_ = kMsetHead.size() + kMsetKeys * (64 + values.valueBytes());
  if (!options.command.empty()) parseCommand(options);

  for (const Share& share : options.mix) wheel_.insert(wheel_.end(), share.weight, share.kind);
}

void RequestWriter::parseCommand(const Options& options) {
  std::vector<std::string> words(1);
  for (const char c : options.command) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (std::string& word : words) {
    if (word == "__value__") word.assign(values_.valueBytes(), 'v');
    text += bulkHead(word.size()) + word + "\r\n";
  }
  maxBytes_ = text.size();
  for (size_t at; (at = text.find(kRandom)) != text.npos; text.erase(0, at + kKeyDigits)) {
    command_.push_back(text.substr(0, at));
  }
  command_.push_back(text);
}

Kind RequestWriter::pick() {
  if (wheel_.size() == 1) return wheel_[0];
  return wheel_[keys_.random().below(static_cast<uint32_t>(wheel_.size()))];
}

char* RequestWriter::writeKeyed(char* at, const Template& text, uint32_t key) const {
  return append(appendDigits(append(at, text.head), key), text.tail);
}

char* RequestWriter::writeValue(char* at, uint32_t key) const {
  values_.write(at, key);
  return append(at + values_.valueBytes(), "\r\n");
}

char* RequestWriter::writeCommand(char* at) {
  at = append(at, command_[0]);
  for (size_t i = 1; i < command_.size(); i++) at = append(appendDigits(at, keys_.next()), command_[i]);
  return at;
}

char* RequestWriter::write(char* at, Pending& pending) {
  pending.kind = pick();
  const bool keyed = pending.kind != Kind::kPing && pending.kind != Kind::kCommand;
  pending.key = keyed ? keys_.next() : 0;
  switch (pending.kind) {
    case Kind::kPing: return append(at, kPing);
    case Kind::kGet: return writeKeyed(at, get_, pending.key);
    case Kind::kIncr: return writeKeyed(at, incr_, pending.key);
    case Kind::kSet: return writeValue(writeKeyed(at, set_, pending.key), pending.key);
    case Kind::kCommand: return writeCommand(at);
    case Kind::kMset: break;
  }
  at = append(at, kMsetHead);
  for (uint32_t i = 0; i < kMsetKeys; i++) {
    const uint32_t key = i == 0 ? pending.key : keys_.next();
    at = writeValue(writeKeyed(at, msetItem_, key), key);
  }
  return at;
}

}  // namespace millrace::loadgen
