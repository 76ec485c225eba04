// The two rings between real threads, with counters that pass 2^32 on the way: everything arrives, once, in order, and
// neither side sleeps for ever. The consumer here does what TypeScript does at the other end.
#include <poll.h>

#include <cstring>
#include <memory>
#include <random>
#include <thread>

#include "../../native/net/poller.h"
#include "../../native/ring/reply_ring.h"
#include "../../native/ring/request_ring.h"
#include "check.h"
#include "lane_memory.h"

using namespace millrace;
using namespace millrace::ring;

namespace {

constexpr uint32_t kRecords = 20000;

uint8_t byteOf(uint32_t number, uint32_t index) { return static_cast<uint8_t>(number * 31 + index * 7); }

void rest(net::Poller& sleeper) {
  net::PollEvent event;
  sleeper.wait(&event, 1, -1);
}

// Sends numbered records of random sizes; sleeps when the ring is full.
void produce(const Lane& lane, net::Poller& sleeper, net::Poller& other, uint32_t seed) {
  std::mt19937 random(seed);
  RequestRing ring(lane);
  for (uint32_t number = 0; number < kRecords;) {
    const uint32_t bytes = 1 + random() % (ring.maxStageBytes() / 2);
    const uint32_t words = abi::kRecordHeaderWords + 2 * (random() % 8);
    uint32_t* const record = ring.reserve(words);
    const Stage stage = record ? ring.stage(bytes, bytes) : Stage{};
    if (stage.size > 0) {
      for (uint32_t i = 0; i < bytes; i++) stage.bytes[i] = byteOf(number, i);
      const uint32_t end = stage.position + bytes;
      const uint32_t content[abi::kRecordHeaderWords] = {abi::kRecordCommand << 24 | words, number, bytes, 0,
                                                         ring.offsetOf(stage.position),     0,      end,   0};
      memcpy(record, content, sizeof content);
      ring.commit(words, end);
      number++;
    }
    if ((stage.size == 0 || number == kRecords || random() % 8 == 0) && ring.publish() &&
        claimWake(lane.word(abi::kJsSleeping))) {
      other.wake();
    }
    if (stage.size == 0) {
      announceSleep(lane.word(abi::kIoSleeping));
      if (!ring.hasRoom()) rest(sleeper);
      endSleep(lane.word(abi::kIoSleeping));
    }
  }
}

// Takes all records and checks them; returns how many were wrong.
uint32_t consume(const Lane& lane, net::Poller& sleeper, net::Poller& other, uint32_t seed) {
  std::mt19937 random(seed);
  uint32_t tail = base::loadRelaxed(lane.word(abi::kDescTail));
  uint32_t expected = 0, wrong = 0;
  while (expected < kRecords) {
    announceSleep(lane.word(abi::kJsSleeping));
    if (base::loadAcquire(lane.word(abi::kDescHead)) == tail) rest(sleeper);
    endSleep(lane.word(abi::kJsSleeping));
    const uint32_t head = base::loadAcquire(lane.word(abi::kDescHead));
    while (tail != head) {
      const uint32_t* const record = lane.desc + (tail & (lane.descWords - 1));
      tail += record[0] & 0xffffff;
      if (record[0] >> 24 == abi::kRecordCommand) {
        wrong += record[1] != expected;
        for (uint32_t i = 0; i < record[2]; i++) wrong += lane.req[record[4] + i] != byteOf(expected, i);
        base::storeSequential(lane.word(abi::kReqTail), record[6]);
        expected++;
      }
      if (random() % 4 == 0) base::storeSequential(lane.word(abi::kDescTail), tail);
    }
    base::storeSequential(lane.word(abi::kDescTail), tail);
    if (claimWake(lane.word(abi::kIoSleeping))) other.wake();
  }
  return wrong;
}

void passRecords(uint32_t start, uint32_t seed) {
  LaneMemory lane(start, 8192, 512, 4096);
  const auto mine = net::makeDefaultPoller();
  const auto other = net::makeDefaultPoller();
  REQUIRE(mine->open() && other->open());
  std::thread producer([&] { produce(lane.lane(), *other, *mine, seed); });
  CHECK_EQ(consume(lane.lane(), *mine, *other, seed + 1), 0);
  producer.join();
}

}  // namespace

