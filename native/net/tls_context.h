// What TLS connections of a server have in common: certificate, key, ciphers, the cache of sessions. Replaced as a whole
// when a setting changes; connections that are open keep the one they began with.
#pragma once
#include <mutex>
#include <string>

#include "openssl.h"

namespace millrace::net {

// The tls-… directives; empty where unset. Paths are absolute.
struct TlsOptions {
  std::string certFile, keyFile, keyFilePass;
  std::string clientCertFile, clientKeyFile, clientKeyFilePass;
  std::string caCertFile, caCertDir;
  std::string dhParamsFile;
  std::string protocols, ciphers, ciphersuites;
  bool needsCa = true;
  bool preferServerCiphers = false;
  bool sessionCaching = true;
  uint32_t sessionCacheSize = 20480;
  uint32_t sessionCacheSeconds = 300;
};

class TlsContext {
 public:
  TlsContext() = default;
  ~TlsContext() { clear(); }
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // From now on new connections get this. Returns '' or, in the words for the log, why not; then nothing has changed.
  std::string configure(const TlsOptions& options);

  // The server's side of a new connection, or nullptr if nothing is configured or no memory is left. Any thread.
  openssl::Session* open();

 private:
  void clear();
  void replace(openssl::Context* context);

  std::mutex mutex_;
  openssl::Context* context_ = nullptr;
};

}  // namespace millrace::net
