#include "connection.h"

#include <algorithm>
#include <bit>

namespace millrace::net {

uint32_t SlotSet::next(uint32_t slot) const {
  uint64_t mask = ~uint64_t{0} << slot % 64;
  for (uint32_t word = slot / 64; word < kSlots / 64; word++, mask = ~uint64_t{0}) {
    const uint64_t bits = words_[word] & mask;
    if (bits != 0) return word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
  }
  return kSlots;
}

Connections::~Connections() {
  for (auto& slab : slabs_) delete slab.load(std::memory_order_relaxed);
}

Connection* Connections::allocate(uint32_t* slot) {
  if (!free_.empty()) {
    *slot = free_.back();
    free_.pop_back();
    return &at(*slot);
  }
  const uint32_t count = slotCount_.load(std::memory_order_relaxed);
  if (count == kMaxSlabs * kSlabSlots) return nullptr;
  if (count % kSlabSlots == 0) {
    slabs_[count >> kSlabShift].store(new Slab, std::memory_order_relaxed);
  }
  slotCount_.store(count + 1, std::memory_order_release);
  *slot = count;
  Connection& connection = at(count);
  connection.generation = 1;
  return &connection;
}

void Connections::release(uint32_t slot) {
  Connection& connection = at(slot);
  connection.id.store(0, std::memory_order_relaxed);
  // Whatever is written for the next connection comes after the id is gone, as look() needs it.
  std::atomic_thread_fence(std::memory_order_release);
  if (connection.has(kFlagHolds)) setHolds(connection, slot, false);
  connection.flags = 0;
  connection.outputHeldBytes = 0;
  connection.outputBlocks = 0;
  connection.generation = connection.generation + 1;
  // A slot whose generations are used up is given up: no stale name can ever fit again.
  if (connection.generation != ~uint32_t{0}) free_.push_back(slot);
}

void Connections::setHolds(Connection& connection, uint32_t slot, bool holds) {
  if (holds) {
    connection.set(kFlagHolds);
  } else {
    connection.clear(kFlagHolds);
  }
  slabOf(slot).holding.set(slot % kSlabSlots, holds);
}

uint32_t Connections::nextHolding(uint32_t slot) const {
  const uint32_t count = slotCount();
  while (slot < count) {
    const uint32_t place = slabOf(slot).holding.next(slot % kSlabSlots);
    slot = (slot & ~(kSlabSlots - 1)) + place;
    if (place < kSlabSlots) return std::min(slot, count);
  }
  return count;
}

bool Connections::look(uint32_t slot, ConnectionView* view) const {
  if (slot >= slotCount()) return false;
  const Connection& c = at(slot);
  const uint64_t id = c.id.load(std::memory_order_acquire);
  if (id == 0) return false;
  *view = {id,
           slot,
           c.generation,
           c.fd,
           c.lastCommand,
           c.createdSeconds,
           c.activeSeconds,
           c.flags,
           c.database,
           c.queryBytes,
           c.queryCapacity,
           c.outputBlocks,
           c.outputHeldBytes,
           {c.peerHigh, c.peerLow, c.peerPort, c.family, c.localName},
           {c.localHigh, c.localLow, c.localPort, c.family, c.localName}};
  std::atomic_thread_fence(std::memory_order_acquire);
  return c.id.load(std::memory_order_relaxed) == id;
}

}  // namespace millrace::net
