// Options of TLS from JavaScript. Part of addon.cc.
#pragma once
#include <string>

#include "addon_values.h"
#include "net/tls_context.h"

namespace millrace {

// The fields of TlsOptions in src/bridge/binding.ts. Texts have one character per byte.
inline net::TlsOptions tlsOptionsOf(const Napi::Object& given) {
  const auto text = [&](const char* name) {
    const std::u16string wide = given.Get(name).ToString().Utf16Value();
    return std::string(wide.begin(), wide.end());
  };
  net::TlsOptions options;
  options.certFile = text("certFile");
  options.keyFile = text("keyFile");
  options.keyFilePass = text("keyFilePass");
  options.clientCertFile = text("clientCertFile");
  options.clientKeyFile = text("clientKeyFile");
  options.clientKeyFilePass = text("clientKeyFilePass");
  options.caCertFile = text("caCertFile");
  options.caCertDir = text("caCertDir");
  options.dhParamsFile = text("dhParamsFile");
  options.protocols = text("protocols");
  options.ciphers = text("ciphers");
  options.ciphersuites = text("ciphersuites");
  options.needsCa = given.Get("needsCa").ToBoolean();
  options.preferServerCiphers = given.Get("preferServerCiphers").ToBoolean();
  options.sessionCaching = given.Get("sessionCaching").ToBoolean();
  options.sessionCacheSize = asUint32(given.Get("sessionCacheSize"));
  options.sessionCacheSeconds = asUint32(given.Get("sessionCacheSeconds"));
  return options;
}

}  // namespace millrace
