// The I/O side's end of a lane's `out` ring: it consumes the frames that the execution thread publishes. A frame's
// bytes stay in place until release(), so that several frames can go to a socket in one system call.
#pragma once
#include "lane.h"

namespace millrace::ring {

// Whether a frame has bytes for one connection.
inline bool isData(uint32_t kind) {
  return kind == abi::kFrameData || kind == abi::kFramePart || kind == abi::kFrameCloseAfter;
}

struct Frame {
  uint32_t kind;
  uint32_t length;  // bytes; for kFrameSelectDb and kFrameClass a number
  uint32_t slot;    // for kFrameMessage the number of targets
  uint32_t generation;
  const uint8_t* bytes;

  uint32_t paddedLength() const { return (length + 7) & ~7u; }
  // Of kFrameMessage: pairs of slot and generation.
  const uint32_t* targets() const { return reinterpret_cast<const uint32_t*>(bytes + paddedLength()); }
};

class ReplyRing {
 public:
  explicit ReplyRing(const Lane& lane)
      : lane_(lane),
        mask_(lane.outBytes - 1),
        head_(base::loadRelaxed(lane.word(abi::kOutTail))),
        cursor_(head_),
        released_(head_) {}

  // Looks once at what is published; next() goes no further than this.
  bool refresh() {
    head_ = base::loadAcquire(lane_.word(abi::kOutHead));
    return head_ != cursor_;
  }

  // The next frame, or false when there is none.
  bool next(Frame& frame) {
    while (cursor_ != head_) {
      const uint8_t* const at = lane_.out + (cursor_ & mask_);
      const auto* const header = reinterpret_cast<const uint32_t*>(at);
      if (header[0] == abi::kFrameWrap) {
        cursor_ += lane_.outBytes - (cursor_ & mask_);
        continue;
      }
      frame = {header[0], header[1], header[2], header[3], at + abi::kFrameHeaderBytes};
      cursor_ += abi::kFrameHeaderBytes + bodyBytes(frame);
      return true;
    }
    return false;
  }

  // Everything that next() returned is done with.
  void release() {
    if (released_ == cursor_) return;
    released_ = cursor_;
    base::storeRelease(lane_.word(abi::kOutTail), cursor_);
  }

 private:
  static uint32_t bodyBytes(const Frame& frame) {
    if (frame.kind == abi::kFrameMessage) return frame.paddedLength() + frame.slot * 8;
    return isData(frame.kind) ? frame.paddedLength() : 0;
  }

  const Lane lane_;
  const uint32_t mask_;
  uint32_t head_;
  uint32_t cursor_;
  uint32_t released_;
};

}  // namespace millrace::ring
