// What may be configured while the lanes run. One writer (the execution thread), read anywhere, any time.
#pragma once
#include <cstdint>

#include "../abi.h"
#include "../base/atomics.h"

namespace millrace::net {

using base::Relaxed;

// client-output-buffer-limit: unsent bytes that close at once, and those that close after some time. 0: no limit.
struct OutputLimit {
  Relaxed<uint64_t> hardBytes{0};
  Relaxed<uint64_t> softBytes{0};
  Relaxed<uint64_t> softSeconds{0};
};

// tls-auth-clients, as Reactor.configure numbers it.
constexpr uint64_t kTlsClientsUnasked = 0;
constexpr uint64_t kTlsClientsRequired = 1;
constexpr uint64_t kTlsClientsAsked = 2;

struct Settings {
  Relaxed<uint64_t> maxClients{10000};
  Relaxed<uint64_t> acceptsAtOnce{10};
  Relaxed<uint64_t> keepaliveSeconds{300};
  Relaxed<uint64_t> idleSeconds{0};
  Relaxed<uint64_t> maxBulkBytes{512ull << 20};
  Relaxed<uint64_t> queryLimitBytes{1ull << 30};
  Relaxed<uint64_t> authRequired{0};
  Relaxed<uint64_t> protectedMode{0};
  Relaxed<uint64_t> tlsAuthClients{kTlsClientsRequired};
  Relaxed<uint64_t> tlsHandshakesPerTurn{1};  // steps of handshakes that one turn of a lane makes
  Relaxed<uint64_t> tlsHandshakeSeconds{60};  // how long a handshake may last
  OutputLimit output[abi::kClassPubsub + 1];

  // By the name that Reactor.configure takes (reactor.h lists them). False if there is none of that name.
  bool set(const char* name, uint64_t value);
};

}  // namespace millrace::net
