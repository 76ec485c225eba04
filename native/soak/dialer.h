// Connections from many loopback addresses, so that ports do not run out.
#pragma once
#include <cstdint>

#include "plan.h"

namespace millrace::soak {

class Dialer {
 public:
  explicit Dialer(const Plan& plan);

  // False if the host is no numeric IPv4 address.
  bool valid() const { return valid_; }

  // A non-blocking socket that is connected or being connected, from the source address number `source`; -errno if not.
  int dial(uint32_t source) const;
  // 0, or why the connection could not be made.
  static int outcome(int fd);
  // Closes with a reset, so that the server hears of an error and no port has to wait.
  static void reset(int fd);

 private:
  bool bindTo(int fd, uint32_t source) const;

  uint32_t addresses_;
  uint32_t host_ = 0;  // network order
  uint16_t port_;
  bool valid_;
  bool isLoopback_ = false;
};

}  // namespace millrace::soak
