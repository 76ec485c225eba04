// One lane at work: a poller, its connections, their requests into the ring, the ring's replies to the sockets. Whoever
// drives it, the execution thread itself or a thread of its own (io_thread.h), repeats:
//
//   wait()      for readiness
//   collect()   accepts, reads and parses, until a batch is full
//   publish()   hands the batch over
//   answer()    sends what the execution thread published, some of the messages that are due, and lets those go on who
//               waited for it
//
// Nothing in here waits for the execution thread. When its ring is full, connections are left unread, in a queue.
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "../ring/reply_ring.h"
#include "intake.h"
#include "keepalive.h"
#include "listener.h"
#include "poller.h"
#include "sender.h"
#include "tls_log.h"

namespace millrace::net {

// What the lanes of a reactor share.
struct Shared {
  Settings settings;
  resp::CommandTable commands;
  BigBuffers bigBuffers;
  TlsContext tls;
  TlsLog tlsLog;
  base::HashKey hashKey{0, 0};
  std::atomic<uint64_t> lastClientId{0};
  std::atomic<uint64_t> clients{0};
};

// Decides which lane serves a new connection.
class Distributor {
 public:
  virtual void deliver(const Accepted& accepted) = 0;

 protected:
  ~Distributor() = default;
};

class IoLoop {
 public:
  IoLoop(const ring::Lane& lane, memory::Memory* memory, Shared& shared, Distributor& distributor);
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  // False with errno set if the system refuses a poller.
  bool open(std::unique_ptr<Poller> poller);

  // Waits up to `timeoutMs` (-1: for ever), not at all if messages are due. True if something is ready. At once if
  // collect() left events: asked again, the poller would name the same first ones, and the last would never have their turn.
  bool wait(int timeoutMs);
  void collect();

  // Has wait() end, too, when `fd`, the descriptor of an event loop around this one, is readable. False with errno set.
  bool attend(int fd) { return poller_->add(fd, kHostToken, kReadable); }
  void ignore(int fd) { poller_->remove(fd); }
  // Whether the last wait() ended because of that descriptor.
  bool hostIsReady() const;
  // Whether collect() stopped early because a batch was full; it goes on where it stopped.
  bool hasMore() const { return hasEvents() || unreadTurns_ > 0; }
  // True if the execution thread has something new to look at.
  bool publish() { return intake_.publish(); }
  // True if there were frames.
  bool answer();

  // How long a wait may last before tick() has something to do: milliseconds, -1 for ever.
  int patienceMs() const;

  // The part of answer() that makes room in `out`: sends frames, or queues them where a socket is slow.
  bool drainFrames();

  // Whether messages wait to be sent: answer() sends some of them each time.
  bool hasDue() const { return !due_.empty(); }

  // For a sleeper's second look: anything published by the execution thread that this loop waits for?
  bool hasWork();
  // Whether all records are done with.
  bool drained() { return intake_.ring().drained(); }

  bool listen(std::unique_ptr<Listener> listener);
  void stopListening();
  std::vector<int> listenerFiles() const;
  void setKeepalive(uint32_t seconds);
  // Takes a connection into this lane.
  void adopt(const Accepted& accepted);
  // Connections of this lane and those on their way to it. By the thread that distributes them.
  uint64_t promised() const { return promised_.load(std::memory_order_relaxed); }
  void promise() { promised_.fetch_add(1, std::memory_order_relaxed); }
  // A connection that was promised to this lane does not come; closes `fd`, or whatever it has become. Any thread.
  void forget(int fd);
  // Closes all sockets and tells nobody.
  void closeSockets();
  // The same, and the poller.
  void closeAll();

  Poller& poller() { return *poller_; }
  const Connections& connections() const { return connections_; }
  Stats& stats() { return stats_; }
  const Stats& stats() const { return stats_; }

 private:
  static constexpr int kEvents = 256;
  static constexpr int kParts = 64;
  static constexpr uint32_t kBatchCommands = 512;
  static constexpr int kReadsAtOnce = 4;
  // So many more clients than `maxclients` may come through a unix socket, to see what is going on.
  static constexpr uint64_t kReservedClients = 4;
  static constexpr int kTickMs = 100;
  static constexpr uint32_t kListenerSlot = 0x80000000;
  static constexpr uint64_t kHostToken = 0xffffffff;

  // Frames to one connection that go out together.
  struct Gathered {
    Connection* connection = nullptr;
    uint32_t slot = 0;
    int count = 0;
    bool closeAfter = false;
    iovec parts[kParts];
  };

  void handle(const PollEvent& event);
  void acceptFrom(Listener& listener);
  bool mayServe(const Accepted& accepted);
  void rest(Listener& listener);

  void receive(Connection& connection, uint32_t slot);
  void settle(Connection& connection, uint32_t slot, Verdict verdict);
  void ended(Connection& connection, uint32_t slot);
  void resumeAwaiting();
  void resumeStalled();
  void resume(Connection& connection, uint32_t slot);

  void handleFrame(const ring::Frame& frame);
  void gather(const ring::Frame& frame, Connection& connection);
  void hold(const ring::Frame& frame, Connection& connection);
  void sendGathered();
  void sent(Connection& connection, uint32_t slot, Sent result);
  void control(const ring::Frame& frame, Connection& connection);

  void prefetchTarget(const uint32_t* targets, uint32_t i, uint32_t count);
  void spread(const ring::Frame& frame);
  void sendSoon(Connection& connection, const Handle& name, uint32_t bytes);
  void sendQueued(Connection& connection, uint32_t slot);
  bool sendDue();
  void sendDue(int count);
  void sendAllDue();

  bool hasEvents() const { return nextEvent_ < eventCount_; }
  bool maySpendOnHandshake();
  bool settleSecure(Connection& connection, uint32_t slot, Verdict verdict);
  bool handshakeDone(Connection& connection, uint32_t slot);
  void handshakeFailed(const Connection& connection, const std::string& reason);
  void comeBack(Connection& connection, uint32_t slot);
  void readUnread();
  void closeSecure(Connection& connection);

  void mayForsake(Connection& connection);
  void mustStay(Connection& connection);
  bool isForsaken(const Connection& connection) const;
  void watch(Connection& connection, uint32_t slot);
  void close(Connection& connection, uint32_t slot, uint32_t reason);

  void tick();
  void sweep();
  bool sweepNeeded() const;
  bool isCrowded() const;

  Shared& shared_;
  Distributor& distributor_;
  Stats stats_;
  Connections connections_;
  Tls tls_;
  Intake intake_;
  Sender sender_;
  ring::ReplyRing replies_;
  std::unique_ptr<Poller> poller_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::deque<Handle> stalled_;   // wait for room in the request ring
  std::deque<Handle> awaiting_;  // wait for the answers to what was handed over
  std::deque<Handle> unread_;    // have bytes that TLS read ahead; those beyond unreadTurns_ came in this round
  size_t unreadTurns_ = 0;
  uint64_t handshakeSteps_ = 0;
  uint64_t handshaking_ = 0;
  uint64_t forsakable_ = 0;
  Gathered gathered_;
  std::deque<Handle> due_;  // have messages to send
  uint64_t dueBytes_ = 0;
  uint64_t nowMs_ = 0;
  uint64_t nextTickMs_ = 0;
  std::atomic<uint64_t> promised_{0};
  uint32_t sweepSlot_ = 0;
  Keepalive keepalive_;
  int eventCount_ = 0;
  int nextEvent_ = 0;
  PollEvent events_[kEvents];
};

}  // namespace millrace::net
