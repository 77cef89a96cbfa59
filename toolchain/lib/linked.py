# SPDX-License-Identifier: Apache-2.0
"""Which sources end up in the binary, as which archives and with which others inside: what the notices and the bill of
materials are made from, beside the lock."""

import re

# In the lock for other reasons: no byte of theirs is in the binary.
NOT_LINKED = {"catch2"}

# The files that the linker takes of each, as its map names them (regular expressions). Header-only libraries have none:
# their code is in our objects. The crt files and the builtins are the compiler's own run time.
FILES = {
    "musl": r"libc\.a|r?crt1\.o|crt[in]\.o",
    "llvm": r"libc\+\+(abi)?\.a|libunwind\.a|(lib)?clang_rt\.[\w-]+\.[ao]",
    "zlib": r"libz\.a",
    "abseil": r"libabsl\.a",
    "protobuf": r"libprotobuf\.a",
    "openssl": r"lib(ssl|crypto)\.a",
    "grpc": r"libgrpc\.a",
    "mimalloc": r"mimalloc\.o",
    "libmicrohttpd": r"libmicrohttpd\.a",
}

# What some sources hold of others, or consist of: (name, SPDX licence, purpose). They have no release of their own there.
PARTS = {
    "llvm": (("libc++", "Apache-2.0 WITH LLVM-exception", "the C++ library"),
             ("libc++abi", "Apache-2.0 WITH LLVM-exception", "exceptions, type information"),
             ("libunwind", "Apache-2.0 WITH LLVM-exception", "unwinding the stack"),
             ("compiler-rt", "Apache-2.0 WITH LLVM-exception", "the compiler's run-time routines and start files")),
    "grpc": (("upb", "BSD-3-Clause", "messages inside gRPC"),
             ("address_sorting", "BSD-3-Clause", "order of addresses, RFC 6724"),
             ("utf8_range", "MIT", "checking UTF-8")),
}

_OURS = r"libiris_\w+\.a|[\w+.-]+\.cc\.o"
_FILE = re.compile(r"([\w+.-]+\.[ao])[(:]")


def source_of(file: str) -> str | None:
    """The source that a file of the linker's map is from; "" for our own. None: nobody has said."""
    for source, pattern in FILES.items():
        if re.fullmatch(pattern, file):
            return source
    return "" if re.fullmatch(_OURS, file) else None


def files_in_map(text: str) -> set[str]:
    """The archives and objects that the text of a linker's map (lld's) names. ThinLTO puts the output's name before what it
    made of one; what bears that name alone it made of all of them together: tables of virtual functions and of targets."""
    return {name.removeprefix("iris-predictor.lto.") for name in _FILE.findall(text)} - {"o"}
