// Chunks, and reading ahead in them while they change.
#include "../../native/memory/memory.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <random>
#include <thread>

#include "../../native/base/atomics.h"
#include "../../native/memory/prefetcher.h"
#include "check.h"

using namespace millrace;
using memory::kChunkBytes;
using memory::Memory;

TEST_CASE("units of chunks come and go without touching each other") {
  Memory memory(6, 1);
  uint8_t* const first = memory.map(0, 1);
  uint8_t* const wide = memory.map(2, 3);
  REQUIRE(first && wide);
  CHECK(wide == first + 2 * kChunkBytes);
  first[0] = wide[0] = wide[3 * kChunkBytes - 1] = 1;
  CHECK(!memory.map(1, 2));
  CHECK(!memory.map(4, 1));
  CHECK(!memory.map(5, 2));
  CHECK(!memory.unmap(3));
  CHECK(memory.unmap(2));
  CHECK(!memory.unmap(2));
  CHECK_EQ(first[0], 1);
  uint8_t* const again = memory.map(3, 1);
  REQUIRE(again);
  CHECK_EQ(again[2 * kChunkBytes - kChunkBytes - 1], 0);
}

TEST_CASE("what was ever mapped stays readable, as zeros") {
  Memory memory(4, 1);
  uint8_t* const third = memory.map(2, 1);
  REQUIRE(third);
  memset(third, 7, 100000);
  CHECK_EQ(memory.readableBytes(), 3 * kChunkBytes);
  CHECK(memory.unmap(2));
  CHECK_EQ(memory.readableBytes(), 3 * kChunkBytes);
  uint32_t sum = 0;
  for (uint64_t i = 0; i < memory.readableBytes(); i += 4096) sum += memory.base()[i];
  CHECK_EQ(sum, 0);
}

TEST_CASE("a request for more chunks than there are addresses gets fewer") {
  const Memory memory(0x7fffffff, 1);
  CHECK(memory.maxChunks() > 0);
  CHECK(memory.maxChunks() < 0x7fffffff);
}

TEST_CASE("giving pages back zeroes whole pages within the range and nothing else") {
  Memory memory(1, 1);
  uint8_t* const bytes = memory.map(0, 1);
  REQUIRE(bytes);
  memset(bytes, 1, 5 * 65536);
  CHECK(memory.decommit(0, 65536 + 1, 2 * 65536));
  CHECK(bytes[65536] == 1 && bytes[2 * 65536] == 0 && bytes[3 * 65536] == 1);
  CHECK(!memory.decommit(1, 0, 65536));
  CHECK(!memory.decommit(0, kChunkBytes, 65536));
}

TEST_CASE("reading ahead survives whatever the table says, while chunks come and go") {
  Memory memory(4, 2);
  REQUIRE(memory.map(0, 1));
  std::atomic<bool> done{false};
  std::thread reader([&] {
    const auto prefetcher = std::make_unique<memory::Prefetcher>(&memory);
    std::mt19937 random(4);
    while (!done) {
      for (int i = 0; i < 500; i++)
        prefetcher->key(random() % 3, static_cast<uint32_t>(random()), static_cast<uint32_t>(random()));
      prefetcher->finish();
    }
  });
  std::mt19937 random(5);
  auto* const words = reinterpret_cast<uint32_t*>(const_cast<uint8_t*>(memory.base()));
  for (int i = 0; i < 100000; i++) {
    base::storeRelaxed(memory.hints(), static_cast<uint32_t>(random() % 3 == 0 ? random() : random() % 100000));
    base::storeRelaxed(memory.hints() + 1, static_cast<uint32_t>(random() % 40));
    base::storeRelaxed(words + random() % 400000, static_cast<uint32_t>(random()));
    if (i % 5000 == 0) memory.map(1, 2);
    if (i % 5000 == 2500) memory.unmap(1);
  }
  done = true;
  reader.join();
}
