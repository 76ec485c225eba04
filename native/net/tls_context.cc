#include "tls_context.h"

#include <errno.h>
#include <strings.h>

#include <cstring>
#include <memory>

namespace millrace::net {
namespace {

using openssl::Api;

struct FreeContext {
  void operator()(openssl::Context* context) const { openssl::find()->SSL_CTX_free(context); }
};
using OwnContext = std::unique_ptr<openssl::Context, FreeContext>;

// A certificate with its key, as the server shows it or as it would show it to others as their client.
struct Identity {
  const std::string& certFile;
  const std::string& keyFile;
  const std::string& password;
};

// The oldest error in this thread's queue, which is empty afterwards: Node's own calls would find the rest otherwise.
std::string takeError(const Api& api) {
  char text[256];
  api.ERR_error_string_n(api.ERR_get_error(), text, sizeof text);
  api.ERR_clear_error();
  return text;
}

int givePassword(char* buffer, int size, int, void* user) {
  const auto& password = *static_cast<const std::string*>(user);
  if (password.empty() || password.size() > static_cast<size_t>(size)) return -1;
  memcpy(buffer, password.data(), password.size());
  return static_cast<int>(password.size());
}

const char* orNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

// The options that rule out all protocols but those named; 0 for a name there is not.
uint64_t protocolOptions(const std::string& names) {
  const struct {
    const char* name;
    uint64_t without;
  } known[] = {{"TLSv1", openssl::kOpNoTlsV1},
               {"TLSv1.1", openssl::kOpNoTlsV11},
               {"TLSv1.2", openssl::kOpNoTlsV12},
               {"TLSv1.3", openssl::kOpNoTlsV13}};
  uint64_t without = openssl::kOpNoSslV3;
  for (const auto& protocol : known) without |= protocol.without;
  if (names.empty()) return without & ~(openssl::kOpNoTlsV12 | openssl::kOpNoTlsV13);
  for (size_t at = 0; at <= names.size();) {
    const size_t end = std::min(names.find(' ', at), names.size());
    const std::string name = names.substr(at, end - at);
    at = end + 1;
    uint64_t found = 0;
    for (const auto& protocol : known) {
      if (strcasecmp(protocol.name, name.c_str()) == 0) found = protocol.without;
    }
    if (found == 0) return 0;
    without &= ~found;
  }
  return without;
}

// What both sides of connections need. Returns '' or why not.
std::string setIdentity(const Api& api, openssl::Context* context, const Identity& identity,
                        const TlsOptions& options) {
  api.SSL_CTX_set_default_passwd_cb(context, givePassword);
  api.SSL_CTX_set_default_passwd_cb_userdata(context, const_cast<std::string*>(&identity.password));
  const bool hasCertificate = api.SSL_CTX_use_certificate_chain_file(context, identity.certFile.c_str()) > 0;
  if (!hasCertificate) return "Failed to load certificate: " + identity.certFile + ": " + takeError(api);
  const bool hasKey = api.SSL_CTX_use_PrivateKey_file(context, identity.keyFile.c_str(), openssl::kFiletypePem) > 0;
  api.SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (!hasKey) return "Failed to load private key: " + identity.keyFile + ": " + takeError(api);
  const char* const file = orNull(options.caCertFile);
  const char* const directory = orNull(options.caCertDir);
  if ((file || directory) && api.SSL_CTX_load_verify_locations(context, file, directory) <= 0) {
    return "Failed to configure CA certificate(s) file/directory: " + takeError(api);
  }
  if (!options.ciphers.empty() && !api.SSL_CTX_set_cipher_list(context, options.ciphers.c_str())) {
    api.ERR_clear_error();
    return "Failed to configure ciphers: " + options.ciphers;
  }
  if (!options.ciphersuites.empty() && !api.SSL_CTX_set_ciphersuites(context, options.ciphersuites.c_str())) {
    api.ERR_clear_error();
    return "Failed to configure ciphersuites: " + options.ciphersuites;
  }
  return "";
}

std::string setDhParameters(const Api& api, openssl::Context* context, const std::string& path) {
  if (path.empty()) {
    api.SSL_CTX_ctrl(context, openssl::kCtrlDhAuto, 1, nullptr);
    return "";
  }
  openssl::Bio* const file = api.BIO_new_file(path.c_str(), "r");
  if (!file) {
    const int reason = errno;
    api.ERR_clear_error();
    return "Failed to load " + path + ": " + strerror(reason);
  }
  openssl::Key* const key = api.PEM_read_bio_Parameters(file, nullptr);
  api.BIO_free(file);
  if (!key) {
    api.ERR_clear_error();
    return path + ": failed to read DH params.";
  }
  // The context takes the key over if it takes it at all.
  if (api.SSL_CTX_set0_tmp_dh_pkey(context, key) > 0) return "";
  api.EVP_PKEY_free(key);
  return "Failed to load DH params file: " + path + ": " + takeError(api);
}

void setSessionCache(const Api& api, openssl::Context* context, const TlsOptions& options) {
  if (!options.sessionCaching) {
    api.SSL_CTX_ctrl(context, openssl::kCtrlSessionCacheMode, openssl::kSessionCacheOff, nullptr);
    return;
  }
  static const unsigned char name[] = {'m', 'i', 'l', 'l', 'r', 'a', 'c', 'e'};
  api.SSL_CTX_ctrl(context, openssl::kCtrlSessionCacheMode, openssl::kSessionCacheServer, nullptr);
  api.SSL_CTX_ctrl(context, openssl::kCtrlSessionCacheSize, options.sessionCacheSize, nullptr);
  api.SSL_CTX_set_timeout(context, options.sessionCacheSeconds);
  api.SSL_CTX_set_session_id_context(context, name, sizeof name);
}

std::string checkOptions(const TlsOptions& options) {
  if (options.certFile.empty()) return "No tls-cert-file configured!";
  if (options.keyFile.empty()) return "No tls-key-file configured!";
  if (options.needsCa && options.caCertFile.empty() && options.caCertDir.empty()) {
    return "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or "
           "tls-auth-clients are enabled!";
  }
  if (protocolOptions(options.protocols) == 0) {
    return "Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.";
  }
  return "";
}

// As a client's: nobody connects to others yet, but wrong files are refused now, not then.
std::string checkClientIdentity(const Api& api, const TlsOptions& options) {
  if (options.clientCertFile.empty() || options.clientKeyFile.empty()) return "";
  const OwnContext context(api.SSL_CTX_new(api.TLS_server_method()));
  if (!context) return takeError(api);
  const Identity identity{options.clientCertFile, options.clientKeyFile, options.clientKeyFilePass};
  return setIdentity(api, context.get(), identity, options);
}

}  // namespace

std::string TlsContext::configure(const TlsOptions& options) {
  const Api* const found = openssl::find();
  if (!found) return "TLS is not available: this runtime offers no OpenSSL 3 to addons";
  const Api& api = *found;
  std::string reason = checkOptions(options);
  if (!reason.empty()) return reason;
  api.ERR_clear_error();
  OwnContext context(api.SSL_CTX_new(api.TLS_server_method()));
  if (!context) return "Failed to create an OpenSSL context: " + takeError(api);
  uint64_t wanted = protocolOptions(options.protocols) | openssl::kOpNoCompression | openssl::kOpNoRenegotiation |
                    openssl::kOpIgnoreUnexpectedEof;
  if (options.preferServerCiphers) wanted |= openssl::kOpCipherServerPreference;
  api.SSL_CTX_set_options(context.get(), wanted);
  // Connections hold buffers only while bytes are in them, and take what has arrived with one read.
  api.SSL_CTX_ctrl(context.get(), openssl::kCtrlMode, openssl::kModeReleaseBuffers, nullptr);
  api.SSL_CTX_ctrl(context.get(), openssl::kCtrlReadAhead, 1, nullptr);
  setSessionCache(api, context.get(), options);
  reason = setIdentity(api, context.get(), {options.certFile, options.keyFile, options.keyFilePass}, options);
  if (reason.empty()) reason = setDhParameters(api, context.get(), options.dhParamsFile);
  if (reason.empty()) reason = checkClientIdentity(api, options);
  if (reason.empty()) replace(context.release());
  return reason;
}

openssl::Session* TlsContext::open() {
  const std::lock_guard lock(mutex_);
  return context_ ? openssl::find()->SSL_new(context_) : nullptr;
}

void TlsContext::replace(openssl::Context* context) {
  {
    const std::lock_guard lock(mutex_);
    std::swap(context, context_);
  }
  if (context) openssl::find()->SSL_CTX_free(context);
}

void TlsContext::clear() { replace(nullptr); }

}  // namespace millrace::net
