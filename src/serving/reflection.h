// SPDX-License-Identifier: Apache-2.0
//
// gRPC server reflection as methods: how a client without .proto files asks for them. Of our own, because gRPC's holds
// a thread for each stream, knows v1alpha only, repeats in an answer what was in those before, and can be kept busy for
// hours by one message full of dots (the pool that it asks looks at every part of a name).

#pragma once

#include <string>
#include <vector>

#include "src/rpc/method.h"

namespace iris {

/// Adds grpc.reflection.v1 and v1alpha, which list `services` and describe everything that is linked in. `services` are
/// the full names of all services of the server, these two among them. No drain waits for a reflection stream: it is up
/// to its caller when it ends.
void AddReflection(Methods& methods, std::vector<std::string> services);

}  // namespace iris
