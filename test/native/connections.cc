// The list of connections that hold memory.
#include <thread>
#include <vector>

#include "../../native/net/connection.h"
#include "check.h"

using namespace millrace::net;

namespace {

constexpr uint32_t kSlab = Connections::kSlabSlots;

void addAll(Connections& connections, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t slot = 0;
    Connection* const connection = connections.allocate(&slot);
    REQUIRE(connection);
    connection->id.store(slot + 1, std::memory_order_release);
  }
}

void hold(Connections& connections, uint32_t slot, uint32_t bytes) {
  connections.at(slot).queryCapacity = bytes;
  connections.noteHeld(connections.at(slot), slot);
}

std::vector<uint32_t> holding(const Connections& connections) {
  std::vector<uint32_t> found;
  for (uint32_t slot = 0; (slot = connections.nextHolding(slot)) < connections.slotCount(); slot++) {
    found.push_back(slot);
  }
  return found;
}

}  // namespace

TEST_CASE("connections that hold memory are found without looking at the others") {
  Connections connections;
  CHECK(holding(connections).empty());
  addAll(connections, 3 * kSlab - 100);
  CHECK(holding(connections).empty());
  const std::vector<uint32_t> some{0, 63, 64, kSlab - 1, 2 * kSlab, 3 * kSlab - 101};
  for (const uint32_t slot : some) hold(connections, slot, 100);
  CHECK((holding(connections) == some));
  hold(connections, 64, 200);
  CHECK((holding(connections) == some));
  hold(connections, 64, 0);
  connections.at(2 * kSlab).outputHeldBytes = 7;
  hold(connections, 2 * kSlab, 0);
  CHECK((holding(connections) == std::vector<uint32_t>{0, 63, kSlab - 1, 2 * kSlab, 3 * kSlab - 101}));
}

TEST_CASE("a connection that has ended holds nothing, nor does the next one in its slot") {
  Connections connections;
  addAll(connections, 10);
  hold(connections, 3, 100);
  connections.release(3);
  CHECK(holding(connections).empty());
  connections.at(3).queryCapacity = 0;
  addAll(connections, 1);
  CHECK(connections.at(3).inUse());
  CHECK(holding(connections).empty());
  hold(connections, 3, 1);
  CHECK((holding(connections) == std::vector<uint32_t>{3}));
}

TEST_CASE("the list of those that hold memory may be read while it changes") {
  Connections connections;
  addAll(connections, 1);
  hold(connections, 0, 1);
  std::atomic<bool> done{false};
  std::thread looker([&] {
    while (!done.load()) {
      const std::vector<uint32_t> found = holding(connections);
      CHECK(!found.empty() && found.front() == 0);
    }
  });
  addAll(connections, 4 * kSlab);
  for (uint32_t i = 0; i < 100'000; i++) hold(connections, 1 + i % (4 * kSlab), i % 3);
  done.store(true);
  looker.join();
}
