#include "tls.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>
#include <cstring>

namespace millrace::net {

using openssl::Bio;
using openssl::find;

Tls::~Tls() {
  if (method_) api_->BIO_meth_free(method_);
}

// Done by the first connection: a server without TLS asks nobody for OpenSSL.
bool Tls::prepare() {
  if (method_) return true;
  api_ = find();
  if (!api_) return false;
  method_ = api_->BIO_meth_new(openssl::kBioTypeSourceSink, "millrace");
  if (!method_) return false;
  api_->BIO_meth_set_read(method_, receive);
  api_->BIO_meth_set_write(method_, collect);
  api_->BIO_meth_set_ctrl(method_, control);
  return true;
}

TlsSession* Tls::open(int fd) {
  if (!prepare()) return nullptr;
  Bio* const bio = api_->BIO_new(method_);
  openssl::Session* const ssl = bio ? context_.open() : nullptr;
  if (!ssl) {
    if (bio) api_->BIO_free(bio);
    api_->ERR_clear_error();
    return nullptr;
  }
  auto* const session = new TlsSession;
  session->ssl = ssl;
  session->lane = this;
  session->fd = fd;
  api_->BIO_set_data(bio, session);
  api_->BIO_set_init(bio, 1);
  api_->SSL_set_bio(ssl, bio, bio);
  const uint64_t clients = settings_.tlsAuthClients;
  const int required = clients == kTlsClientsRequired ? openssl::kVerifyFailIfNoPeerCert : 0;
  api_->SSL_set_verify(ssl, clients == kTlsClientsUnasked ? openssl::kVerifyNone : openssl::kVerifyPeer | required,
                       nullptr);
  api_->SSL_set_accept_state(ssl);
  return session;
}

void Tls::close(TlsSession* session, bool sayGoodbye) {
  if (sayGoodbye && !session->failed && api_->SSL_is_init_finished(session->ssl)) api_->SSL_shutdown(session->ssl);
  api_->SSL_free(session->ssl);
  api_->ERR_clear_error();
  delete session;
}

Handshake Tls::handshake(const TlsSession& session) const {
  if (api_->SSL_is_init_finished(session.ssl)) return Handshake::kDone;
  return session.failed ? Handshake::kFailed : Handshake::kGoesOn;
}

ssize_t Tls::read(TlsSession& session, uint8_t* into, size_t room) {
  if (session.failed) {
    errno = EPROTO;
    return -1;
  }
  session.mayReceive = true;
  session.unread = false;
  if (!errorsCleared_) {
    api_->ERR_clear_error();
    errorsCleared_ = true;
  }
  for (size_t got = 0;;) {
    const int result =
        api_->SSL_read(session.ssl, into + got, static_cast<int>(std::min<size_t>(room - got, INT_MAX)));
    if (result <= 0) return stopped(session, result, got);
    got += static_cast<size_t>(result);
    // Asking OpenSSL for bytes there are none of costs as much as a record.
    const bool hasMore = api_->SSL_has_pending(session.ssl) != 0;
    if (got < room && (hasMore || session.mayReceive)) continue;
    session.unread = hasMore;
    return static_cast<ssize_t>(got);
  }
}

// SSL_read gave nothing. What was got before comes first; how it ended is then said by the next read.
ssize_t Tls::stopped(TlsSession& session, int result, size_t got) {
  const int error = api_->SSL_get_error(session.ssl, result);
  if (error == openssl::kErrorWantRead) {
    if (got > 0) return static_cast<ssize_t>(got);
    errno = EAGAIN;
    return -1;
  }
  if (error != openssl::kErrorZeroReturn || !api_->SSL_is_init_finished(session.ssl)) {
    const ssize_t nothing = failed(session, error);
    session.unread = got > 0;
    return got > 0 ? static_cast<ssize_t>(got) : nothing;
  }
  session.unread = got > 0;
  return static_cast<ssize_t>(got);
}

ssize_t Tls::failed(TlsSession& session, int error) {
  session.failed = true;
  if (session.error != 0) {
    reason_ = strerror(session.error);
  } else if (session.ended && error == openssl::kErrorZeroReturn) {
    reason_ = session.heard ? "the client left during the handshake" : "";
  } else {
    char text[256];
    api_->ERR_error_string_n(api_->ERR_get_error(), text, sizeof text);
    reason_ = text;
  }
  api_->ERR_clear_error();
  errno = session.error != 0 ? session.error : EPROTO;
  return -1;
}

bool Tls::seal(TlsSession& session, const uint8_t* bytes, size_t count) {
  if (session.failed) return false;
  while (count > 0) {
    const int part = static_cast<int>(std::min<size_t>(count, INT_MAX));
    const int written = api_->SSL_write(session.ssl, bytes, part);
    if (written <= 0) {
      failed(session, 0);
      return false;
    }
    bytes += written;
    count -= static_cast<size_t>(written);
  }
  return true;
}

// OpenSSL wants bytes: as many as there are, with one call, but for a socket that filled all the room there was.
int Tls::receive(Bio* bio, char* into, int count) {
  const openssl::Api& api = *find();
  auto& session = *static_cast<TlsSession*>(api.BIO_get_data(bio));
  api.BIO_clear_flags(bio, openssl::kBioFlagsAll);
  if (session.ended) return 0;
  if (session.mayReceive) {
    const ssize_t received = recv(session.fd, into, static_cast<size_t>(count), 0);
    session.mayReceive = received == count;
    if (received > 0) {
      session.heard = true;
      return static_cast<int>(received);
    }
    if (received == 0) {
      session.ended = true;
      return 0;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      session.error = errno;
      return -1;
    }
  }
  api.BIO_set_flags(bio, openssl::kBioFlagsRead | openssl::kBioFlagsShouldRetry);
  return -1;
}

int Tls::collect(Bio* bio, const char* bytes, int count) {
  auto& sealed = static_cast<TlsSession*>(find()->BIO_get_data(bio))->lane->sealed_;
  sealed.insert(sealed.end(), bytes, bytes + count);
  return count;
}

long Tls::control(Bio* bio, int command, long, void*) {
  if (command == openssl::kBioCtrlEof) return static_cast<TlsSession*>(find()->BIO_get_data(bio))->ended;
  return command == openssl::kBioCtrlFlush;
}

}  // namespace millrace::net
