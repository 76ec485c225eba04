// TLS where there is no OpenSSL, as in this program. With one it is tested through Node (test/bridge/tls.test.ts).
#include "../../native/net/tls.h"

#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

using namespace millrace::net;

TEST_CASE("TLS says that a runtime without OpenSSL has none, and serves nobody") {
  TlsContext context;
  TlsOptions options;
  options.certFile = options.keyFile = options.caCertFile = "/nowhere";
  CHECK_EQ(context.configure(options), "TLS is not available: this runtime offers no OpenSSL 3 to addons");
  CHECK(context.open() == nullptr);
  const Settings settings;
  Tls tls(context, settings);
  int pair[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(tls.open(pair[0]) == nullptr);
  for (const int fd : pair) close(fd);
}
