// The memory shared between the I/O side (C++) and the execution thread (TypeScript).
//
// src/bridge/abi.ts states the same numbers; test/bridge/abi.test.ts compares the two files. A "lane" is one I/O
// loop and what it shares with the execution thread: four buffers, each written by one side only but for the control
// words.
//
//   ctl   control words, each alone on its cache line, all 32 bit, all counters monotonic modulo 2^32
//   req   request bytes: the I/O side reads sockets straight into it; arguments are (offset, length) in it
//   desc  request records, 32-bit words, see below
//   out   reply frames, see below
//
// A request record never wraps; what remains at the end of `desc` is filled by one WRAP record:
//
//   word 0        1           2            3           4      5          6             7          8 + 2i, 9 + 2i
//   +-------------+-----------+------------+-----------+------+----------+-------------+----------+--------------+
//   | kind<<24    | slot      | generation | command   | argc | hash of  | req tail    | big      | offset,      |
//   | | words     | of conn.  | of slot    | id or -1  |      | 1st key  | after this  | buffer   | length       |
//   +-------------+-----------+------------+-----------+------+----------+-------------+----------+--------------+
//
// `words` counts the whole record. The hash is 0 when the command has no key. `req tail` is the monotonic position up
// to which `req` is free once this record is done.
//
// `big buffer` is 0, and the arguments lie in `req`, but in records of kind BIG_COMMAND. There it is the id of a buffer
// of the command's own (Reactor.takeBuffer), the record has 10 words whatever argc is, and the (offset, length) pairs
// lie in that buffer too, behind the arguments: word 8 is their place in it in bytes, a multiple of 4, word 9 is the
// number of bytes of the buffer. A buffer that was not taken when `desc tail` passes its record is freed.
//
// The execution thread publishes `out head` before `desc tail`: the I/O side waits for the tail to learn that all
// answers to a connection's requests are there, e.g. before it closes a connection whose peer has finished sending.
//
// A connection is known to the execution thread from its first record on, and until it acknowledged the closing one.
// A connection that never sent a complete request comes and goes without a record.
//
// A reply frame is 16 bytes of header and `length` bytes, padded to 8; it never wraps either. What remains at the end of
// `out` (at least 8 bytes) is skipped by a frame of kind WRAP, of which only the kind is read:
//
//   int32 kind | int32 length in bytes | int32 slot | int32 generation | bytes ...
//
// A message to many connections (kFrameMessage) has the number of its targets in the place of the slot, and they follow
// the padded bytes: int32 slot | int32 generation, each.
#pragma once
#include <cstdint>

