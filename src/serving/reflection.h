// SPDX-License-Identifier: Apache-2.0
//
// gRPC server reflection for one builder. gRPC's own switch works on every builder of the process, and is thrown by
// merely linking its library; this one decides for each server.

#pragma once

#include <grpcpp/server_builder.h>

namespace iris {

/// Serves, or does not serve, grpc.reflection.v1alpha on the server that `builder` makes. With it the server also has
/// gRPC's pool of blocking threads, kept small: reflection is for a person who explores.
void SetReflection(grpc::ServerBuilder& builder, bool on);

}  // namespace iris
