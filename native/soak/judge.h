// Says what is wrong with bytes that are not the expected ones.
#pragma once
#include <string_view>

#include "plan.h"

namespace millrace::soak {

struct Verdict {
  Count count;  // which kind of fault it is
  std::string text;
};

// `got` came where `expected`, or the beginning of it, was to come; `number` is the connection's own.
Verdict judge(const Plan& plan, uint32_t number, std::string_view expected, std::string_view got);

}  // namespace millrace::soak
