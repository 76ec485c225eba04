// The thread of a worker, and what each phase has it do.
#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "../base/private_files.h"
#include "../net/socket.h"

namespace millrace::soak {

Worker::Worker(const Plan& plan, uint32_t index, uint32_t first, uint32_t count)
    : plan_(plan),
      first_(first),
      dialer_(plan),
      script_(plan),
      links_(count),
      random_(plan.seed + index),
      buffer_(64 * 1024) {
  const uint32_t subscribers = std::min(count, plan.subscribers / plan.threads);
  topics_.resize((subscribers + kSubscribersATopic - 1) / kSubscribersATopic);
  for (uint32_t i = 0; i < topics_.size(); i++) topics_[i].channel = script_.channel(index * 10000 + i);
  for (uint32_t i = 0; i < subscribers; i++) links_[i].topic = i / kSubscribersATopic;
}

void Worker::start() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Worker::enter(Phase phase) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  next_ = 0;
  if (phase == Phase::kSweep) tally_.counts[kSwept] = 0;
}

void Worker::count(uint64_t* into) {
  const std::lock_guard lock(mutex_);
  for (uint32_t i = 0; i < kCountCount; i++) into[i] += tally_.counts[i];
}

void Worker::report(base::Histogram& latencies, std::vector<std::string>& faults) {
  const std::lock_guard lock(mutex_);
  latencies.add(tally_.latencies);
  tally_.latencies.reset();
  faults.insert(faults.end(), tally_.faults.begin(), tally_.faults.end());
  tally_.faults.clear();
}

void Worker::run() {
  const bool ready = !plan_.privateFiles || base::takePrivateFiles(nullptr, 0);
  poller_ = net::makeDefaultPoller();
  if (!ready || !poller_->open()) {
    const std::lock_guard lock(mutex_);
    tally_.faults.push_back(std::string("a thread cannot begin: ") + strerror(errno));
    tally_.counts[kFailedConnects]++;
    return;
  }
  bool busy = false;
  net::PollEvent events[kEvents];
  for (;;) {
    const int count = poller_->wait(events, kEvents, busy ? kBusyMs : kQuietMs);
    const std::lock_guard lock(mutex_);
    if (stopping_) break;
    for (int i = 0; i < count; i++) handle(events[i]);
    busy = advance();
  }
  closeAll();
  poller_->close();
}

// Begins what the phase asks for. Whether there is more to do than to wait for bytes.
bool Worker::advance() {
  switch (phase_) {
    case Phase::kRest:
    case Phase::kDrain:
      return tally_.counts[kBusyNow] > 0;
    case Phase::kOpen:
      open();
      return next_ < links_.size();
    case Phase::kSweep:
      sweep();
      return next_ < links_.size();
    case Phase::kRun:
      talk();
      return true;
    case Phase::kClose:
      closeAll();
      return false;
  }
  return false;
}

uint32_t Worker::window() const { return std::max(plan_.active / plan_.threads, 1u); }

// The queue of connections that the server has not accepted is short, and one that overflows it waits a second for the
// kernel's next try. So they are made in small lots, the last of which says hello: its reply says that all are accepted.
void Worker::open() {
  const uint32_t lot = std::max(384 / plan_.threads, 4u);
  if (dialing_ > 0 || greeting_ > 0) return;
  for (uint32_t i = 0; i < lot && next_ < links_.size(); i++, next_++) {
    if (links_[next_].state != State::kAbsent) continue;
    dialing_++;
    dial(next_);
  }
}

void Worker::sweep() {
  while (next_ < links_.size() && tally_.counts[kBusyNow] < std::max(window(), 64u)) {
    const uint32_t link = next_++;
    if (links_[link].state != State::kOpen && links_[link].state != State::kSubscribed) continue;
    if (links_[link].exchange != kNone) continue;
    script_.clear();
    if (links_[link].state == State::kSubscribed) {
      script_.ping(numberOf(link), ++links_[link].sequence);
    } else {
      script_.echo(numberOf(link), ++links_[link].sequence);
    }
    begin(link, Aim::kSweep);
  }
}

