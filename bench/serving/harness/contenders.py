# SPDX-License-Identifier: Apache-2.0
"""Who takes part."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    title: str
    packages: tuple = ()  # Debian's, without which it cannot be built
    tls: bool = False
    cxx: bool = False  # a stock server of gRPC's C++ library


OURS, OURS_TLS, PYTHON, SYNC, CALLBACK, GO, RUST, LEAST = (
    "ours", "ours_tls", "python", "grpc_sync", "grpc_callback", "go", "rust", "nghttp2")
GRPC_CXX = ("libgrpc++-dev", "libprotobuf-dev", "protobuf-compiler-grpc", "libstdc++-12-dev", "pkg-config")

CONTENDERS = (
    Contender(OURS, "ours"),
    Contender(OURS_TLS, "ours, TLS", tls=True),
    Contender(PYTHON, "the tutorial's Python server", ("python3-grpcio", "python3-grpc-tools", "python3-sklearn")),
    Contender(SYNC, "gRPC C++, synchronous", GRPC_CXX, cxx=True),
    Contender(CALLBACK, "gRPC C++, callbacks", GRPC_CXX, cxx=True),
    Contender(GO, "gRPC Go", ("golang-go", "golang-google-grpc-dev", "golang-goprotobuf-dev")),
    Contender(RUST, "gRPC Rust (tonic)"),
    Contender(LEAST, "the limit: nghttp2, one thread", ("libnghttp2-dev", "libstdc++-12-dev")),
)
TITLES = {each.name: each.title for each in CONTENDERS}
