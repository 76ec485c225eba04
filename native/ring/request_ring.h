// The I/O side's end of a lane's request rings: `desc` for records, `req` for the bytes they point at. Single
// producer; the execution thread consumes. Positions are monotonic modulo 2^32, the place in a buffer is the position
// masked. Only publish() makes anything visible to the other side.
//
// Both rings keep a copy of the consumer's position and look at the real one only when the copy says "full": the cache
// line of the consumer's word then travels once a batch, not once a record.
//
// A ring that is empty returns to the beginning of its buffer once it has moved some way into it. A busy lane thus works
// in the few hundred KiB that the cache holds instead of walking through all of its megabytes.
#pragma once
#include "lane.h"

namespace millrace::ring {

// A contiguous part of `req` that may be written: `position` is the monotonic position of its first byte.
struct Stage {
  uint8_t* bytes = nullptr;
  uint32_t size = 0;
  uint32_t position = 0;
};

class RequestRing {
 public:
  explicit RequestRing(const Lane& lane)
      : lane_(lane),
        descMask_(lane.descWords - 1),
        reqMask_(lane.reqBytes - 1),
        head_(base::loadRelaxed(lane.word(abi::kDescHead))),
        tail_(head_),
        published_(head_),
        reqHead_(base::loadRelaxed(lane.word(abi::kReqTail))),
        reqTail_(reqHead_) {}

  // A record may take at most this many words, so that it always fits once the ring is empty, wherever the head is.
  uint32_t maxRecordWords() const { return lane_.descWords / 4; }
  // The same for bytes staged at once.
  uint32_t maxStageBytes() const { return lane_.reqBytes / 4; }

  // Room for a record of `words` (an even number), or nullptr while the consumer has to make room. Nothing is taken
  // before commit(); asking again for another size is fine.
  uint32_t* reserve(uint32_t words) {
    const uint32_t offset = head_ & descMask_;
    const uint32_t toEnd = lane_.descWords - offset;
    if (words <= toEnd && lane_.descWords - (head_ - tail_) >= words) return lane_.desc + offset;
    return reserveSlowly(words);
  }

  // Takes the record written at reserve()'s address; `reqEnd` is the position up to which its bytes reach.
  void commit(uint32_t words, uint32_t reqEnd) {
    head_ += words;
    reqHead_ = reqEnd;
  }

  // Makes all committed records visible. True if there were any.
  bool publish() {
    if (published_ == head_) return false;
    published_ = head_;
    base::storeRelease(lane_.word(abi::kDescHead), head_);
    return true;
  }

  // A part of `req` of at least `minimum` bytes (at most maxStageBytes()) and hopefully `wanted`; size 0 while the
  // consumer has to make room. Nothing is taken before a commit() says so.
  Stage stage(uint32_t wanted, uint32_t minimum) {
    Stage found = place(wanted, minimum);
    if (found.size != 0 && found.size >= wanted) return found;
    reqTail_ = base::loadAcquire(lane_.word(abi::kReqTail));
    return place(wanted, minimum);
  }

  // Position in `desc` after the last committed record; the consumer's position as last seen, and as it is now.
  uint32_t head() const { return head_; }
  uint32_t reqHead() const { return reqHead_; }
  uint32_t tail() const { return tail_; }
  uint32_t refreshTail() { return tail_ = base::loadAcquire(lane_.word(abi::kDescTail)); }

  // Whether the consumer has done everything that was published.
  bool drained() { return refreshTail() == published_; }

  // To be called once a turn: looks at the consumer's positions and returns to the beginning of an empty buffer.
  void refresh() {
    reqTail_ = base::loadAcquire(lane_.word(abi::kReqTail));
    const uint32_t offset = head_ & descMask_;
    if (refreshTail() == head_ && offset >= kHotWords) skipToStart(offset);
  }

  // Whether half of both rings is free: whatever a connection waits for then fits, wherever the heads are.
  bool hasRoom() {
    refreshTail();
    reqTail_ = base::loadAcquire(lane_.word(abi::kReqTail));
    return lane_.descWords - (head_ - tail_) >= maxRecordWords() * 2 &&
           lane_.reqBytes - (reqHead_ - reqTail_) >= maxStageBytes() * 2;
  }

  // Offset in `req` of a monotonic position.
  uint32_t offsetOf(uint32_t position) const { return position & reqMask_; }

 private:
  static constexpr uint32_t kHotWords = 64 * 1024;
  static constexpr uint32_t kHotBytes = 256 * 1024;
  static constexpr uint32_t kGoodStage = 16 * 1024;

  uint32_t* reserveSlowly(uint32_t words) {
    refreshTail();
    const uint32_t offset = head_ & descMask_;
    const uint32_t toEnd = lane_.descWords - offset;
    const uint32_t free = lane_.descWords - (head_ - tail_);
    if (words <= toEnd && free >= words) return lane_.desc + offset;
    if (words <= toEnd || free < toEnd + words) return nullptr;
    skipToStart(offset);
    return lane_.desc;
  }

  void skipToStart(uint32_t offset) {
    const uint32_t toEnd = lane_.descWords - offset;
    lane_.desc[offset] = abi::kRecordWrap << 24 | toEnd;
    head_ += toEnd;
  }

  Stage place(uint32_t wanted, uint32_t minimum) const {
    const uint32_t offset = reqHead_ & reqMask_;
    const uint32_t toEnd = lane_.reqBytes - offset;
    const uint32_t free = lane_.reqBytes - (reqHead_ - reqTail_);
    const uint32_t here = free < toEnd ? free : toEnd;
    const uint32_t there = free > toEnd ? free - toEnd : 0;
    const bool rewind = reqHead_ == reqTail_ && offset >= kHotBytes && there >= wanted;
    const bool hereIsGood = here >= wanted || (here >= minimum && (here >= kGoodStage || here >= there));
    if (hereIsGood && !rewind) return {lane_.req + offset, here, reqHead_};
    if (there >= minimum) return {lane_.req, there, reqHead_ + toEnd};
    return {};
  }

  const Lane lane_;
  const uint32_t descMask_;
  const uint32_t reqMask_;
  uint32_t head_;
  uint32_t tail_;
  uint32_t published_;
  uint32_t reqHead_;
  uint32_t reqTail_;
};

}  // namespace millrace::ring
