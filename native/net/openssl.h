// The OpenSSL inside the Node that runs us, found by name when TLS is first asked for: nothing is linked, no second copy
// is shipped, and where a runtime has none (or BoringSSL, or OpenSSL 1) everything but TLS works. Types are opaque and
// prototypes our own, because headers of one version would promise more than the function pointers keep.
#pragma once
#include <cstddef>
#include <cstdint>

namespace millrace::net::openssl {

struct Bio;
struct BioMethod;
struct Context;  // SSL_CTX
struct Key;      // EVP_PKEY
struct Method;   // SSL_METHOD
struct Session;  // SSL

using PasswordCallback = int (*)(char* buffer, int size, int forWriting, void* user);
using VerifyCallback = int (*)(int, void*);

// F(result, name, parameters)
#define MILLRACE_OPENSSL_FUNCTIONS(F)                                                             \
  F(unsigned long, OpenSSL_version_num, ())                                                       \
  F(unsigned long, ERR_get_error, ())                                                             \
  F(void, ERR_clear_error, ())                                                                    \
  F(void, ERR_error_string_n, (unsigned long, char*, size_t))                                     \
  F(BioMethod*, BIO_meth_new, (int type, const char* name))                                       \
  F(void, BIO_meth_free, (BioMethod*))                                                            \
  F(int, BIO_meth_set_read, (BioMethod*, int (*)(Bio*, char*, int)))                              \
  F(int, BIO_meth_set_write, (BioMethod*, int (*)(Bio*, const char*, int)))                       \
  F(int, BIO_meth_set_ctrl, (BioMethod*, long (*)(Bio*, int, long, void*)))                       \
  F(Bio*, BIO_new, (const BioMethod*))                                                            \
  F(Bio*, BIO_new_file, (const char* path, const char* mode))                                     \
  F(int, BIO_free, (Bio*))                                                                        \
  F(void, BIO_set_data, (Bio*, void*))                                                            \
  F(void*, BIO_get_data, (Bio*))                                                                  \
  F(void, BIO_set_init, (Bio*, int))                                                              \
  F(void, BIO_set_flags, (Bio*, int))                                                             \
  F(void, BIO_clear_flags, (Bio*, int))                                                           \
  F(Key*, PEM_read_bio_Parameters, (Bio*, Key**))                                                 \
  F(void, EVP_PKEY_free, (Key*))                                                                  \
  F(const Method*, TLS_server_method, ())                                                         \
  F(Context*, SSL_CTX_new, (const Method*))                                                       \
  F(void, SSL_CTX_free, (Context*))                                                               \
  F(long, SSL_CTX_ctrl, (Context*, int command, long number, void*))                              \
  F(uint64_t, SSL_CTX_set_options, (Context*, uint64_t))                                          \
  F(void, SSL_CTX_set_default_passwd_cb, (Context*, PasswordCallback))                            \
  F(void, SSL_CTX_set_default_passwd_cb_userdata, (Context*, void*))                              \
  F(int, SSL_CTX_use_certificate_chain_file, (Context*, const char* path))                        \
  F(int, SSL_CTX_use_PrivateKey_file, (Context*, const char* path, int type))                     \
  F(int, SSL_CTX_load_verify_locations, (Context*, const char* file, const char* directory))      \
  F(int, SSL_CTX_set_cipher_list, (Context*, const char*))                                        \
  F(int, SSL_CTX_set_ciphersuites, (Context*, const char*))                                       \
  F(int, SSL_CTX_set_session_id_context, (Context*, const unsigned char*, unsigned int))          \
  F(long, SSL_CTX_set_timeout, (Context*, long seconds))                                          \
  F(int, SSL_CTX_set0_tmp_dh_pkey, (Context*, Key*))                                              \
  F(Session*, SSL_new, (Context*))                                                                \
  F(void, SSL_free, (Session*))                                                                   \
  F(void, SSL_set_bio, (Session*, Bio* read, Bio* write))                                         \
  F(void, SSL_set_accept_state, (Session*))                                                       \
  F(void, SSL_set_verify, (Session*, int mode, VerifyCallback))                                   \
  F(int, SSL_is_init_finished, (const Session*))                                                  \
  F(int, SSL_read, (Session*, void*, int))                                                        \
  F(int, SSL_write, (Session*, const void*, int))                                                 \
  F(int, SSL_shutdown, (Session*))                                                                \
  F(int, SSL_has_pending, (const Session*))                                                       \
  F(int, SSL_get_error, (const Session*, int result))

struct Api {
#define MILLRACE_OPENSSL_POINTER(result, name, parameters) result(*name) parameters;
  MILLRACE_OPENSSL_FUNCTIONS(MILLRACE_OPENSSL_POINTER)
#undef MILLRACE_OPENSSL_POINTER
};

// The functions of this process's OpenSSL; nullptr if one is missing, or it is older than 3.0. Any thread.
const Api* find();

// OpenSSL's macros are not in the binary. These are the ones we use, by their names there.
constexpr int kFiletypePem = 1;
constexpr int kBioTypeSourceSink = 0x400;
constexpr int kBioFlagsRead = 0x01;
constexpr int kBioFlagsAll = 0x0f;
constexpr int kBioFlagsShouldRetry = 0x08;
constexpr int kBioCtrlEof = 2;
constexpr int kBioCtrlFlush = 11;

constexpr int kCtrlMode = 33;
constexpr int kCtrlReadAhead = 41;
constexpr int kCtrlSessionCacheSize = 42;
constexpr int kCtrlSessionCacheMode = 44;
constexpr int kCtrlDhAuto = 118;

constexpr long kModeReleaseBuffers = 0x10;
constexpr long kSessionCacheOff = 0;
constexpr long kSessionCacheServer = 2;

constexpr uint64_t kOpIgnoreUnexpectedEof = 1ull << 7;
constexpr uint64_t kOpNoCompression = 1ull << 17;
constexpr uint64_t kOpCipherServerPreference = 1ull << 22;
constexpr uint64_t kOpNoSslV3 = 1ull << 25;
constexpr uint64_t kOpNoTlsV1 = 1ull << 26;
constexpr uint64_t kOpNoTlsV12 = 1ull << 27;
constexpr uint64_t kOpNoTlsV11 = 1ull << 28;
constexpr uint64_t kOpNoTlsV13 = 1ull << 29;
constexpr uint64_t kOpNoRenegotiation = 1ull << 30;

constexpr int kVerifyNone = 0;
constexpr int kVerifyPeer = 1;
constexpr int kVerifyFailIfNoPeerCert = 2;

constexpr int kErrorWantRead = 2;
constexpr int kErrorSyscall = 5;
constexpr int kErrorZeroReturn = 6;

}  // namespace millrace::net::openssl
