// One thread of a soak run: its share of the connections, and the exchanges under way on some of them.
//
// A connection (Link) costs little while nothing happens on it. What happens is an Exchange: a request, the bytes that must
// come back, and what follows then. All connections are watched all the time, so that a byte too many is noticed on
// whichever it arrives.
//
//   absent ──dial──▶ dialing ──▶ open ──SUBSCRIBE──▶ subscribed
//      ▲                          │  ▲
//      └───── close, reset ───────┘  └─ exchanges
#pragma once
#include <memory>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>

#include "../net/poller.h"
#include "dialer.h"
#include "script.h"

namespace millrace::soak {

class Worker {
 public:
  // Serves the connections `first` … `first + count - 1` of the run.
  Worker(const Plan& plan, uint32_t index, uint32_t first, uint32_t count);
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  // Any thread, as the following.
  void stop();
  void enter(Phase phase);
  // Adds its counts to kCountCount others.
  void count(uint64_t* into);
  // Adds the latencies and faults since the last time.
  void report(base::Histogram& latencies, std::vector<std::string>& faults);

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr int kEvents = 256;
  static constexpr int kQuietMs = 50;
  static constexpr int kBusyMs = 2;
  static constexpr uint32_t kSubscribersATopic = 100;
  static constexpr size_t kFaults = 20;

  enum class State : uint8_t { kAbsent, kDialing, kOpen, kSubscribed };
  // What an exchange is for.
  enum class Aim : uint8_t { kHello, kSweep, kSubscribe, kTalk, kPublish, kLeave, kReturn };

  struct Link {
    int fd = -1;
    uint32_t life = 0;  // of its sockets, the how manieth
    uint32_t sequence = 0;
    uint32_t exchange = kNone;
    uint32_t topic = kNone;
    uint32_t nextMessage = 0;
    uint32_t messageBytes = 0;  // of the next message, how many have come
    Belongings belongings;
    State state = State::kAbsent;
  };
  struct Exchange {
    uint32_t link = kNone;
    uint32_t topic = kNone;  // of a message
    Aim aim = Aim::kTalk;
    bool timed = false;
    std::string request, expected;
    size_t sent = 0, matched = 0;
    uint64_t sentNs = 0;
    uint32_t commands = 0;
  };
  struct Topic {
    std::string channel;
    uint32_t sequence = 0;
    uint32_t subscribers = 0;
    bool locked = false;  // one message at a time, so that their order is known
  };

  // worker.cc: the thread, and what a phase asks for.
  void run();
  bool advance();
  void open();
  void sweep();
  void talk();
  void closeAll();
  bool subscribeAll();
  void beginTalk();
  void beginChurn(uint32_t link);
  bool publish(uint32_t link);
  uint32_t idleLink();
  uint32_t window() const;

  // exchange.cc: sockets, bytes, and what follows from them.
  void handle(const net::PollEvent& event);
  void dial(uint32_t link);
  void dialed(uint32_t link);
  void greet(uint32_t link);
  void begin(uint32_t link, Aim aim);
  void post(uint32_t link);
  void send(uint32_t link);
  void watch(uint32_t link, uint32_t interest);
  void receive(uint32_t link);
  bool match(uint32_t link, std::string_view bytes);
  std::string_view takeMessages(uint32_t link, std::string_view bytes);
  void finish(uint32_t link);
  void lose(uint32_t link, Count count, const std::string& text);
  void note(const std::string& text);
  void hangUp(uint32_t link, bool reset);
  void release(uint32_t link);
  uint32_t numberOf(uint32_t link) const { return first_ + link; }
  uint64_t random() { return random_(); }

  const Plan& plan_;
  const uint32_t first_;
  Dialer dialer_;
  Script script_;
  std::unique_ptr<net::Poller> poller_;
  std::vector<Link> links_;
  std::vector<Exchange> exchanges_;
  std::vector<uint32_t> free_;
  std::vector<Topic> topics_;
  std::mt19937_64 random_;
  std::vector<char> buffer_;
  std::string message_;
  uint32_t next_ = 0;       // the next link that the phase has not come to yet
  uint32_t dialing_ = 0;    // being connected for the first time
  uint32_t greeting_ = 0;   // hellos without an answer
  uint32_t unconfirmed_ = 0;  // subscriptions without one
  bool subscribed_ = false;
  Phase phase_ = Phase::kRest;
  Tally tally_;
  bool stopping_ = false;
  std::mutex mutex_;
  std::thread thread_;
};

}  // namespace millrace::soak
