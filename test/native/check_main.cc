// Runs the registered cases; see check.h.
#include <signal.h>

#include <cstring>

#include "check.h"

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  const char* wanted = argc > 1 ? argv[1] : "";
  int ran = 0;
  for (const check::Case& one : check::cases()) {
    if (std::strstr(one.title, wanted) == nullptr) continue;
    const int before = check::failures();
    std::cout << one.title << std::endl;
    check::title() = one.title;
    one.body();
    ran++;
    if (check::failures() != before) std::cout << "  FAILED" << std::endl;
  }
  std::cout << ran << " cases, " << check::failures() << " failed checks" << std::endl;
  return ran == 0 || check::failures() != 0 ? 1 : 0;
}
