#include "settings.h"

#include <cstring>

namespace millrace::net {

bool Settings::set(const char* name, uint64_t value) {
  const struct {
    const char* name;
    Relaxed<uint64_t>* setting;
  } known[] = {
      {"maxclients", &maxClients},
      {"max-new-connections-per-cycle", &acceptsAtOnce},
      {"tcp-keepalive", &keepaliveSeconds},
      {"timeout", &idleSeconds},
      {"proto-max-bulk-len", &maxBulkBytes},
      {"client-query-buffer-limit", &queryLimitBytes},
      {"auth-required", &authRequired},
      {"protected", &protectedMode},
      {"tls-auth-clients", &tlsAuthClients},
      {"max-new-tls-connections-per-cycle", &tlsHandshakesPerTurn},
      {"tls-handshake-seconds", &tlsHandshakeSeconds},
      {"obuf-normal-hard", &output[abi::kClassNormal].hardBytes},
      {"obuf-normal-soft", &output[abi::kClassNormal].softBytes},
      {"obuf-normal-soft-seconds", &output[abi::kClassNormal].softSeconds},
      {"obuf-replica-hard", &output[abi::kClassReplica].hardBytes},
      {"obuf-replica-soft", &output[abi::kClassReplica].softBytes},
      {"obuf-replica-soft-seconds", &output[abi::kClassReplica].softSeconds},
      {"obuf-pubsub-hard", &output[abi::kClassPubsub].hardBytes},
      {"obuf-pubsub-soft", &output[abi::kClassPubsub].softBytes},
      {"obuf-pubsub-soft-seconds", &output[abi::kClassPubsub].softSeconds},
  };
  for (const auto& entry : known) {
    if (strcmp(entry.name, name) != 0) continue;
    *entry.setting = value;
    return true;
  }
  return false;
}

}  // namespace millrace::net
