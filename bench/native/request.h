// Writes commands of the mix, and says what each expects as its answer.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "options.h"
#include "values.h"

namespace millrace::loadgen {

struct Pending {
  Kind kind;
  uint32_t key;
};

class RequestWriter {
 public:
  RequestWriter(const Options& options, const Values& values);

  // No command of the mix is longer.
  size_t maxBytes() const { return maxBytes_; }

  // Writes one command at `at`; returns where it ends.
  char* write(char* at, Pending& pending);

 private:
  // Command text in which only key and value change: `head` up to the key, then the key's digits, then `tail`, and
  // for SET and MSET the value and a line end.
  struct Template {
    std::string head;
    std::string tail;
  };

  Kind pick();
  void parseCommand(const Options& options);
  char* writeKeyed(char* at, const Template& text, uint32_t key) const;
  char* writeCommand(char* at);
  char* writeValue(char* at, uint32_t key) const;

  const Values& values_;
  KeySource keys_;
  std::vector<Kind> wheel_;  // each kind as often as its weight says
  size_t maxBytes_;
  Template get_;
  Template set_;
  Template incr_;
  Template msetItem_;
  std::vector<std::string> command_;  // between these pieces stand random numbers
};

}  // namespace millrace::loadgen
