// Reads replies as they arrive in pieces, and checks each against the command it answers.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "options.h"
#include "request.h"
#include "values.h"

namespace millrace::loadgen {

// Where one connection stands in the reply it is receiving.
struct ReplyState {
  std::string line;        // first line so far, when it came in pieces
  int64_t bodyLeft = 0;    // bytes of a bulk string and its line end still to come
  bool bodyRight = true;   // whether all of the body so far was as expected
  int64_t valuesLeft = 0;  // of a reply to any command: how many are still to come, those inside arrays, too
};

class ReplyChecker {
 public:
  ReplyChecker(const Options& options, const Values& values);

  // A command was sent.
  void sent(const Pending& pending) {
    if (pending.kind == Kind::kIncr) counters_[pending.key]++;
  }

  // Takes what [at, end) holds of the reply to `pending`; returns where it stopped, and in `whole` whether the reply
  // is complete.
  const char* take(ReplyState& state, const Pending& pending, const char* at, const char* end, bool& whole);

  // To be asked when all is answered: the counters must have passed through every number exactly once.
  bool countersAddUp() const;

  // The stream cannot be followed any further.
  bool lost() const { return lost_; }

  uint64_t hits() const { return hits_; }
  uint64_t misses() const { return misses_; }
  uint64_t errors() const { return errors_; }
  const std::string& firstError() const { return firstError_; }
  void resetHits() { hits_ = misses_ = 0; }

 private:
  const char* takeFast(const Pending& pending, const char* at, const char* end);
  const char* takeAny(ReplyState& state, const char* at, const char* end, bool& whole);
  int64_t takeAnyLine(ReplyState& state, const char* line, const char* lineEnd);
  void takeLine(ReplyState& state, const Pending& pending);
  const char* takeBody(ReplyState& state, const Pending& pending, const char* at, const char* end);
  bool takeCounter(const Pending& pending, const char* at, const char* end);
  void wrong(const std::string& what);

  const Values& values_;
  std::string bulkHead_;            // "$32\r\n"
  int64_t bulkBytes_;               // of a whole GET reply behind its head
  std::vector<uint32_t> counters_;  // INCRs sent for each key
  uint64_t counterSum_ = 0;         // of all their answers
  uint64_t hits_ = 0;
  uint64_t misses_ = 0;
  uint64_t errors_ = 0;
  std::string firstError_;
  bool lost_ = false;
};

}  // namespace millrace::loadgen
