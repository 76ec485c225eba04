// Finding commands by name in every case, and names that are given, taken away and given again.
#include "../../native/resp/command_table.h"

#include <memory>

#include "check.h"

using namespace millrace::resp;

namespace {

// Looks a name up in a block of exactly its size, so that the address sanitizer sees any look beyond it.
Command find(const CommandTable& table, const std::string& name) {
  const auto bytes = std::make_unique<uint8_t[]>(name.size());
  memcpy(bytes.get(), name.data(), name.size());
  return table.find(bytes.get(), static_cast<uint32_t>(name.size()));
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(toupper(c));
  return text;
}

}  // namespace

TEST_CASE("a command table finds every name in any case, and nothing else") {
  std::vector<std::string> names;
  std::vector<int32_t> keys;
  for (uint32_t length = 1; length <= CommandTable::kMaxNameBytes; length++) {
    for (int i = 0; i < 20; i++) {
      std::string name(length, 'a');
      name[0] = static_cast<char>('a' + i);
      name[length - 1] = static_cast<char>('a' + (length == 1 ? i : length % 26));
      names.push_back(name);
      keys.push_back(i);
    }
  }
  CommandTable table;
  REQUIRE(table.assign(names, keys.data(), keys.data()));
  for (size_t i = 0; i < names.size(); i++) {
    CHECK_EQ(find(table, names[i]).id, i);
    CHECK_EQ(find(table, upper(names[i])).id, i);
    CHECK_EQ(find(table, names[i]).firstKey, keys[i]);
    CHECK_EQ(find(table, names[i] + "!").id, kUnknownCommand);
    CHECK_EQ(find(table, names[i] + std::string(1, '\0')).id, kUnknownCommand);
  }
  CHECK_EQ(find(table, "").id, kUnknownCommand);
  CHECK_EQ(find(table, std::string(CommandTable::kMaxNameBytes + 1, 'a')).id, kUnknownCommand);
}

TEST_CASE("a command table changes the case of letters and of nothing else") {
  CommandTable table;
  const int32_t keys[] = {0, 0};
  REQUIRE(table.assign({"geo[]_@", "\xe1\xe9\xfa{}~`"}, keys, keys));
  CHECK_EQ(find(table, "GEO[]_@").id, 0);
  CHECK_EQ(find(table, "geo{}_@").id, kUnknownCommand);
  CHECK_EQ(find(table, "geo[]\x7f@").id, kUnknownCommand);
  CHECK_EQ(find(table, "geo[]_`").id, kUnknownCommand);
  CHECK_EQ(find(table, "\xc1\xc9\xda{}~`").id, kUnknownCommand);
  CHECK_EQ(find(table, "\xe1\xe9\xfa{}~`").id, 1);
}

TEST_CASE("a command table knows the words of HTTP requests by itself") {
  const CommandTable table;
  CHECK_EQ(find(table, "POST").id, kCrossProtocol);
  CHECK_EQ(find(table, "hOsT:").id, kCrossProtocol);
  CHECK_EQ(find(table, "host").id, kUnknownCommand);
  CHECK_EQ(find(table, "get").id, kUnknownCommand);
}

TEST_CASE("a command table refuses names that it cannot hold") {
  CommandTable table;
  const int32_t keys[] = {0};
  CHECK(!table.assign({std::string(CommandTable::kMaxNameBytes + 1, 'a')}, keys, keys));
}

TEST_CASE("a command table keeps the ids of commands without a name from everybody") {
  CommandTable table;
  const int32_t keys[] = {1, 2, 3};
  REQUIRE(table.assign({"get", "", "set"}, keys, keys));
  CHECK_EQ(find(table, "").id, kUnknownCommand);
  CHECK_EQ(find(table, "get").id, 0);
  CHECK_EQ(find(table, "set").id, 2);
}
