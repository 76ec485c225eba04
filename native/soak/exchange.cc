// Sockets of a worker, the bytes on them, and what follows from those.
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "../net/socket.h"
#include "judge.h"
#include "worker.h"

namespace millrace::soak {
namespace {

uint64_t nowNs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

void Worker::note(const std::string& text) {
  if (tally_.faults.size() < kFaults) tally_.faults.push_back(text);
}

void Worker::handle(const net::PollEvent& event) {
  const auto index = static_cast<uint32_t>(event.token);
  const auto life = static_cast<uint32_t>(event.token >> 32);
  Link& link = links_[index];
  if (link.life != life) return;
  if (link.state == State::kDialing) return dialed(index);
  if (event.ready & net::kWritable) send(index);
  if (link.life == life && event.ready & (net::kReadable | net::kHangup)) receive(index);
}

// Spreads the connections of all workers over all source addresses.
void Worker::dial(uint32_t index) {
  Link& link = links_[index];
  link.life++;
  const int fd = dialer_.dial(numberOf(index) + link.life * 7);
  const uint64_t token = uint64_t{link.life} << 32 | index;
  if (fd >= 0 && poller_->add(fd, token, net::kWritable)) {
    link.fd = fd;
    link.state = State::kDialing;
    return;
  }
  const int reason = fd < 0 ? -fd : errno;
  if (fd >= 0) close(fd);
  tally_.counts[kFailedConnects]++;
  note("connection " + std::to_string(numberOf(index)) + ": " + strerror(reason));
  if (link.exchange == kNone) {
    dialing_--;
  } else {
    release(index);
  }
}

void Worker::dialed(uint32_t index) {
  Link& link = links_[index];
  const bool isFirst = link.exchange == kNone;
  if (isFirst) dialing_--;
  if (const int error = Dialer::outcome(link.fd); error != 0) {
    tally_.counts[kFailedConnects]++;
    note("connection " + std::to_string(numberOf(index)) + ": " + strerror(error));
    if (!isFirst) release(index);
    return hangUp(index, true);
  }
  link.state = State::kOpen;
  link.messageBytes = 0;
  tally_.counts[kOpenNow]++;
  tally_.counts[kConnects]++;
  watch(index, net::kReadable);
  if (!isFirst || dialing_ == 0 || !plan_.password.empty()) greet(index);
}

// The first words on a connection, which also tell that the server has accepted it and all before it.
void Worker::greet(uint32_t index) {
  script_.clear();
  if (!plan_.password.empty()) script_.auth();
  script_.echo(numberOf(index), ++links_[index].sequence);
  if (links_[index].exchange != kNone) return post(index);
  greeting_++;
  begin(index, Aim::kHello);
}

// Starts an exchange of what the script says; without words it only reserves the connection.
void Worker::begin(uint32_t index, Aim aim) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(exchanges_.size()));
    exchanges_.emplace_back();
  }
  links_[index].exchange = free_.back();
  free_.pop_back();
  tally_.counts[kBusyNow]++;
  Exchange& exchange = exchanges_[links_[index].exchange];
  exchange.link = index;
  exchange.aim = aim;
  exchange.topic = kNone;
  exchange.timed = aim == Aim::kTalk || aim == Aim::kSweep;
  post(index);
}

void Worker::post(uint32_t index) {
  Exchange& exchange = exchanges_[links_[index].exchange];
  std::swap(exchange.request, script_.request);
  std::swap(exchange.expected, script_.expected);
  exchange.commands = script_.commands;
  exchange.sent = exchange.matched = 0;
  if (exchange.request.empty()) return;
  exchange.sentNs = nowNs();
  send(index);
}

void Worker::send(uint32_t index) {
  Link& link = links_[index];
  if (link.exchange == kNone) return watch(index, net::kReadable);
  Exchange& exchange = exchanges_[link.exchange];
  const size_t rest = exchange.request.size() - exchange.sent;
  const ssize_t sent = net::sendBytes(link.fd, exchange.request.data() + exchange.sent, rest);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    return lose(index, kDropped, std::string("the server does not take a request: ") + strerror(errno));
  }
  const bool waited = exchange.sent > 0;
  exchange.sent += static_cast<size_t>(std::max<ssize_t>(sent, 0));
  const bool whole = exchange.sent == exchange.request.size();
  if (!whole || waited) watch(index, whole ? net::kReadable : net::kReadable | net::kWritable);
}

void Worker::watch(uint32_t index, uint32_t interest) {
  poller_->modify(links_[index].fd, uint64_t{links_[index].life} << 32 | index, interest);
}

