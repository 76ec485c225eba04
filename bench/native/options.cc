#include "options.h"

#include <charconv>
#include <functional>
#include <string_view>
#include <utility>

namespace millrace::loadgen {

const char* const kUsage =
    "usage: loadgen [--name value]...\n"
    "  --mode load|hold|steady|connect|pubsub|forget   load (default): as fast as replies come\n"
    "                            hold: open all connections, wait for a line, one PING on each, wait for a "
    "line\n"
    "                            connect: how fast a full listen queue is accepted; takes --pid\n"
    "                            steady: PING at a fixed rate on one connection until standard input ends\n"
    "                            pubsub: one connection publishes to all others, --pipeline messages at a time\n"
    "                            forget: all ask for the value of `large`, nobody reads it, until standard input "
    "ends\n"
    "  --host 127.0.0.1 --port 6379\n"
    "  --connections 50          at most 20000 (and what the limit of open files allows)\n"
    "  --pipeline 1              commands sent together; the next follow when all are answered\n"
    "  --mix get:10,set:1        ping, get, set, incr, mset (10 keys), with weights\n"
    "  --command 'HGET h f:__rand_int__'   in place of a mix; __value__ stands for a value; of the replies only the "
    "form "
    "is checked, and nils are counted as misses\n"
    "  --keys 1000000            size of the key space; keys are key:000000000000 and up\n"
    "  --distribution uniform|zipf|sequential   --theta 0.99 (exponent of zipf)\n"
    "  --value-bytes 32\n"
    "  --seconds 2               measured time, after --warmup-seconds 0\n"
    "  --requests 0              measured number instead of a time\n"
    "  --rate 1000               of --mode steady, commands per second; of forget, clients that come anew\n"
    "  --pid 0                   the server's, for --mode connect, and for steady to tell its waits for a processor apart\n"
    "  --seed 1                  of the keys; a second INCR run on the same data needs another one\n"
    "Results are printed as one line of JSON.\n";

namespace {

template <typename Number>
bool parseNumber(std::string_view text, Number low, Number high, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size() && into >= low && into <= high;
}

template <typename Value, size_t Count>
bool parseWord(std::string_view text, const std::pair<std::string_view, Value> (&words)[Count], Value& into) {
  for (const auto& [word, value] : words) {
    if (word != text) continue;
    into = value;
    return true;
  }
  return false;
}

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"ping", Kind::kPing}, {"get", Kind::kGet}, {"set", Kind::kSet}, {"incr", Kind::kIncr}, {"mset", Kind::kMset}};
constexpr std::pair<std::string_view, Mode> kModes[] = {{"load", Mode::kLoad},     {"hold", Mode::kHold},
                                                        {"steady", Mode::kSteady}, {"connect", Mode::kConnect},
                                                        {"pubsub", Mode::kPubsub}, {"forget", Mode::kForget}};
constexpr std::pair<std::string_view, Distribution> kDistributions[] = {
    {"uniform", Distribution::kUniform}, {"zipf", Distribution::kZipf}, {"sequential", Distribution::kSequential}};

bool parseMix(std::string_view text, std::vector<Share>& into) {
  into.clear();
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const size_t colon = item.find(':');
    Share share{Kind::kPing, 1};
    if (!parseWord(item.substr(0, colon), kKinds, share.kind)) return false;
    if (colon != item.npos && !parseNumber(item.substr(colon + 1), 1u, 1000u, share.weight)) return false;
    into.push_back(share);
    text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
  }
  return !into.empty();
}

}  // namespace

bool parseOptions(int argc, char** argv, Options& options, std::string& problem) {
  using Text = std::string_view;
  const std::pair<Text, std::function<bool(Text)>> known[] = {
      {"--mode", [&](Text t) { return parseWord(t, kModes, options.mode); }},
      {"--host", [&](Text t) { return options.host = t, true; }},
      {"--port", [&](Text t) { return parseNumber(t, 1u, 65535u, options.port); }},
      {"--connections", [&](Text t) { return parseNumber(t, 1u, 20'000u, options.connections); }},
      {"--pipeline", [&](Text t) { return parseNumber(t, 1u, 10'000u, options.pipeline); }},
      {"--mix", [&](Text t) { return parseMix(t, options.mix); }},
      {"--command",
       [&](Text t) {
         options.mix = {{Kind::kCommand, 1}};
         options.command = t;
         return !t.empty();
       }},
      {"--keys", [&](Text t) { return parseNumber(t, 1u, 4'000'000'000u, options.keys); }},
      {"--distribution", [&](Text t) { return parseWord(t, kDistributions, options.distribution); }},
      {"--theta", [&](Text t) { return parseNumber(t, 0.01, 10.0, options.theta); }},
      {"--value-bytes", [&](Text t) { return parseNumber(t, 1u, 64u << 20, options.valueBytes); }},
      {"--seconds", [&](Text t) { return parseNumber(t, 0.01, 86'400.0, options.seconds); }},
      {"--warmup-seconds", [&](Text t) { return parseNumber(t, 0.0, 3'600.0, options.warmupSeconds); }},
      {"--requests", [&](Text t) { return parseNumber<uint64_t>(t, 0, UINT64_MAX, options.requests); }},
      {"--rate", [&](Text t) { return parseNumber(t, 1u, 100'000u, options.rate); }},
      {"--pid", [&](Text t) { return parseNumber(t, 2u, 1u << 30, options.pid); }},
      {"--seed", [&](Text t) { return parseNumber<uint64_t>(t, 0, UINT64_MAX, options.seed); }},
  };
  for (int i = 1; i < argc; i += 2) {
    const Text name = argv[i];
    if (name == "--help") return false;
    bool found = false;
    for (const auto& [option, apply] : known) {
      if (option != name) continue;
      found = true;
      if (i + 1 < argc && apply(argv[i + 1])) continue;
      problem = "bad or missing value of " + std::string(name);
      return false;
    }
    if (!found) {
      problem = "unknown option " + std::string(name);
      return false;
    }
  }
  return true;
}

}  // namespace millrace::loadgen
