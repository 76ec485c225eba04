#include "command_table.h"

namespace millrace::resp {

CommandTable::CommandTable() { assign({}, nullptr, nullptr); }

bool CommandTable::assign(const std::vector<std::string>& names, const int32_t* firstKeys, const int32_t* members) {
  uint32_t size = 64;
  while (size < names.size() * 4) size *= 2;
  entries_.assign(size, Entry{});
  mask_ = size - 1;
  insert("post", {kCrossProtocol, 0, 0});
  insert("host:", {kCrossProtocol, 0, 0});
  for (size_t i = 0; i < names.size(); i++) {
    if (names[i].size() > kMaxNameBytes) return false;
    if (!names[i].empty()) insert(names[i], {static_cast<int32_t>(i), firstKeys[i], members[i]});
  }
  return true;
}

CommandTable::Name CommandTable::fold(const uint8_t* bytes, uint32_t length) {
  Name name;
  name.length = length;
  uint32_t word = 0;
  for (; length > 8; length -= 8, bytes += 8) name.words[word++] = lower(load<uint64_t>(bytes));
  name.words[word] = lower(loadPart(bytes, length));
  return name;
}

Command CommandTable::findLong(const uint8_t* bytes, uint32_t length) const {
  const Name wanted = fold(bytes, length);
  for (uint32_t i = hash(wanted.words[0], length) & mask_;; i = (i + 1) & mask_) {
    const Entry& entry = entries_[i];
    if (entry.name == wanted || entry.name.length == 0) return entry.command;
  }
}

void CommandTable::insert(const std::string& name, Command command) {
  const Name folded = fold(reinterpret_cast<const uint8_t*>(name.data()), static_cast<uint32_t>(name.size()));
  uint32_t i = hash(folded.words[0], folded.length) & mask_;
  while (entries_[i].name.length != 0) i = (i + 1) & mask_;
  entries_[i] = {folded, command};
}

}  // namespace millrace::resp