void Worker::receive(uint32_t index) {
  Link& link = links_[index];
  const ssize_t got = recv(link.fd, buffer_.data(), buffer_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    return lose(index, kDropped, got == 0 ? "closed by the server" : std::string("lost: ") + strerror(errno));
  }
  std::string_view bytes(buffer_.data(), static_cast<size_t>(got));
  const uint32_t life = link.life;
  if (link.state == State::kSubscribed && link.exchange == kNone) bytes = takeMessages(index, bytes);
  if (link.life != life || bytes.empty()) return;
  if (link.exchange == kNone || !match(index, bytes)) {
    std::string_view expected;
    if (link.exchange != kNone) expected = exchanges_[link.exchange].expected;
    if (link.exchange != kNone) expected.remove_prefix(exchanges_[link.exchange].matched);
    const Verdict verdict = judge(plan_, numberOf(index), expected, bytes);
    return lose(index, verdict.count, verdict.text);
  }
  const Exchange& exchange = exchanges_[link.exchange];
  if (exchange.matched == exchange.expected.size()) finish(index);
}

// Whether the bytes are a part of what the exchange expects.
bool Worker::match(uint32_t index, std::string_view bytes) {
  Exchange& exchange = exchanges_[links_[index].exchange];
  if (exchange.expected.compare(exchange.matched, bytes.size(), bytes) != 0) return false;
  exchange.matched += bytes.size();
  return true;
}

// Takes the messages that the bytes begin with; returns what is none.
std::string_view Worker::takeMessages(uint32_t index, std::string_view bytes) {
  Link& link = links_[index];
  const Topic& topic = topics_[link.topic];
  while (!bytes.empty()) {
    Script::message(message_, topic.channel, link.nextMessage);
    const size_t count = std::min(bytes.size(), message_.size() - link.messageBytes);
    if (link.nextMessage == topic.sequence || message_.compare(link.messageBytes, count, bytes.substr(0, count)) != 0) {
      lose(index, kLost, "another message than number " + std::to_string(link.nextMessage) + " of " + topic.channel);
      return {};
    }
    bytes.remove_prefix(count);
    link.messageBytes += static_cast<uint32_t>(count);
    if (link.messageBytes < message_.size()) continue;
    link.messageBytes = 0;
    link.nextMessage++;
    tally_.counts[kMessages]++;
    tally_.counts[kOwedNow]--;
  }
  return bytes;
}

// All replies have come and were right.
void Worker::finish(uint32_t index) {
  Link& link = links_[index];
  Exchange& exchange = exchanges_[link.exchange];
  tally_.counts[kCommands] += exchange.commands;
  if (exchange.timed) tally_.latencies.record(nowNs() - exchange.sentNs, 1);
  if (exchange.aim == Aim::kLeave) {
    exchange.aim = Aim::kReturn;
    hangUp(index, false);
    return dial(index);
  }
  if (exchange.aim == Aim::kSweep) tally_.counts[kSwept]++;
  if (exchange.aim == Aim::kSubscribe) {
    Topic& topic = topics_[link.topic];
    link.state = State::kSubscribed;
    link.nextMessage = topic.sequence;
    topic.subscribers++;
  }
  release(index);
}

// The connection has failed: it is given up.
void Worker::lose(uint32_t index, Count count, const std::string& text) {
  Link& link = links_[index];
  tally_.counts[count]++;
  note(count == kDropped || count == kLost ? "connection " + std::to_string(numberOf(index)) + ": " + text : text);
  if (link.exchange != kNone) release(index);
  if (link.state == State::kSubscribed) {
    Topic& topic = topics_[link.topic];
    topic.subscribers--;
    tally_.counts[kOwedNow] -= topic.sequence - link.nextMessage;
  }
  hangUp(index, true);
}

void Worker::hangUp(uint32_t index, bool reset) {
  Link& link = links_[index];
  if (link.state == State::kAbsent) return;
  if (link.state != State::kDialing) tally_.counts[kOpenNow]--;
  poller_->remove(link.fd);
  if (reset) {
    Dialer::reset(link.fd);
  } else {
    close(link.fd);
  }
  tally_.counts[kCloses]++;
  link.fd = -1;
  link.life++;
  link.state = State::kAbsent;
}

void Worker::release(uint32_t index) {
  Link& link = links_[index];
  Exchange& exchange = exchanges_[link.exchange];
  if (exchange.aim == Aim::kHello) greeting_--;
  if (exchange.aim == Aim::kSubscribe) unconfirmed_--;
  if (exchange.topic != kNone) topics_[exchange.topic].locked = false;
  free_.push_back(link.exchange);
  link.exchange = kNone;
  tally_.counts[kBusyNow]--;
}

}  // namespace millrace::soak
