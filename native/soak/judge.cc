#include "judge.h"

#include <algorithm>
#include <charconv>

namespace millrace::soak {
namespace {

constexpr size_t kShown = 80;

// Bytes as they can stand in a line of a report, in quotes.
std::string printable(std::string_view bytes) {
  std::string text(1, '"');
  for (const char c : bytes.substr(0, kShown)) {
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else {
      text += c >= ' ' && c <= '~' ? c : '?';
    }
  }
  text += '"';
  return text;
}

// The connection whose tag stands first in the bytes, -1 if there is none.
int64_t ownerOf(const Plan& plan, std::string_view bytes) {
  const std::string begin = plan.run + ":";
  for (size_t at = bytes.find(begin); at != bytes.npos; at = bytes.find(begin, at + 1)) {
    uint32_t number;
    const char* const digits = bytes.data() + at + begin.size();
    const auto [end, error] = std::from_chars(digits, bytes.data() + bytes.size(), number);
    if (error == std::errc() && end < bytes.data() + bytes.size() && *end == ':') return number;
  }
  return -1;
}

}  // namespace

Verdict judge(const Plan& plan, uint32_t number, std::string_view expected, std::string_view got) {
  // What is right up to the line with the first difference says nothing.
  size_t at = 0;
  while (at < expected.size() && at < got.size() && expected[at] == got[at]) at++;
  while (at > 0 && got[at - 1] != '\n') at--;
  expected.remove_prefix(at);
  got.remove_prefix(at);
  const int64_t owner = ownerOf(plan, got);
  const std::string who = "connection " + std::to_string(number) + ": ";
  const std::string seen = printable(got);
  if (owner >= 0 && owner != number) {
    return {kMisdelivered, who + "received what is of connection " + std::to_string(owner) + ": " + seen};
  }
  if (expected.empty()) return {kWrong, who + "received without having asked: " + seen};
  const std::string pair = "expected " + printable(expected) + ", received " + seen;
  if (owner == number) return {kLost, who + "replies are missing or out of order: " + pair};
  return {kWrong, who + pair};
}

}  // namespace millrace::soak
