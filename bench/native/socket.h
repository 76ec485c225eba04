// Opening connections, and the few socket calls that the modes share.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "options.h"

namespace millrace::loadgen {

// Ends the process with a message on standard error.
[[noreturn]] void fail(const std::string& message);

// Lets this process open as many descriptors as it may.
void raiseDescriptorLimit();

// A connected, blocking socket without Nagle's delay.
int connectTo(const Options& options);

// Opens all connections; some have been asked one PING.
std::vector<int> openConnections(const Options& options);

void makeNonBlocking(int fd);

// Sends a PING on a blocking socket and waits for its answer.
void pingOnce(int fd);

}  // namespace millrace::loadgen
