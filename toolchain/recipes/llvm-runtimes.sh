# SPDX-License-Identifier: Apache-2.0
#
# What C++ stands on: compiler-rt's builtins (what the compiler itself calls, 128-bit arithmetic and the like) with the
# start and end objects of a program, then libunwind, libc++abi and libc++, static, with libc++'s "fast" hardening
# (bounds checks that stay in the release). The builtins are always ours, so that every target takes the same way.
. "$(dirname "$0")/common.sh"

configure() { # FOLDER SUBFOLDER OPTION...: configures one of LLVM's projects
  folder=$1 project=$2
  shift 2
  cmake -G Ninja -S "$SOURCE/$project" -B "$folder" -Wno-dev \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$ARCH" -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_AR="$(command -v $AR)" -DCMAKE_RANLIB="$(command -v $RANLIB)" \
    -DCMAKE_C_COMPILER_TARGET="$TARGET" -DCMAKE_CXX_COMPILER_TARGET="$TARGET" -DCMAKE_ASM_COMPILER_TARGET="$TARGET" \
    -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG -DCMAKE_CXX_FLAGS_RELEASE=-DNDEBUG \
    -DCMAKE_C_FLAGS="$FLAGS $MAP" -DCMAKE_CXX_FLAGS="$FLAGS $MAP" -DCMAKE_ASM_FLAGS="$MAP" "$@"
}

configure builtins compiler-rt/lib/builtins \
  -DCMAKE_ASM_COMPILER="$(command -v "$CC")" -DCMAKE_MODULE_PATH="$SOURCE/cmake/Modules" \
  -DLLVM_CMAKE_DIR="$SOURCE/llvm/cmake/modules" -DLLVM_CONFIG_PATH="$(command -v llvm-config-19)" \
  -DCOMPILER_RT_DEFAULT_TARGET_ONLY=ON -DCOMPILER_RT_BUILD_CRT=ON -DCAN_TARGET_"$ARCH"=ON
ninja -C builtins -j "$JOBS"
resource=$OUT/resource
mkdir -p "$resource/lib/linux"
cp -r "$(clang-19 -print-resource-dir)/include" "$resource/include"
for part in libclang_rt.builtins.a clang_rt.crtbegin.o clang_rt.crtend.o; do
  name=${part%.*} extension=${part##*.}
  find builtins \( -name "$name-$ARCH.$extension" -o -name "$part" \) -exec \
    cp {} "$resource/lib/linux/$name-$ARCH.$extension" \;
  [ -e "$resource/lib/linux/$name-$ARCH.$extension" ] || { echo "compiler-rt did not make $part" >&2; exit 1; }
done

configure libcxx runtimes -DCMAKE_INSTALL_PREFIX=/usr -DLLVM_ENABLE_RUNTIMES="libunwind;libcxxabi;libcxx" \
  -DLLVM_INCLUDE_TESTS=OFF -DLLVM_INCLUDE_DOCS=OFF -DLLVM_ENABLE_PER_TARGET_RUNTIME_DIR=OFF \
  -DLIBUNWIND_ENABLE_SHARED=OFF -DLIBUNWIND_USE_COMPILER_RT=ON -DLIBUNWIND_INCLUDE_TESTS=OFF \
  -DLIBCXXABI_ENABLE_SHARED=OFF -DLIBCXXABI_USE_COMPILER_RT=ON -DLIBCXXABI_USE_LLVM_UNWINDER=ON \
  -DLIBCXXABI_ENABLE_STATIC_UNWINDER=ON -DLIBCXXABI_INCLUDE_TESTS=OFF -DLIBCXXABI_NON_DEMANGLING_TERMINATE=ON \
  -DLIBCXX_ENABLE_SHARED=OFF -DLIBCXX_USE_COMPILER_RT=ON -DLIBCXX_HAS_MUSL_LIBC=ON \
  -DLIBCXX_ENABLE_STATIC_ABI_LIBRARY=ON -DLIBCXX_CXX_ABI=libcxxabi -DLIBCXX_HARDENING_MODE=fast \
  -DLIBCXX_INCLUDE_TESTS=OFF -DLIBCXX_INCLUDE_BENCHMARKS=OFF -DLIBCXX_INCLUDE_DOCS=OFF
ninja -C libcxx -j "$JOBS"
DESTDIR="$OUT" ninja -C libcxx install >install.log
licence libcxx/LICENSE.TXT
mv "$OUT/licenses/llvm-runtimes-LICENSE.TXT" "$OUT/licenses/llvm-LICENSE.TXT"
