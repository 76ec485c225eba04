// The parser on streams whose meaning is written beside them, in one piece and cut at every byte. (test/native/fuzz
// does the same with bytes that nobody thought of; test/bridge compares errors through sockets.)
#include "../../native/resp/parser.h"

#include <string>
#include <vector>

#include "../../native/abi.h"
#include "check.h"

using namespace millrace;
using namespace millrace::resp;

namespace {

constexpr Limits kTrusted{512 << 20, true};

std::string describe(uint32_t code, int detail) {
  std::string text = "!";
  return text.append(std::to_string(code)).append(",").append(std::to_string(detail));
}

// Requests of a stream, "a|b|c" each, and "!code,detail" where it ends in an error. `sizes` are those of the pieces.
class Reader {
 public:
  explicit Reader(const Limits& limits) : limits_(limits) {}

  void receive(const std::string& piece) {
    bytes_ += piece;
    while (!broken_ && !bytes_.empty() && take()) {
    }
  }

  std::vector<std::string> found;

 private:
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(bytes_.data()); }
  uint32_t size() const { return static_cast<uint32_t>(bytes_.size()); }

  bool take() {
    if (state_.argc < 0) {
      const Parse parse = parseHeader(state_, data(), size(), limits_);
      if (parse == Parse::kInline) return takeLine();
      if (parse != Parse::kArray) return finish(parse);
      pairs_.resize(2 * static_cast<size_t>(state_.argc));
    }
    const Parse parse = parseArguments(state_, data(), size(), pairs_.data(), 0, state_.argc, limits_);
    if (parse == Parse::kComplete) report(state_.argc);
    return finish(parse);
  }

  bool takeLine() {
    auto* const line = reinterpret_cast<uint8_t*>(bytes_.data());
    const auto length = static_cast<uint32_t>(state_.bulk);
    const int32_t argc = splitInline(line, length, nullptr, 0);
    if (argc < 0) {
      found.push_back("!unbalanced");
      broken_ = true;
      return false;
    }
    pairs_.resize(2 * static_cast<size_t>(argc));
    CHECK_EQ(splitInline(line, length, pairs_.data(), 0), argc);
    if (argc > 0) report(argc);
    return finish(Parse::kComplete);
  }

  void report(int32_t argc) {
    std::string text;
    for (int32_t i = 0; i < argc; i++) {
      if (i > 0) text += '|';
      text.append(bytes_, pairs_[2 * i], pairs_[2 * i + 1]);
    }
    found.push_back(text);
  }

  bool finish(Parse parse) {
    if (parse == Parse::kIncomplete) return false;
    if (parse == Parse::kError) {
      found.push_back(describe(state_.error, state_.detail));
      broken_ = true;
      return false;
    }
    bytes_.erase(0, state_.position);
    state_ = {};
    return true;
  }

  const Limits limits_;
  std::string bytes_;
  ParseState state_;
  std::vector<uint32_t> pairs_;
  bool broken_ = false;
};

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all.append("[").append(part).append("]");
  return all;
}

void means(const std::string& stream, const std::string& expected, const Limits& limits = kTrusted) {
  Reader whole(limits);
  whole.receive(stream);
  CHECK_EQ(joined(whole.found), expected);
  Reader bytes(limits);
  for (const char c : stream) bytes.receive(std::string(1, c));
  CHECK_EQ(joined(bytes.found), expected);
  for (size_t cut = 1; cut < stream.size(); cut++) {
    Reader two(limits);
    two.receive(stream.substr(0, cut));
    two.receive(stream.substr(cut));
    if (!CHECK_EQ(joined(two.found), expected)) return;
  }
}

std::string error(uint32_t code, int detail = 0) {
  std::string text = "[";
  return text.append(describe(code, detail)).append("]");
}

}  // namespace

