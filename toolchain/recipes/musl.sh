# SPDX-License-Identifier: Apache-2.0
#
# The C library, static only, with the kernel's user-space headers of the build machine beside its own.
. "$(dirname "$0")/common.sh"

CFLAGS="$MAP -ffunction-sections -fdata-sections -ftrivial-auto-var-init=zero" \
  "$SOURCE/configure" --target="$TARGET" --prefix=/usr --syslibdir=/lib --disable-shared --disable-wrapper
make -j "$JOBS" >make.log
make DESTDIR="$OUT" install >install.log

# Debian keeps asm/ per architecture; a foreign one comes from linux-libc-dev-<arch>-cross.
for folder in "/usr/$ARCH-linux-gnu/include" /usr/include; do
  if [ -d "$folder/linux" ]; then cp -r "$folder/linux" "$folder/asm-generic" "$OUT/usr/include/"; break; fi
done
for folder in "/usr/$ARCH-linux-gnu/include/asm" "/usr/include/$ARCH-linux-gnu/asm"; do
  if [ -d "$folder" ]; then cp -r "$folder" "$OUT/usr/include/asm"; break; fi
done
[ -e "$OUT/usr/include/asm/unistd.h" ] || { echo "no kernel headers for $ARCH: install linux-libc-dev" >&2; exit 1; }
licence COPYRIGHT
