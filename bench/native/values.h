// Values that carry their key, so that any value read back can be judged by its key alone.
//
//   byte   0 .. 7                        8 .. end
//          64 bits mixed from the key,   filler text, read from an offset
//          6 of each byte, printable     that also comes from the key
//
// A value shorter than 8 bytes is the beginning of that.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "keys.h"

namespace millrace::loadgen {

class Values {
 public:
  explicit Values(uint32_t valueBytes) : valueBytes_(valueBytes), filler_(valueBytes + kOffsets) {
    Random random(20090226);
    for (char& c : filler_) c = static_cast<char>('a' + random.below(26));
  }

  uint32_t valueBytes() const { return valueBytes_; }

  void write(char* at, uint32_t key) const {
    const Tag tag(key);
    if (valueBytes_ < kTagBytes) {
      std::memcpy(at, &tag.word, valueBytes_);
      return;
    }
    std::memcpy(at, &tag.word, kTagBytes);
    std::memcpy(at + kTagBytes, filler_.data() + tag.offset + kTagBytes, valueBytes_ - kTagBytes);
  }

  // Whether `bytes` bytes at `at` are those of the value of `key` from position `from` on.
  bool matches(const char* at, uint32_t from, uint32_t bytes, uint32_t key) const {
    const Tag tag(key);
    if (from < kTagBytes) {
      const uint32_t inTag = bytes < kTagBytes - from ? bytes : kTagBytes - from;
      if (std::memcmp(at, reinterpret_cast<const char*>(&tag.word) + from, inTag) != 0) return false;
      at += inTag;
      from += inTag;
      bytes -= inTag;
    }
    return std::memcmp(at, filler_.data() + tag.offset + from, bytes) == 0;
  }

 private:
  static constexpr uint32_t kTagBytes = 8;
  static constexpr uint32_t kOffsets = 64;

  struct Tag {
    explicit Tag(uint32_t key) {
      const uint64_t bits = mix64(key);
      word = (bits & 0x3f3f3f3f3f3f3f3fu) + 0x3030303030303030u;
      offset = static_cast<uint32_t>(bits >> 58);
    }
    uint64_t word;
    uint32_t offset;
  };

  uint32_t valueBytes_;
  std::vector<char> filler_;
};

}  // namespace millrace::loadgen