TEST_CASE("the parser finds requests however they are cut") {
  means("*1\r\n$4\r\nPING\r\n", "[PING]");
  means("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\nhello\r\nworld\r\n", "[SET|k|hello\r\nworld]");
  means("*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n$1\r\nx\r\n", "[GET|][x]");
  means("*12\r\n" + std::string("$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n") +
            "$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\na\r\n$1\r\nb\r\n",
        "[a|a|a|a|a|a|a|a|a|a|a|b]");
  const std::string hundred(100, 'v');
  means("*1\r\n$100\r\n" + hundred + "\r\n", "[" + hundred + "]");
  means("PING\r\nget k\n*1\r\n$1\r\nx\r\n  a  b \r\n", "[PING][get|k][x][a|b]");
  means("\r\n\n*0\r\n*-1\r\n   \r\nx\r\n", "[x]");
}

TEST_CASE("the parser checks no more line ends than Redis does") {
  means("*1\rX$1\rXaXX*1\r\n$1\r\nb\r\n", "[a][b]");
  means("*1\r\n$1\r\nabc*1\r\n$1\r\nb\r\n", "[a][b]");
}

TEST_CASE("the parser names what is wrong") {
  means("a\r\n*x\r\n", "[a]" + error(abi::kProtocolBadMultibulkLength));
  means("*2147483648\r\n", error(abi::kProtocolBadMultibulkLength));
  means("*-9223372036854775809\r\n", error(abi::kProtocolBadMultibulkLength));
  means("*1\r\n$-1\r\n", error(abi::kProtocolBadBulkLength));
  means("*1\r\n$05\r\n", error(abi::kProtocolBadBulkLength));
  means("*1\r\n$536870913\r\n", error(abi::kProtocolBadBulkLength));
  means("*2\r\n$1\r\na\r\nx\r\n", error(abi::kProtocolExpectedDollar, 'x'));
  means("a \"b\r\n", "[!unbalanced]");
  means("a 'b'c\r\n", "[!unbalanced]");
}

TEST_CASE("the parser allows untrusted clients little") {
  constexpr Limits untrusted{512 << 20, false};
  means("*11\r\n", error(abi::kProtocolUnauthMultibulk), untrusted);
  means("*1\r\n$16385\r\n", error(abi::kProtocolUnauthBulk), untrusted);
  means("*1\r\n$999999999\r\n", error(abi::kProtocolBadBulkLength), untrusted);
  Reader allowed(untrusted);
  allowed.receive("*1\r\n$16384\r\n" + std::string(16384, 'v') + "\r\n");
  CHECK_EQ(allowed.found.size(), 1);
}

TEST_CASE("the parser gives up on lines that do not end, wherever they are cut") {
  const std::string digits(kMaxLineBytes, '1');
  const std::pair<std::string, std::string> cases[] = {
      {"*" + digits, error(abi::kProtocolTooBigMultibulk)},
      {"*1\r\n$" + digits, error(abi::kProtocolTooBigBulk)},
      {digits + "1", error(abi::kProtocolTooBigInline)},
      {std::string(1, '\0') + digits, error(abi::kProtocolTooBigInline)},
  };
  for (const auto& [stream, expected] : cases) {
    Reader whole(kTrusted), parts(kTrusted), shorter(kTrusted);
    whole.receive(stream + "\r\n");
    for (size_t at = 0; at < stream.size(); at += 1000) parts.receive(stream.substr(at, 1000));
    shorter.receive(stream.substr(0, stream.size() - 1));
    CHECK_EQ(joined(whole.found), expected);
    CHECK_EQ(joined(parts.found), expected);
    CHECK_EQ(joined(shorter.found), "");
  }
  Reader longest(kTrusted);
  longest.receive(digits + "\n");
  CHECK_EQ(longest.found.size(), 1);
}

TEST_CASE("the parser never completes a header with a zero byte in it, as Redis does not") {
  means(std::string("*1\0\r\n$1\r\na\r\n", 12), "");
  means(std::string("a\0b\r\nc\r\n", 8), "");
}
