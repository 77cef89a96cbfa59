# SPDX-License-Identifier: Apache-2.0
#
# HTTP/1 for the admin endpoint: one event loop over a listening socket of ours. Without TLS, which also leaves the choice
# between its two licences, and without all that a GET does not need.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/checked.sh"

CFLAGS="$FLAGS $MAP $NO_UNWIND $LTO -DNDEBUG -w" CPPFLAGS="" LDFLAGS="-static-pie" "$SOURCE/configure" \
  --host="$TARGET" --prefix=/usr --enable-static --disable-shared --disable-dependency-tracking --with-threads=posix \
  --enable-epoll --disable-https --disable-messages --disable-bauth --disable-dauth --disable-md5 --disable-sha256 \
  --disable-sha512-256 --disable-postprocessor --disable-cookie --disable-httpupgrade --disable-sendfile \
  --disable-doc --disable-examples --disable-tools --disable-curl \
  --disable-experimental
make -C src/include -j "$JOBS"
make -C src/microhttpd -j "$JOBS" libmicrohttpd.la
mkdir -p "$OUT/usr/lib" "$OUT/usr/include"
cp src/microhttpd/.libs/libmicrohttpd.a "$OUT/usr/lib/"
cp "$SOURCE/src/include/microhttpd.h" "$OUT/usr/include/"
licence COPYING
