# SPDX-License-Identifier: Apache-2.0
#
# Abseil and gRPC as the release has them, patches and all, but for glibc and with sanitizers (toolchain/sanitized). What
# nobody patched much, and strangers do not reach (protobuf, OpenSSL, zlib), stays Debian's.
#   SANITIZERS  for -fsanitize=        ABSEIL, GRPC   the unpacked and patched sources
#   OUT, JOBS, RECIPES                 as in common.sh
# The working folder is empty and temporary.

set -eu
export LC_ALL=C CC=clang-19 CXX=clang++-19

# NDEBUG: gRPC's public classes have other members without it, and our code is compiled with it.
flags="-O1 -gline-tables-only -DNDEBUG -fno-omit-frame-pointer"
flags="$flags -fsanitize=$SANITIZERS -fno-sanitize=vptr -fno-sanitize-recover=all"
grpc_flags="$flags -DGRPC_NO_XDS -DGRPC_NO_RLS -DGRPC_ARES=0"

archive() { # NAME SOURCE C_FLAGS CXX_FLAGS INCLUDE...
  name=$1 source=$2 c_flags=$3 cxx_flags=$4
  shift 4
  cmake -G Ninja -S "$RECIPES/archive" -B "$name" -Wno-dev -DCMAKE_BUILD_TYPE= -DNAME="$name" -DSOURCE="$source" \
    -DLIST="$RECIPES/$LIST" -DINCLUDES="$(printf '%s;' "$@")" -DCMAKE_C_FLAGS="$c_flags -w" -DCMAKE_CXX_FLAGS="$cxx_flags -w"
  ninja -C "$name" -j "$JOBS"
  mkdir -p "$OUT/lib"
  mv "$name/lib$name.a" "$OUT/lib/"
}

headers() { # FOLDER SUBFOLDER
  mkdir -p "$OUT/include"
  (cd "$1" && find "$2" \( -name '*.h' -o -name '*.inc' \) -print0 | LC_ALL=C sort -z) |
    rsync -a --files-from=- --from0 "$1/" "$OUT/include/"
}

LIST=abseil.list archive absl "$ABSEIL" "" "$flags" "$ABSEIL"
LIST=grpc.list archive grpc "$GRPC" "$grpc_flags -std=gnu11" \
  "$grpc_flags -Wno-missing-template-arg-list-after-template-kw" \
  "$GRPC/include" "$GRPC/src/core/ext/upb-generated" "$GRPC/third_party/upb" \
  "$GRPC/third_party/address_sorting/include" "$ABSEIL"
headers "$ABSEIL" absl
headers "$GRPC/include" grpc
headers "$GRPC/include" grpcpp
headers "$GRPC/include" grpc++
