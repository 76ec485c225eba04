// The native side of a server: lanes, listeners, settings. Called by the execution thread only.
//
// With one I/O thread there is no thread: the one lane is driven by turn() on the execution thread, when the poller's
// descriptor is readable. With more, each lane has a thread, and turn() only looks for what they published.
#pragma once
#include <string>

#include "descriptor_channel.h"
#include "io_thread.h"

namespace millrace::net {

struct ReactorOptions {
  std::vector<ring::Lane> lanes;
  memory::Memory* memory;
  base::HashKey hashKey;
  bool usePoll;
  // Each I/O thread has a descriptor table of its own, if there is more than one.
  bool privateFiles = false;
};

// Lets the execution thread drain a lane's requests; lane -1: any may have some.
class Executor {
 public:
  virtual void onReady(int lane) = 0;

 protected:
  ~Executor() = default;
};

class Reactor final : public Distributor {
 public:
  Reactor(const ReactorOptions& options, Waker& waker);
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // 0, or the errno of what the system refused: nothing else may be called then.
  int error() const { return error_; }

  bool setCommands(const std::vector<std::string>& names, const int32_t* firstKeys, const int32_t* members) {
    return shared_.commands.assign(names, firstKeys, members);
  }
  // False if there is no such setting: settings.cc knows them.
  bool configure(const char* name, uint64_t value);
  // '' or why not, in the words for the log: new connections get the context that was there before.
  std::string configureTls(const TlsOptions& options) { return shared_.tls.configure(options); }
  // What happened to handshakes since this was last asked.
  std::vector<FailedHandshake> takeFailedHandshakes(uint64_t* more) { return shared_.tlsLog.take(more); }

  // The bound port, or -errno.
  int listenTcp(const std::string& address, uint16_t port, int backlog, bool secure = false);
  // 0 or -errno.
  int listenUnix(const std::string& path, uint32_t permissions, int backlog);
  void stopListening();

  // Whether I/O threads have descriptor tables of their own. Descriptors that they are to know must be given to start().
  bool privateFiles() const { return privateFiles_; }

  void start(const std::vector<int>& sharedFiles = {});
  void stop();
  bool running() const { return running_; }
  bool stopped() const { return stopped_; }
  bool threaded() const { return threaded_; }

  const char* pollerName() const { return pollerName_; }
  // The descriptor to watch when not threaded.
  int descriptor() const { return loops_[0]->poller().descriptor(); }
  // Does what there is to do, for about a millisecond at most. True: call again without waiting for anything.
  bool turn(Executor& executor);

  // Between attend() and ignore() the event loop around a reactor that is not threaded does not watch it. It calls
  // attentiveTurn() instead, which waits for clients itself, up to `timeoutMs` (0 or 1), and for the loop's descriptor.
  bool attend(int loopDescriptor) { return loops_[0]->attend(loopDescriptor); }
  void ignore(int loopDescriptor) { loops_[0]->ignore(loopDescriptor); }
  // Works for about a millisecond, less when the loop has something to do. False: nobody wanted anything.
  bool attentiveTurn(Executor& executor, int timeoutMs);
  // After how many milliseconds turn() has something to do although nothing is ready; -1: never.
  int patienceMs();

  void flush(uint32_t lane);
  void reserve(uint32_t lane, uint32_t bytes);
  bool sleep(uint32_t lane);

  void counters(double* into) const;
  const Connections& connections(uint32_t lane) const { return loops_[lane]->connections(); }
  // The clock of ConnectionView's seconds.
  static uint32_t nowSeconds();
  uint32_t laneCount() const { return static_cast<uint32_t>(loops_.size()); }
  std::string describe(const Endpoint& endpoint) const;
  BigBuffer takeBuffer(uint32_t id) { return shared_.bigBuffers.take(id); }

 private:
  static constexpr int kTurns = 8;
  static constexpr uint64_t kLingerUs = 10;
  static constexpr uint64_t kBudgetUs = 1000;

  void deliver(const Accepted& accepted) override;
  int addListener(int fd, const std::string& path, bool secure);
  int openListener(int fd, uint8_t pathIndex, const std::string& path, bool secure);
  void deliverAcross(uint32_t lane, const Accepted& accepted);
  std::vector<int> filesOf(uint32_t lane) const;
  void leaveListeners(const std::vector<int>& listeners);
  void onLane(uint32_t lane, const std::function<void()>& job);
  bool turnInline(Executor& executor);
  bool serve(Executor& executor, uint64_t deadlineUs);
  bool turnThreaded(Executor& executor);
  bool published(uint32_t lane);
  bool linger();

  Shared shared_;
  std::vector<ring::Lane> lanes_;
  std::vector<std::unique_ptr<IoLoop>> loops_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::vector<std::unique_ptr<DescriptorChannel>> channels_;  // to each lane, with private tables
  std::vector<std::string> unixPaths_;
  struct Published {
    uint32_t outHead, descTail;
  };
  std::vector<Published> published_;
  Stats stats_;
  const char* pollerName_ = "";
  int error_ = 0;
  bool threaded_ = false;
  bool privateFiles_ = false;
  bool running_ = false;
  bool stopped_ = false;
  bool inTurn_ = false;
  bool ticking_ = false;
};

}  // namespace millrace::net
