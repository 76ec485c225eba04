// Cutting an inline request into arguments.
#include <cstring>

#include "parser.h"

namespace millrace::resp {
namespace {

bool isBlank(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// Blanks that end a bare word: of those that isBlank() skips, vertical tab and form feed do not.
bool endsWord(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t' || byte == 0; }

int hexDigit(uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const uint8_t lower = byte | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

uint8_t unescape(uint8_t byte) {
  switch (byte) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return byte;
  }
}

// Walks over one line; what it understands is appended at `write`, which never overtakes `read`.
class Splitter {
 public:
  Splitter(uint8_t* line, uint32_t length, bool rewrite) : line_(line), length_(length), rewrite_(rewrite) {}

  // Moves to the next argument; false at the end of the line.
  bool next() {
    while (read_ < length_ && isBlank(line_[read_])) read_++;
    start_ = write_ = read_;
    return read_ < length_;
  }

  // Reads the argument; false if its quotes are unbalanced.
  bool word() {
    while (read_ < length_ && !endsWord(line_[read_])) {
      const uint8_t byte = line_[read_++];
      if (byte == '"') return doubleQuoted() && quoteEndsWord();
      if (byte == '\'') return singleQuoted() && quoteEndsWord();
      put(byte);
    }
    return true;
  }

  uint32_t start() const { return start_; }
  uint32_t size() const { return write_ - start_; }

 private:
  void put(uint8_t byte) {
    if (rewrite_) line_[write_] = byte;
    write_++;
  }

  bool doubleQuoted() {
    while (read_ < length_) {
      const uint8_t byte = line_[read_++];
      if (byte == '"') return true;
      if (byte != '\\' || read_ == length_) {
        put(byte);
        continue;
      }
      const uint8_t escaped = line_[read_];
      const int high = escaped == 'x' && read_ + 2 < length_ ? hexDigit(line_[read_ + 1]) : -1;
      const int low = high >= 0 ? hexDigit(line_[read_ + 2]) : -1;
      put(low >= 0 ? static_cast<uint8_t>(high << 4 | low) : unescape(escaped));
      read_ += low >= 0 ? 3 : 1;
    }
    return false;
  }

  bool singleQuoted() {
    while (read_ < length_) {
      const uint8_t byte = line_[read_++];
      if (byte == '\'') return true;
      if (byte == '\\' && read_ < length_ && line_[read_] == '\'') {
        put('\'');
        read_++;
      } else {
        put(byte);
      }
    }
    return false;
  }

  bool quoteEndsWord() const { return read_ == length_ || isBlank(line_[read_]); }

  uint8_t* const line_;
  const uint32_t length_;
  const bool rewrite_;
  uint32_t read_ = 0;
  uint32_t write_ = 0;
  uint32_t start_ = 0;
};

}  // namespace

int32_t splitInline(uint8_t* line, uint32_t length, uint32_t* pairs, uint32_t origin) {
  Splitter splitter(line, length, pairs != nullptr);
  int32_t count = 0;
  while (splitter.next()) {
    if (!splitter.word()) return -1;
    if (pairs) {
      pairs[2 * count] = origin + splitter.start();
      pairs[2 * count + 1] = splitter.size();
    }
    count++;
  }
  return count;
}

}  // namespace millrace::resp
