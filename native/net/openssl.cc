#include "openssl.h"

#include <dlfcn.h>

namespace millrace::net::openssl {
namespace {

constexpr unsigned long kOldestVersion = 0x30000000;

template <typename Function>
bool look(const char* name, Function** found) {
  *found = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
  return *found != nullptr;
}

struct Found {
  Api api;
  bool complete;
};

Found lookAll() {
  Found found{{}, true};
#define MILLRACE_OPENSSL_LOOK(result, name, parameters) found.complete &= look(#name, &found.api.name);
  MILLRACE_OPENSSL_FUNCTIONS(MILLRACE_OPENSSL_LOOK)
#undef MILLRACE_OPENSSL_LOOK
  found.complete = found.complete && found.api.OpenSSL_version_num() >= kOldestVersion;
  return found;
}

}  // namespace

const Api* find() {
  static const Found found = lookAll();
  return found.complete ? &found.api : nullptr;
}

}  // namespace millrace::net::openssl