void Worker::talk() {
  if (!subscribed_ && !subscribeAll()) return;
  // Bounded, because some exchanges are over as soon as they have begun.
  for (uint32_t i = 0; i < window() && tally_.counts[kBusyNow] < window(); i++) beginTalk();
}

// True once all who are to subscribe have the server's word for it.
bool Worker::subscribeAll() {
  for (; next_ < links_.size() && links_[next_].topic != kNone; next_++) {
    if (unconfirmed_ >= 64) return false;
    if (links_[next_].state != State::kOpen || links_[next_].exchange != kNone) continue;
    script_.clear();
    script_.subscribe(topics_[links_[next_].topic].channel);
    unconfirmed_++;
    begin(next_, Aim::kSubscribe);
  }
  subscribed_ = unconfirmed_ == 0;
  return subscribed_;
}

// A connection on which nothing happens, kNone if it is not found soon.
uint32_t Worker::idleLink() {
  for (int attempt = 0; attempt < 16; attempt++) {
    const auto link = static_cast<uint32_t>(random() % links_.size());
    if (links_[link].state == State::kOpen && links_[link].exchange == kNone) return link;
  }
  return kNone;
}

void Worker::beginTalk() {
  const uint32_t link = idleLink();
  if (link == kNone) return;
  uint32_t total = 0;
  for (const uint32_t weight : plan_.weights) total += weight;
  auto draw = static_cast<uint32_t>(random() % std::max(total, 1u));
  uint32_t kind = 0;
  while (kind + 1 < kKinds && draw >= plan_.weights[kind]) draw -= plan_.weights[kind++];
  if (kind == static_cast<uint32_t>(Kind::kChurn)) return beginChurn(link);
  if (kind == static_cast<uint32_t>(Kind::kPubsub) && publish(link)) return;
  script_.clear();
  const uint32_t commands = kind == static_cast<uint32_t>(Kind::kPipeline) ? plan_.pipeline : 1;
  for (uint32_t i = 0; i < commands; i++) {
    script_.any(numberOf(link), ++links_[link].sequence, links_[link].belongings, static_cast<uint32_t>(random()));
  }
  begin(link, Aim::kTalk);
}

// Three ways to go: politely; in the middle of a command; with a reset while replies are on their way.
void Worker::beginChurn(uint32_t link) {
  script_.clear();
  script_.echo(numberOf(link), ++links_[link].sequence);
  const auto manner = random() % 3;
  if (manner == 0) return begin(link, Aim::kLeave);
  const std::string& request = script_.request;
  const size_t bytes = manner == 1 ? 1 + random() % (request.size() - 1) : request.size();
  [[maybe_unused]] const ssize_t ignored = net::sendBytes(links_[link].fd, request.data(), bytes);
  script_.clear();
  begin(link, Aim::kReturn);
  hangUp(link, manner == 2);
  dial(link);
}

bool Worker::publish(uint32_t link) {
  if (topics_.empty()) return false;
  const auto index = static_cast<uint32_t>(random() % topics_.size());
  Topic& topic = topics_[index];
  if (topic.locked || topic.subscribers == 0) return false;
  topic.locked = true;
  tally_.counts[kOwedNow] += topic.subscribers;
  script_.clear();
  script_.publish(topic.channel, topic.sequence++, topic.subscribers);
  begin(link, Aim::kPublish);
  if (links_[link].exchange != kNone) exchanges_[links_[link].exchange].topic = index;
  return true;
}

// What is still expected then will not come any more.
void Worker::closeAll() {
  if (tally_.counts[kOwedNow] > 0) note("subscribers did not receive all messages");
  tally_.counts[kLost] += tally_.counts[kOwedNow];
  tally_.counts[kOwedNow] = 0;
  for (uint32_t link = 0; link < links_.size(); link++) {
    if (links_[link].exchange != kNone) {
      note("connection " + std::to_string(numberOf(link)) + ": no reply");
      tally_.counts[kLost] += exchanges_[links_[link].exchange].commands;
      release(link);
    }
    hangUp(link, false);
  }
  dialing_ = 0;
}

}  // namespace millrace::soak
