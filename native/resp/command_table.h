// Names of commands to their ids: an open-addressed table, filled before any lane runs and only read afterwards.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace millrace::resp {

constexpr int32_t kUnknownCommand = -1;
// "POST" and "Host:" as commands: an HTTP request that a browser was tricked into sending.
constexpr int32_t kCrossProtocol = -2;

struct Command {
  int32_t id;
  int32_t firstKey;  // index of the first key among the arguments, 0 if there is none
  int32_t member;    // index of the name of an element of that key's value, 0 if there is none
};

class CommandTable {
 public:
  // Room for the hash sums that administrators rename dangerous commands to.
  static constexpr uint32_t kMaxNameBytes = 64;

  CommandTable();

  // Replaces all commands: name i, in lower case, gets id i; an empty name keeps its id from everybody. False if a name
  // is longer than kMaxNameBytes.
  bool assign(const std::vector<std::string>& names, const int32_t* firstKeys, const int32_t* members);

  // Any case. Unknown names have id kUnknownCommand and no key.
  Command find(const uint8_t* name, uint32_t length) const {
    if (length - 1 >= kMaxNameBytes) return kNone;
    if (length > 8) return findLong(name, length);
    const uint64_t word = lower(loadPart(name, length));
    for (uint32_t i = hash(word, length) & mask_;; i = (i + 1) & mask_) {
      const Entry& entry = entries_[i];
      if ((entry.name.words[0] == word && entry.name.length == length) || entry.name.length == 0) return entry.command;
    }
  }

 private:
  static constexpr Command kNone{kUnknownCommand, 0, 0};

  // A name in lower case, eight bytes a word, padded with zeros.
  struct Name {
    uint64_t words[kMaxNameBytes / 8] = {};
    uint64_t length = 0;

    bool operator==(const Name& other) const = default;
  };

  struct Entry {
    Name name;
    Command command = kNone;
  };

  template <class T>
  static uint64_t load(const uint8_t* from) {
    T value;
    memcpy(&value, from, sizeof value);
    return value;
  }

  // Up to eight bytes as a word, without reading past the last one. Reads that overlap agree on what they share.
  static uint64_t loadPart(const uint8_t* from, uint32_t length) {
    if (length == 8) return load<uint64_t>(from);
    if (length >= 4) return load<uint32_t>(from) | load<uint32_t>(from + length - 4) << (length - 4) * 8;
    const uint32_t middle = length / 2;
    return load<uint8_t>(from) | load<uint8_t>(from + middle) << middle * 8 |
           load<uint8_t>(from + length - 1) << (length - 1) * 8;
  }

  // Eight letters at once: adds 0x20 to those bytes that lie between 'A' and 'Z' and leaves all others alone.
  static uint64_t lower(uint64_t bytes) {
    constexpr uint64_t each = 0x0101010101010101u;
    const uint64_t low = bytes & each * 0x7f;
    const uint64_t fromA = low + each * (0x80 - 'A');
    const uint64_t pastZ = low + each * (0x7f - 'Z');
    const uint64_t letters = (fromA ^ pastZ) & ~bytes & each * 0x80;
    return bytes | letters >> 2;
  }

  static Name fold(const uint8_t* bytes, uint32_t length);

  // By the first eight bytes and the length, which tell nearly all names apart.
  static uint32_t hash(uint64_t word, uint64_t length) {
    return static_cast<uint32_t>(((word ^ length) * 0x9e3779b97f4a7c15u) >> 40);
  }

  Command findLong(const uint8_t* bytes, uint32_t length) const;
  void insert(const std::string& name, Command command);

  std::vector<Entry> entries_;
  uint32_t mask_ = 0;
};

}  // namespace millrace::resp