TEST_CASE("records cross the request ring whole and in order, past the wrap of its counters") {
  for (const uint32_t start : {0u, 0u - 64, 0u - 4096, 0u - 65536}) passRecords(start, start + 5);
}

TEST_CASE("a ring takes the largest record and stage it promises, wherever it stands") {
  for (uint32_t at = 0; at < 512; at += 2) {
    LaneMemory memory(0, 4096, 512, 4096);
    const Lane& lane = memory.lane();
    RequestRing ring(lane);
    for (uint32_t filled = 0; filled < at; filled += 2) {
      REQUIRE(ring.reserve(2));
      ring.commit(2, filled * 8);
      ring.publish();
      base::storeRelease(lane.word(abi::kDescTail), ring.head());
      base::storeRelease(lane.word(abi::kReqTail), filled * 8);
    }
    CHECK(ring.hasRoom());
    CHECK(ring.reserve(ring.maxRecordWords()));
    CHECK(ring.stage(ring.maxStageBytes(), ring.maxStageBytes()).size >= ring.maxStageBytes());
  }
}

TEST_CASE("a full ring says so, and takes nothing that was not committed") {
  LaneMemory memory(0, 4096, 256, 4096);
  RequestRing ring(memory.lane());
  uint32_t count = 0;
  while (ring.reserve(10)) {
    ring.reserve(64);
    ring.commit(10, 0);
    count++;
  }
  CHECK(count >= 24 && count <= 25);
  CHECK(!ring.hasRoom());
  CHECK(ring.publish());
  CHECK(!ring.publish());
  CHECK(!ring.drained());
  base::storeRelease(memory.lane().word(abi::kDescTail), ring.head());
  CHECK(ring.drained());
  CHECK(ring.hasRoom());
}

namespace {

// The execution thread's side of the reply ring: frames of random sizes, numbered.
void answer(const Lane& lane, uint32_t seed) {
  std::mt19937 random(seed);
  uint32_t head = base::loadRelaxed(lane.word(abi::kOutHead));
  const auto makeRoom = [&](uint32_t bytes) {
    while (lane.outBytes - (head - base::loadAcquire(lane.word(abi::kOutTail))) < bytes) {
      base::storeSequential(lane.word(abi::kOutHead), head);
      std::this_thread::yield();
    }
  };
  for (uint32_t number = 0; number < kRecords; number++) {
    const uint32_t length = random() % (lane.outBytes / 4);
    const uint32_t needed = abi::kFrameHeaderBytes + ((length + 7) & ~7u);
    const uint32_t toEnd = lane.outBytes - (head & (lane.outBytes - 1));
    if (toEnd < needed) {
      makeRoom(toEnd);
      memcpy(lane.out + (head & (lane.outBytes - 1)), &abi::kFrameWrap, 4);
      head += toEnd;
    }
    makeRoom(needed);
    uint8_t* const at = lane.out + (head & (lane.outBytes - 1));
    const uint32_t header[4] = {abi::kFrameData, length, number, ~number};
    memcpy(at, header, sizeof header);
    for (uint32_t i = 0; i < length; i++) at[sizeof header + i] = byteOf(number, i);
    head += needed;
    if (random() % 4 == 0) base::storeSequential(lane.word(abi::kOutHead), head);
  }
  base::storeSequential(lane.word(abi::kOutHead), head);
}

}  // namespace

TEST_CASE("frames cross the reply ring whole and in order, past the wrap of its counters") {
  for (const uint32_t start : {0u, 0u - 64, 0u - 65536}) {
    LaneMemory memory(start, 4096, 256, 4096);
    std::thread writer([&] { answer(memory.lane(), start + 9); });
    ReplyRing ring(memory.lane());
    uint32_t wrong = 0;
    for (uint32_t number = 0; number < kRecords;) {
      Frame frame;
      ring.refresh();
      while (ring.next(frame)) {
        wrong += frame.slot != number || frame.generation != ~number || frame.kind != abi::kFrameData;
        for (uint32_t i = 0; i < frame.length; i++) wrong += frame.bytes[i] != byteOf(number, i);
        number++;
        if (number % 3 == 0) ring.release();
      }
      ring.release();
      std::this_thread::yield();
    }
    writer.join();
    CHECK_EQ(wrong, 0);
    CHECK_EQ(memory.lane().freeOutBytes(), 4096);
  }
}
