// The modes of the generator; each returns the process's exit code.
#pragma once
#include "options.h"

namespace millrace::loadgen {

int runLoad(const Options& options);
int runHold(const Options& options);
int runSteady(const Options& options);
int runConnect(const Options& options);
int runPubsub(const Options& options);
int runForget(const Options& options);

}  // namespace millrace::loadgen
