#include "reactor.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "../base/clock.h"

namespace millrace::net {

Reactor::Reactor(const ReactorOptions& options, Waker& waker) : lanes_(options.lanes) {
  shared_.hashKey = options.hashKey;
  for (const ring::Lane& lane : lanes_) {
    auto loop = std::make_unique<IoLoop>(lane, options.memory, shared_, *this);
    if (!loop->open(options.usePoll ? makePollPoller() : makeDefaultPoller())) {
      error_ = errno;
      return;
    }
    loops_.push_back(std::move(loop));
  }
  published_.resize(loops_.size());
  pollerName_ = loops_[0]->poller().name();
  threaded_ = loops_.size() > 1 || descriptor() < 0;
  if (!threaded_) return;
  privateFiles_ = options.privateFiles && loops_.size() > 1;
  for (uint32_t i = 0; i < laneCount(); i++) {
    threads_.push_back(std::make_unique<IoThread>(*loops_[i], lanes_[i], waker));
    if (!privateFiles_) continue;
    channels_.push_back(std::make_unique<DescriptorChannel>());
    if (!channels_.back()->open()) error_ = errno;
  }
}

Reactor::~Reactor() { stop(); }

bool Reactor::configure(const char* name, uint64_t value) {
  if (stopped_) return true;
  const uint64_t before = shared_.settings.keepaliveSeconds;
  if (!shared_.settings.set(name, value)) return false;
  const uint64_t seconds = shared_.settings.keepaliveSeconds;
  if (seconds != before) onLane(0, [&] { loops_[0]->setKeepalive(static_cast<uint32_t>(seconds)); });
  // A lane that sleeps without end may have a timeout to watch now.
  for (const auto& loop : loops_) loop->poller().wake();
  return true;
}

int Reactor::listenTcp(const std::string& address, uint16_t port, int backlog, bool secure) {
  if (stopped_) return -EBADF;
  const auto keepalive = static_cast<uint32_t>(shared_.settings.keepaliveSeconds);
  const int fd = net::listenTcp(address, port, backlog, keepalive);
  if (fd < 0) return fd;
  const uint16_t bound = localEndpoint(fd).port;
  const int added = addListener(fd, "", secure);
  return added < 0 ? added : bound;
}

int Reactor::listenUnix(const std::string& path, uint32_t permissions, int backlog) {
  if (stopped_) return -EBADF;
  const int fd = net::listenUnix(path, permissions, backlog);
  return fd < 0 ? fd : addListener(fd, path, false);
}

// The first lane accepts for all. SO_REUSEPORT on a socket each would let a second server bind the same port unnoticed,
// and would spread few connections unevenly.
int Reactor::addListener(int fd, const std::string& path, bool secure) {
  if (!path.empty()) unixPaths_.push_back(path);
  const auto index = static_cast<uint8_t>(path.empty() ? 0 : unixPaths_.size() - 1);
  int result = 0;
  if (privateFiles_ && running_) {
    if (!channels_[0]->send(fd)) result = -errno;
    close(fd);
    if (result != 0) return result;
    onLane(0, [&] { result = openListener(channels_[0]->receive(), index, path, secure); });
  } else {
    onLane(0, [&] { result = openListener(fd, index, path, secure); });
  }
  return result;
}

// On the first lane: 0 or -errno.
int Reactor::openListener(int fd, uint8_t pathIndex, const std::string& path, bool secure) {
  if (fd < 0) return fd;
  return loops_[0]->listen(std::make_unique<Listener>(fd, pathIndex, path, secure)) ? 0 : -errno;
}

void Reactor::stopListening() {
  if (stopped_) return;
  onLane(0, [&] { loops_[0]->stopListening(); });
}

// Runs `job` where the lane's loop may be touched.
void Reactor::onLane(uint32_t lane, const std::function<void()>& job) {
  if (threaded_ && running_) {
    threads_[lane]->call(job);
  } else {
    job();
  }
}

// Called by the first lane: the lane with the fewest connections gets it.
void Reactor::deliver(const Accepted& accepted) {
  uint32_t best = 0;
  uint64_t fewest = ~uint64_t{0};
  for (uint32_t i = 0; i < laneCount(); i++) {
    const uint64_t promised = loops_[i]->promised();
    if (promised >= fewest) continue;
    fewest = promised;
    best = i;
  }
  loops_[best]->promise();
  if (best == 0) {
    loops_[0]->adopt(accepted);
  } else if (privateFiles_) {
    deliverAcross(best, accepted);
  } else {
    threads_[best]->post([loop = loops_[best].get(), accepted] { loop->adopt(accepted); });
  }
}

// Into the table of another thread. The descriptor goes first, so that whoever is told of it does not wait for it.
void Reactor::deliverAcross(uint32_t lane, const Accepted& accepted) {
  IoLoop* const loop = loops_[lane].get();
  DescriptorChannel* const channel = channels_[lane].get();
  if (!channel->send(accepted.fd)) {
    loops_[0]->stats().add(kAcceptErrors);
    return loop->forget(accepted.fd);
  }
  close(accepted.fd);
  threads_[lane]->post([loop, channel, accepted] {
    Accepted arrived = accepted;
    arrived.fd = channel->receive();
    if (arrived.fd >= 0) return loop->adopt(arrived);
    loop->stats().add(kAcceptErrors);
    loop->forget(arrived.fd);
  });
}

void Reactor::start(const std::vector<int>& sharedFiles) {
  if (running_ || stopped_) return;
  running_ = true;
  const std::vector<int> listeners = loops_[0]->listenerFiles();
  for (uint32_t i = 0; i < threads_.size(); i++) {
    std::vector<int> files;
    if (privateFiles_) files = filesOf(i);
    files.insert(files.end(), sharedFiles.begin(), sharedFiles.end());
    sleep(i);
    threads_[i]->start(std::move(files), privateFiles_);
  }
  if (privateFiles_) leaveListeners(listeners);
}

// What a thread with its own table needs of this one: its poller, its end of its channel. The first lane accepts for all:
// it needs the listeners, and all others' pollers to wake them.
std::vector<int> Reactor::filesOf(uint32_t lane) const {
  std::vector<int> files = {channels_[lane]->receiveEnd()};
  loops_[lane]->poller().listDescriptors(files);
  if (lane > 0) return files;
  for (uint32_t i = 1; i < laneCount(); i++) {
    files.push_back(channels_[i]->sendEnd());
    loops_[i]->poller().listDescriptors(files);
  }
  for (const int fd : loops_[0]->listenerFiles()) files.push_back(fd);
  return files;
}

// A listener is closed when nobody has it open any more, so only the first lane may have it.
void Reactor::leaveListeners(const std::vector<int>& listeners) {
  bool isTheirs = false;
  onLane(0, [&] { isTheirs = threads_[0]->hasOwnFiles(); });
  if (!isTheirs) return;
  for (const int fd : listeners) close(fd);
}

void Reactor::stop() {
  if (stopped_) return;
  stopped_ = true;
  if (running_ && !threaded_) loops_[0]->answer();
  for (const auto& thread : threads_) thread->stop();
  for (const auto& thread : threads_) thread->runPosted();
  for (const auto& loop : loops_) loop->closeAll();
  running_ = false;
}

bool Reactor::turn(Executor& executor) {
  if (!running_ || inTurn_) return false;
  inTurn_ = true;
  const bool again = threaded_ ? turnThreaded(executor) : turnInline(executor);
  inTurn_ = false;
  return again;
}

bool Reactor::turnInline(Executor& executor) {
  IoLoop& loop = *loops_[0];
  const uint64_t deadline = base::monotonicUs() + kBudgetUs;
  for (int turn = 0; turn < kTurns; turn++) {
    const bool ready = loop.wait(0) || loop.hasDue();
    if (!serve(executor, deadline)) return false;
    if (!ready || base::monotonicUs() >= deadline) break;
  }
  // An executor that leaves its records where they are knows when to go on.
  return loop.hasMore() || loop.hasDue() || (published(0) && !loop.drained());
}

bool Reactor::attentiveTurn(Executor& executor, int timeoutMs) {
  if (!running_ || inTurn_) return false;
  inTurn_ = true;
  IoLoop& loop = *loops_[0];
  const uint64_t deadline = base::monotonicUs() + kBudgetUs;
  bool ready;
  do {
    ready = loop.wait(timeoutMs) || loop.hasDue();
    if (!serve(executor, deadline)) break;
  } while (ready && !loop.hostIsReady() && base::monotonicUs() < deadline);
  inTurn_ = false;
  return ready || (published(0) && !loop.drained());
}

// Takes the events of the last wait through all stages. False if the executor stopped the reactor.
bool Reactor::serve(Executor& executor, uint64_t deadlineUs) {
  IoLoop& loop = *loops_[0];
  bool more;
  do {
    loop.collect();
    loop.publish();
    if (!loop.drained()) executor.onReady(0);
    if (!running_) return false;
    loop.answer();
    more = loop.publish() || loop.hasMore() || loop.hasDue();
  } while (more && base::monotonicUs() < deadlineUs);
  return true;
}

bool Reactor::turnThreaded(Executor& executor) {
  const uint64_t deadline = base::monotonicUs() + kBudgetUs;
  for (;;) {
    for (const ring::Lane& lane : lanes_) ring::endSleep(lane.word(abi::kJsSleeping));
    executor.onReady(-1);
    if (!running_) return false;
    bool more = false, moved = false;
    for (uint32_t i = 0; i < laneCount(); i++) {
      if (published(i)) {
        moved = true;
        flush(i);
      }
      more = !sleep(i) || more;
    }
    if (!more && !(moved && linger())) return false;
    if (!moved) break;
    if (base::monotonicUs() >= deadline) return true;
  }
  // It leaves its records where they are. It knows when to go on, and new ones wake it anyway.
  for (const ring::Lane& lane : lanes_) ring::announceSleep(lane.word(abi::kJsSleeping));
  return false;
}

// Looks a little longer for records, for a thread that has just had some: see IoThread::linger.
bool Reactor::linger() {
  for (const ring::Lane& lane : lanes_) ring::endSleep(lane.word(abi::kJsSleeping));
  const uint64_t deadline = base::monotonicUs() + kLingerUs;
  bool found = false;
  do {
    std::this_thread::yield();
    for (const ring::Lane& lane : lanes_) {
      const uint32_t tail = base::loadRelaxed(lane.word(abi::kDescTail));
      found = found || base::loadAcquire(lane.word(abi::kDescHead)) != tail;
    }
  } while (!found && base::monotonicUs() < deadline);
  for (uint32_t i = 0; i < laneCount(); i++) found = !sleep(i) || found;
  return found;
}

// Whether the execution thread has moved anything in a lane since this was last asked.
bool Reactor::published(uint32_t lane) {
  const uint32_t outHead = base::loadRelaxed(lanes_[lane].word(abi::kOutHead));
  const uint32_t descTail = base::loadRelaxed(lanes_[lane].word(abi::kDescTail));
  Published& seen = published_[lane];
  if (seen.outHead == outHead && seen.descTail == descTail) return false;
  seen = {outHead, descTail};
  return true;
}

// Frames were published outside of turn().
void Reactor::flush(uint32_t lane) {
  if (!running_) return;
  if (threaded_) {
    if (!ring::claimWake(lanes_[lane].word(abi::kIoSleeping))) return;
    loops_[lane]->poller().wake();
    stats_.add(kIoWakes);
    return;
  }
  if (inTurn_) return;
  loops_[0]->answer();
  // What was resumed or closed by that is for the execution thread, which is busy calling this. And a reply that was
  // not taken may have started a clock.
  const bool more = loops_[0]->publish() || !loops_[0]->drained() || loops_[0]->hasDue();
  const int patience = loops_[0]->patienceMs();
  if (more || patience == 0 || (!ticking_ && patience > 0)) loops_[0]->poller().wake();
}

int Reactor::patienceMs() {
  const int patience = threaded_ ? -1 : loops_[0]->patienceMs();
  ticking_ = patience >= 0;
  return patience;
}

void Reactor::reserve(uint32_t lane, uint32_t bytes) {
  IoLoop& loop = *loops_[lane];
  while (running_ && lanes_[lane].freeOutBytes() < bytes) {
    if (threaded_) {
      flush(lane);
      sched_yield();
    } else {
      loop.drainFrames();
    }
  }
}

bool Reactor::sleep(uint32_t lane) {
  if (stopped_) return true;
  uint32_t* const sleeping = lanes_[lane].word(abi::kJsSleeping);
  ring::announceSleep(sleeping);
  const uint32_t head = base::loadAcquire(lanes_[lane].word(abi::kDescHead));
  if (head == base::loadRelaxed(lanes_[lane].word(abi::kDescTail))) return true;
  ring::endSleep(sleeping);
  return false;
}

void Reactor::counters(double* into) const {
  for (uint32_t i = 0; i < kCounterCount; i++) {
    uint64_t total = stats_.counters[i];
    for (const auto& loop : loops_) total += loop->stats().counters[i];
    into[i] = static_cast<double>(total);
  }
}

uint32_t Reactor::nowSeconds() { return static_cast<uint32_t>(base::monotonicMs() / 1000); }

std::string Reactor::describe(const Endpoint& endpoint) const {
  if (endpoint.family == kUnix) return unixPaths_[endpoint.path] + ":0";
  const std::string address = endpoint.address();
  const std::string port = std::to_string(endpoint.port);
  return endpoint.family == kIpv6 ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace millrace::net