namespace millrace::abi {

// Control words, as indexes into an array of int32.
constexpr uint32_t kDescHead = 0;     // I/O -> JS: words of desc published
constexpr uint32_t kDescTail = 16;    // JS -> I/O: words of desc done
constexpr uint32_t kReqTail = 32;     // JS -> I/O: bytes of req done
constexpr uint32_t kOutHead = 48;     // JS -> I/O: bytes of out published
constexpr uint32_t kOutTail = 64;     // I/O -> JS: bytes of out done
constexpr uint32_t kJsSleeping = 80;  // 1 while the execution thread sleeps (threaded lanes only)
constexpr uint32_t kIoSleeping = 96;  // 1 while the I/O thread sleeps
constexpr uint32_t kCtlWords = 112;

// Request records.
constexpr uint32_t kRecordHeaderWords = 8;
constexpr uint32_t kRecordWrap = 0;     // skip `words` words
constexpr uint32_t kRecordCommand = 1;  // a parsed command
constexpr uint32_t kRecordClosed = 2;   // the connection is gone, command = a kClosed… code; answer kFrameAckClosed
constexpr uint32_t kRecordProtocolError = 3;  // command = a kProtocol… code, argc = its detail (a byte)
constexpr uint32_t kRecordBigCommand = 4;     // a parsed command in a buffer of its own

// Reply frames.
constexpr uint32_t kFrameHeaderBytes = 16;
constexpr uint32_t kFrameWrap = 0;
constexpr uint32_t kFrameData = 1;        // bytes to send
constexpr uint32_t kFrameCloseAfter = 2;  // bytes to send, then close once all is sent
constexpr uint32_t kFrameCloseNow = 3;    // close at once, drop what is unsent
constexpr uint32_t kFrameAckClosed = 4;   // the slot may serve another connection
constexpr uint32_t kFramePauseRead = 5;   // stop reading this connection; `length` 1: close it if its peer leaves
constexpr uint32_t kFrameResumeRead = 6;  // read it again
constexpr uint32_t kFrameTrusted = 7;     // authenticated: the normal size limits hold
constexpr uint32_t kFrameUntrusted = 8;   // back to the small limits (RESET with a password set)
constexpr uint32_t kFrameSelectDb = 9;    // no bytes follow; `length` is the number of the database
constexpr uint32_t kFrameClass = 10;      // no bytes follow; `length` is a kClass… number, perhaps | kClassPatient
constexpr uint32_t kFrameMessage = 11;    // bytes for each of several connections, sent when their turn comes
constexpr uint32_t kFramePart = 12;       // bytes to send; what belongs to them comes in another frame

// Classes of clients: each has its output limits (Reactor.configure). Replicas and subscribers never time out idle.
constexpr uint32_t kClassNormal = 0;
constexpr uint32_t kClassReplica = 1;
constexpr uint32_t kClassPubsub = 2;
constexpr uint32_t kClassPatient = 16;  // exempt from the idle timeout, as a client blocked in a command is

// Why a connection was closed (kRecordClosed).
constexpr uint32_t kClosedByPeer = 0;
constexpr uint32_t kClosedByRequest = 1;    // kFrameCloseAfter or kFrameCloseNow
constexpr uint32_t kClosedByError = 2;      // the socket reported an error
constexpr uint32_t kClosedOutputLimit = 3;  // overcame its output buffer limits
constexpr uint32_t kClosedIdle = 4;         // `timeout`

// Protocol errors (kRecordProtocolError).
constexpr uint32_t kProtocolBadMultibulkLength = 1;  // "invalid multibulk length"
constexpr uint32_t kProtocolBadBulkLength = 2;       // "invalid bulk length"
constexpr uint32_t kProtocolExpectedDollar = 3;      // "expected '$', got '%c'"
constexpr uint32_t kProtocolTooBigMultibulk = 4;     // "too big mbulk count string"
constexpr uint32_t kProtocolTooBigBulk = 5;          // "too big bulk count string"
constexpr uint32_t kProtocolTooBigInline = 6;        // "too big inline request"
constexpr uint32_t kProtocolUnbalancedQuotes = 7;    // "unbalanced quotes in request"
constexpr uint32_t kProtocolUnauthMultibulk = 8;     // "unauthenticated multibulk length"
constexpr uint32_t kProtocolUnauthBulk = 9;          // "unauthenticated bulk length"
constexpr uint32_t kProtocolQueryBufferLimit = 10;   // close with a log line, no reply
constexpr uint32_t kProtocolCrossProtocol = 11;      // POST or Host: — close with a log line, no reply

// The keyspace's table, as the prefetcher reads it (structs/segments.ts explains the layout). One row of
// kHintWords words a database: reference of the directory (units of 8 bytes in the arena), depth of the directory.
constexpr uint32_t kHintWords = 2;
constexpr uint32_t kChunkShift = 26;   // a chunk is 64 MiB
constexpr uint32_t kRefShift = 3;      // a reference counts units of 8 bytes
constexpr uint32_t kBucketBytes = 64;  // 12 one-byte tags, one word of flags, 12 references
constexpr uint32_t kBucketSlots = 12;

// Entries, as far as the prefetcher looks into them (structs/entry.ts): encodings whose value is a hash table of
// elements, and flags. The first value word is then the reference of the table's header, which begins as a row of hints
// does (structs/element_table.ts).
constexpr uint32_t kEncodingHashtable = 2;
constexpr uint32_t kEncodingSkiplist = 7;
constexpr uint32_t kEntryHasExpiry = 1;
constexpr uint32_t kEntryHasWords = 2;
constexpr uint32_t kEntryLongKey = 4;

}  // namespace millrace::abi
