// SPDX-License-Identifier: Apache-2.0

#include "src/rpc/thread_room.h"

#include <pthread.h>

#include <array>
#include <cstddef>
#include <latch>
#include <string>

#include "src/base/text.h"

namespace iris {
namespace {

// Timers, executors, event engine: seven at first on two processors; one to end them; a few that come with the load.
constexpr std::size_t kGrpcThreads = 10;

constexpr std::size_t kStackBytes = std::size_t{256} << 10;  // less than theirs: memory is not what is asked about

void* WaitForEnd(void* latch) {
  static_cast<std::latch*>(latch)->wait();
  return nullptr;
}

}  // namespace

Result<void> CheckThreadRoom() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  std::latch end(1);
  std::array<pthread_t, kGrpcThreads> threads;
  std::size_t started = 0;
  int error = 0;
  while (started < kGrpcThreads && error == 0) {
    error = pthread_create(&threads[started], &attributes, WaitForEnd, &end);
    if (error == 0) ++started;
  }
  pthread_attr_destroy(&attributes);
  end.count_down();
  for (std::size_t i = 0; i < started; ++i) pthread_join(threads[i], nullptr);
  if (error == 0) return {};
  return Fail(ErrorCode::kIo, "cannot start the " + std::to_string(kGrpcThreads) + " threads that gRPC needs: " +
                                  SystemReason(error) + "; raise the limit on processes (ulimit -u, TasksMax=)");
}

}  // namespace iris
