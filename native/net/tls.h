// TLS for the connections of one lane: bytes from a socket to plain ones, plain bytes to sealed ones for a socket.
//
//   socket ──recv──▶ OpenSSL's buffer ──read()──▶ request ring
//   reply frames ──seal()──▶ sealed() ──Sender──▶ socket
//
// OpenSSL reads the socket by itself, with one call for whatever has arrived, and never writes to it: what it has to
// send, be it a record, an alert or its part of the handshake, is collected in the lane's sealed(), which the caller sends
// as any other bytes. A socket that takes nothing thus concerns the Sender alone, and OpenSSL never has to be asked
// again because of one.
//
// read() shakes hands first, if that is not done; it stands in for recv(2) in every respect but one: what it has read
// ahead is no longer in the socket, so no poller will report it. hasUnread() tells, and somebody must come back then.
#pragma once
#include <sys/types.h>
#include <sys/uio.h>

#include <string>
#include <vector>

#include "openssl.h"
#include "settings.h"
#include "tls_context.h"

namespace millrace::net {

// Where a connection is with its handshake.
enum class Handshake : uint8_t { kGoesOn, kDone, kFailed };

class Tls;

// One connection's part.
struct TlsSession {
  openssl::Session* ssl = nullptr;
  Tls* lane = nullptr;
  int fd = -1;
  int error = 0;            // errno of the socket that broke
  bool mayReceive = false;  // the socket may have more
  bool heard = false;       // it has sent something
  bool ended = false;       // it has sent everything
  bool unread = false;
  bool failed = false;
};

class Tls {
 public:
  Tls(TlsContext& context, const Settings& settings) : context_(context), settings_(settings) {}
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  // Whoever shares the thread may have left errors in OpenSSL's queue since the last call.
  void beginTurn() { errorsCleared_ = false; }

  // The server's side of a connection on `fd`; nullptr without a context or memory.
  TlsSession* open(int fd);
  // Says goodbye in sealed() if the other side can still understand it.
  void close(TlsSession* session, bool sayGoodbye);

  // As recv(2), errno included; 0 also when the peer has said goodbye. May leave bytes in sealed(), whatever it returns.
  ssize_t read(TlsSession& session, uint8_t* into, size_t room);

  // Seals `count` bytes. False if that cannot be.
  bool seal(TlsSession& session, const uint8_t* bytes, size_t count);

  // What is to be sent to the peer of the session that was used last. The caller empties it before it uses another.
  std::vector<uint8_t>& sealed() { return sealed_; }

  Handshake handshake(const TlsSession& session) const;
  // Why the last read() failed.
  const std::string& reason() const { return reason_; }

 private:
  static int receive(openssl::Bio* bio, char* into, int count);
  static int collect(openssl::Bio* bio, const char* bytes, int count);
  static long control(openssl::Bio* bio, int command, long, void*);
  bool prepare();
  ssize_t stopped(TlsSession& session, int result, size_t got);
  ssize_t failed(TlsSession& session, int error);

  TlsContext& context_;
  const Settings& settings_;
  const openssl::Api* api_ = nullptr;
  openssl::BioMethod* method_ = nullptr;
  bool errorsCleared_ = false;
  std::vector<uint8_t> sealed_;
  std::string reason_;
};

}  // namespace millrace::net
