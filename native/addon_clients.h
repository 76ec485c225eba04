// Which connections JavaScript asks for, so that only their rows are made.
#pragma once
#include <cstdlib>
#include <string>
#include <unordered_set>

#include "addon_values.h"
#include "net/reactor.h"

namespace millrace {

// {ids?: number[], addr?: string, laddr?: string}: a connection must agree with all that is given.
class WantedClients {
 public:
  explicit WantedClients(const Napi::Value& value) {
    if (!value.IsObject()) return;
    const auto wanted = value.As<Napi::Object>();
    const Napi::Value ids = wanted.Get("ids");
    byId_ = ids.IsArray();
    const uint32_t count = byId_ ? ids.As<Napi::Array>().Length() : 0;
    for (uint32_t i = 0; i < count; i++) {
      const double id = ids.As<Napi::Array>().Get(i).As<Napi::Number>().DoubleValue();
      if (id >= 1 && id <= 0x1p53) ids_.insert(static_cast<uint64_t>(id));
    }
    peer_.read(wanted.Get("addr"));
    local_.read(wanted.Get("laddr"));
  }

  bool include(const net::Reactor& reactor, const net::ConnectionView& view) const {
    if (byId_ && !ids_.contains(view.id)) return false;
    return peer_.fits(reactor, view.peer) && local_.fits(reactor, view.local);
  }

 private:
  struct Place {
    std::string text;
    uint16_t port = 0;
    bool given = false;

    void read(const Napi::Value& value) {
      if (!value.IsString()) return;
      given = true;
      text = value.As<Napi::String>().Utf8Value();
      const size_t colon = text.rfind(':');
      if (colon != text.npos) port = static_cast<uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 10));
    }
    // Ports differ nearly always, and cost nothing to compare.
    bool fits(const net::Reactor& reactor, const net::Endpoint& endpoint) const {
      return !given || (endpoint.port == port && reactor.describe(endpoint) == text);
    }
  };

  bool byId_ = false;
  std::unordered_set<uint64_t> ids_;
  Place peer_, local_;
};

// Fills rows of lane, slot, generation, id and bytes of the connections that hold memory for requests or replies, as far as
// `room` numbers take them. Returns the number of rows that there are.
inline uint32_t listHolders(const net::Reactor& reactor, double* into, size_t room) {
  constexpr uint32_t kColumns = 5;
  uint32_t count = 0;
  net::ConnectionView view;
  for (uint32_t lane = 0; lane < reactor.laneCount(); lane++) {
    const net::Connections& connections = reactor.connections(lane);
    for (uint32_t slot = 0; (slot = connections.nextHolding(slot)) < connections.slotCount(); slot++) {
      if (!connections.look(slot, &view) || (view.flags & net::kFlagClosed) != 0) continue;
      if (++count * kColumns > room) continue;
      double* const row = into + (count - 1) * kColumns;
      row[0] = lane;
      row[1] = slot;
      row[2] = view.generation;
      row[3] = static_cast<double>(view.id);
      row[4] = static_cast<double>(view.queryCapacity + view.outputHeldBytes);
    }
  }
  return count;
}

}  // namespace millrace
