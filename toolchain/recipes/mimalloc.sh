# SPDX-License-Identifier: Apache-2.0
#
# The allocator, as one object that defines malloc and its kin and is linked first (as an archive it would clash with
# musl's). Native code, not bitcode: link-time optimisation may not reason about malloc's own body. With musl's malloc
# the server answers a third of the calls. __USE_ISOC11 is how its source asks whether to define aligned_alloc, which
# libc++ allocates exceptions with; glibc's headers set it, musl's do not. MIMALLOC_* variables are not followed.
. "$(dirname "$0")/common.sh"

mkdir -p "$OUT/usr/lib"
$CC $FLAGS $MAP $NO_UNWIND -O2 -std=gnu11 -DNDEBUG -DMI_MALLOC_OVERRIDE -D__USE_ISOC11=1 -DMI_STATIC_LIB -DMI_NO_GETENV \
  -I"$SOURCE/include" -ftls-model=local-exec -fno-builtin-malloc -c "$SOURCE/src/static.c" -o "$OUT/usr/lib/mimalloc.o"
for symbol in malloc calloc realloc free aligned_alloc memalign posix_memalign malloc_usable_size; do
  $NM "$OUT/usr/lib/mimalloc.o" | grep -q " T $symbol$" || { echo "mimalloc does not define $symbol" >&2; exit 1; }
done
licence LICENSE
