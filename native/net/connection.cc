#include "connection.h"

namespace millrace::net {

Connections::~Connections() {
  for (auto& slab : slabs_) delete[] slab.load(std::memory_order_relaxed);
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
    slabs_[count >> kSlabShift].store(new Connection[kSlabSlots], std::memory_order_relaxed);
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
  connection.flags = 0;
  connection.outputHeldBytes = 0;
  connection.outputBlocks = 0;
  connection.generation = connection.generation + 1;
  // A slot whose generations are used up is given up: no stale name can ever fit again.
  if (connection.generation != ~uint32_t{0}) free_.push_back(slot);
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
