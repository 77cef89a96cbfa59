# SPDX-License-Identifier: Apache-2.0
"""What is built, from which source, and what it stands on: the whole build as one table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One recipe: toolchain/recipes/<name>.sh.

    source: entry of sources.lock that is unpacked (and patched) for it.
    unpack: the parts of the source that it needs; empty for all of it.
    needs:  steps whose output it sees as its sysroot.
    files:  what it reads beside its own script, relative to toolchain/.
    """

    name: str
    source: str
    needs: tuple[str, ...] = ()
    unpack: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


LLVM_RUNTIMES = ("runtimes", "compiler-rt", "libcxx", "libcxxabi", "libunwind", "cmake", "llvm/cmake",
                 "llvm/utils/llvm-lit", "third-party", "libc")

ARCHIVE = ("recipes/archive/CMakeLists.txt",)
CHECKED = ("recipes/checked.sh", "flags_checked.txt")
PROFILED = (*CHECKED, "recipes/profiled.sh", "flags_profiled.txt", "profile.txt")

STEPS = (
    Step("musl", "musl"),
    Step("llvm-runtimes", "llvm", ("musl",), LLVM_RUNTIMES),
    Step("openssl", "openssl", ("musl",), files=("recipes/openssl-objects.list",)),
    Step("abseil", "abseil", ("llvm-runtimes",), files=(*ARCHIVE, *PROFILED, "recipes/abseil.list")),
    Step("protobuf", "protobuf", ("llvm-runtimes",), files=(*ARCHIVE, *PROFILED, "recipes/protobuf.list")),
    Step("zlib", "zlib", ("musl",), files=(*ARCHIVE, *CHECKED, "recipes/zlib.list")),
    Step("mimalloc", "mimalloc", ("musl",)),
    Step("grpc", "grpc", ("abseil", "protobuf", "openssl", "zlib"), files=(*ARCHIVE, *PROFILED, "recipes/grpc.list")),
    Step("libmicrohttpd", "libmicrohttpd", ("llvm-runtimes",), files=CHECKED),
    Step("nlohmann_json", "nlohmann_json", unpack=("include", "LICENSE.MIT")),
    Step("fast_float", "fast_float"),
    Step("catch2", "catch2", unpack=("extras", "LICENSE.txt")),
)
