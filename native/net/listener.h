// A listening socket. Accepting is bounded per turn; when the system has no descriptors or memory left the listener
// rests for a moment instead of spinning on a connection it cannot take.
#pragma once
#include <sys/types.h>

#include <string>

#include "socket.h"
#include "stats.h"

namespace millrace::net {

// A fresh connection, on its way to the lane that will serve it.
struct Accepted {
  int fd;
  Endpoint peer;
  Endpoint local;
  bool secure;  // TLS is expected
};

enum class Accept : uint8_t {
  kTaken,
  kNone,  // no connection is waiting
  kRest,  // the system is exhausted: try again in Listener::kRestMs
};

class Listener {
 public:
  static constexpr uint64_t kRestMs = 100;

  // Takes over a listening descriptor. `pathIndex` names the path of a unix socket among the reactor's. `secure`: clients
  // are expected to speak TLS.
  Listener(int fd, uint8_t pathIndex, std::string path, bool secure);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int fd() const { return fd_; }

  Accept accept(Accepted* accepted, Stats& stats);

  uint64_t restsUntilMs = 0;  // 0: it is watched

 private:
  const int fd_;
  const std::string path_;
  const bool secure_;
  Endpoint local_;
  bool localVaries_ = false;  // listens on all addresses: each connection has its own local one
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace millrace::net
