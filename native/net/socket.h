// Sockets without surprises: always non-blocking, closed on exec, never raising SIGPIPE. What differs between systems is
// in socket_linux.cc and socket_darwin.cc, the rest in socket.cc.
#pragma once
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstdint>
#include <string>

namespace millrace::net {

enum Family : uint8_t { kNoFamily = 0, kIpv4 = 4, kIpv6 = 6, kUnix = 1 };

// An address small enough to sit in every connection: the bytes of an IPv4 or IPv6 address in network order (IPv4 in
// the first four of `high`), or the number of a unix socket's path.
struct Endpoint {
  uint64_t high = 0;
  uint64_t low = 0;
  uint16_t port = 0;
  uint8_t family = kNoFamily;
  uint8_t path = 0;

  // The address alone, as text: "127.0.0.1", "::1"; empty for a unix socket.
  std::string address() const;
  // 127.0.0.0/8, ::1 and the former mapped into IPv6.
  bool isLoopback() const;
};

Endpoint toEndpoint(const sockaddr_storage& address);

// The following return a descriptor, or -errno.

// Binds and listens. `address`: a numeric address or a name; "*" and "::*" are all addresses of IPv4 and IPv6. Port 0
// takes a free one. Names that do not resolve: -EADDRNOTAVAIL.
int listenTcp(const std::string& address, uint16_t port, int backlog, uint32_t keepaliveSeconds);
// The file gets `permissions` (0: as the umask says) before anybody can connect. A stale socket of that name is removed.
int listenUnix(const std::string& path, uint32_t permissions, int backlog);
// A connection waiting on a listener.
int acceptSocket(int listener, sockaddr_storage* peer);

Endpoint localEndpoint(int fd);
// Probes after `seconds` of silence, three times, over another `seconds`. 0 switches probing off. Accepted sockets
// inherit this, and TCP_NODELAY, from their listener.
void setKeepalive(int fd, uint32_t seconds);
// Of a connection: probes after so much silence, at once if it has lasted longer; how many in a row got no answer.
void setKeepaliveIdle(int fd, uint32_t seconds);
uint32_t unansweredProbes(int fd);

// As send(2) and sendmsg(2).
ssize_t sendBytes(int fd, const void* bytes, size_t count);
ssize_t sendParts(int fd, iovec* parts, int count);

// Whether the peer has finished sending, or the connection is broken, although there may be bytes that nobody has read yet.
bool peerHasLeft(int fd);

// One datagram to the unix socket of that name ('@' at its start: in the abstract namespace), as service managers
// receive notices. 0 or -errno.
int sendDatagram(const std::string& path, const std::string& text);

// For socket.cc, by system: a fresh socket; its accepted peer.
int openSocket(int family);

}  // namespace millrace::net
