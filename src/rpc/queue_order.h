// SPDX-License-Identifier: Apache-2.0
//
// What gRPC promises of a completion queue, said to the thread sanitizer: all that came before an event was started comes
// before its completion. gRPC sees to it with atomic operations that the sanitizer knows nothing of where gRPC was built
// without it, as Debian's is, and it would call every hand-over from a worker to a queue's thread a race. Nothing is said
// where no promise holds, so that a race of ours is still seen. Without the sanitizer these do nothing.

#pragma once

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IRIS_THREAD_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define IRIS_THREAD_SANITIZER 1
#endif

#ifdef IRIS_THREAD_SANITIZER
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace iris {

/// To be called with an event's tag right before it is started at a completion queue.
inline void BeforeStart([[maybe_unused]] void* tag) {
#ifdef IRIS_THREAD_SANITIZER
  __tsan_release(tag);
#endif
}

/// To be called with the tag that a completion queue gave back, before what it stands for is looked at.
inline void AfterCompletion([[maybe_unused]] void* tag) {
#ifdef IRIS_THREAD_SANITIZER
  __tsan_acquire(tag);
#endif
}

}  // namespace iris
