// Finds one request in bytes as they come from a client: an array of bulk strings, or an inline command (a line of
// words, as typed into telnet). Resumable at any byte: all that is known about an unfinished request is in a
// ParseState, so that no byte is looked at twice however the network cuts the stream. Copies nothing, allocates
// nothing; arguments come out as (offset, length) pairs.
//
//   *3\r\n  $3\r\n  SET\r\n  $3\r\n  key\r\n  $5\r\n  value\r\n
//   |header||size | bytes   |size | bytes   |size | bytes      each "size" may be up to 20 digits, strictly decimal
//
// What is accepted and what is refused, and with which error, is Redis 7.0.15's behaviour to the byte, including what
// it does not check: the byte after \r in a header, and the two bytes after an argument. Its search for the end of a
// line stops at a zero byte; a request whose header contains one is therefore never complete and ends as "too big".
// One deliberate difference: a line of more than 64 KiB is refused however it arrives, Redis lets some pass when they
// happen to arrive in one piece.
#pragma once
#include <cstdint>

namespace millrace::resp {

constexpr uint32_t kMaxLineBytes = 64 * 1024;

// Limits of requests; the untrusted ones hold for clients that have yet to authenticate.
constexpr int64_t kMaxArguments = 2147483647;
constexpr int64_t kUntrustedArguments = 10;
constexpr int64_t kUntrustedBulkBytes = 16384;

struct Limits {
  int64_t bulkBytes;  // proto-max-bulk-len
  bool trusted;
};

enum class Parse : uint8_t {
  kIncomplete,  // more bytes are needed
  kArray,       // parseHeader: `argc` arguments follow, to be found by parseArguments
  kInline,      // parseHeader: a line of `bulk` bytes, to be cut up by splitInline; `position` is behind its newline
  kEmpty,       // parseHeader: a request without arguments ends at `position`; nothing is to be answered
  kComplete,    // parseArguments: the request ends at `position`
  kError,  // `error` (abi kProtocol…) and `detail`; nothing of the state has moved, so that the call can be repeated
};

struct ParseState {
  uint32_t position = 0;  // bytes of the request that are understood
  uint32_t searched = 0;  // bytes behind it that contain no end of line
  int32_t argc = -1;      // arguments announced; -1 until the header is complete
  int32_t done = 0;       // arguments found
  int64_t bulk = -1;      // length of the argument (or inline line) at `position`; -1 until its size is complete
  uint8_t error = 0;
  uint8_t detail = 0;
};

// Looks at the first line of a request. `bytes` and `size` are all of the request that has arrived.
Parse parseHeader(ParseState& state, const uint8_t* bytes, uint32_t size, const Limits& limits);

// Goes on until `until` (at most argc) arguments are found: kComplete. Writes (origin + offset, length) of argument i to
// pairs[2 * i] and pairs[2 * i + 1].
Parse parseArguments(ParseState& state, const uint8_t* bytes, uint32_t size, uint32_t* pairs, uint32_t origin,
                     int32_t until, const Limits& limits);

// Cuts a line into arguments: blanks separate, "…" with escapes \n \r \t \b \a \xHH and '…' with \' group. Returns
// their number, or -1 if quotes are unbalanced. With `pairs` it also writes the pairs and resolves escapes inside the
// line itself, which only ever makes it shorter; so count first, then write once.
int32_t splitInline(uint8_t* line, uint32_t length, uint32_t* pairs, uint32_t origin);

}  // namespace millrace::resp
