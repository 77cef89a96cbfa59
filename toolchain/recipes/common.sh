# SPDX-License-Identifier: Apache-2.0
#
# Sourced first by every recipe. The builder sets:
#   TARGET    the target triple (x86_64-linux-musl)      ARCH     its first part
#   SOURCE    the unpacked and patched source            OUT      where the result goes (a sysroot: usr/include, usr/lib)
#   SYSROOT   what the steps before have made            JOBS     how many compilers at once
#   RECIPES   the folder of this file                    FLAGS    compiler flags, from flags.txt
# On the PATH stand $TARGET-clang and $TARGET-clang++, which know target and sysroot, so that no path of this machine
# gets into what a library records of its own compiler flags.
# The working folder is empty and temporary.

set -eu
export LC_ALL=C TZ=UTC0
export CC="$TARGET-clang" CXX="$TARGET-clang++" AR=llvm-ar-19 RANLIB=llvm-ranlib-19 NM=llvm-nm-19
# The compiler is given source files as seen from the working folder (toolchain/lib/compilers.py).
MAP="-ffile-prefix-map=$SOURCE/= -ffile-prefix-map=$PWD/= -ffile-prefix-map=../source/="
# Code that never throws and that no exception passes through: no tables for unwinding it.
NO_UNWIND="-fno-exceptions -fno-unwind-tables -fno-asynchronous-unwind-tables"
LTO="-flto=thin"

licence() { # FILE...: keeps the notices that a binary with this library in it must carry
  mkdir -p "$OUT/licenses"
  for file; do cp "$SOURCE/$file" "$OUT/licenses/$(basename "$0" .sh)-$(basename "$file")"; done
}

archive() { # NAME LIST C_FLAGS CXX_FLAGS INCLUDE...: builds lib<NAME>.a from the sources that LIST names
  name=$1 list=$2 c_flags=$3 cxx_flags=$4
  shift 4
  includes=$(printf '%s;' "$@")
  cmake -G Ninja -S "$RECIPES/archive" -B . -Wno-dev \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$ARCH" -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
    -DCMAKE_AR="$(command -v $AR)" -DCMAKE_RANLIB="$(command -v $RANLIB)" -DCMAKE_BUILD_TYPE= \
    -DNAME="$name" -DSOURCE="$SOURCE" -DLIST="$list" -DINCLUDES="$includes" \
    -DCMAKE_C_FLAGS="$c_flags -w" -DCMAKE_CXX_FLAGS="$cxx_flags -w"
  ninja -j "$JOBS"
  mkdir -p "$OUT/usr/lib"
  cp "lib$name.a" "$OUT/usr/lib/"
}

headers() { # FOLDER SUBFOLDER: copies FOLDER/SUBFOLDER's headers to the sysroot
  (cd "$1" && find "$2" \( -name '*.h' -o -name '*.inc' -o -name '*.hpp' \) -print0 | LC_ALL=C sort -z) |
    rsync -a --files-from=- --from0 "$1/" "$OUT/usr/include/"
}
