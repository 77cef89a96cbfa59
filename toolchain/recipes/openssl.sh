# SPDX-License-Identifier: Apache-2.0
#
# TLS 1.2 and 1.3, server and client, without what gRPC never calls: old protocols, ciphers and hashes that neither
# version uses, finite-field Diffie-Hellman, engines and loadable modules, CMS, OCSP, time stamps and the like. NPN
# stays: gRPC refers to it. What has no option to leave it out is left out by toolchain/patches/openssl-*.
# -Oz: what needs to be fast is assembly.
. "$(dirname "$0")/common.sh"

perl "$SOURCE/crypto/objects/obj_dat.pl" "$SOURCE/include/openssl/obj_mac.h" "$RECIPES/openssl-objects.list" >obj_dat.h
mv obj_dat.h "$SOURCE/crypto/objects/obj_dat.h"

case $ARCH in
  x86_64) platform=linux-x86_64-clang ;;
  aarch64) platform=linux-aarch64 ;;
  *) echo "no OpenSSL platform known for $ARCH; add it here" >&2; exit 1 ;;
esac
perl "$SOURCE/Configure" "$platform" --prefix=/usr --libdir=lib --openssldir=/etc/ssl \
  no-shared no-pic no-dso no-engine no-dynamic-engine no-module no-legacy no-tests no-async no-autoload-config \
  no-ssl3 no-tls1 no-tls1_1 no-dtls no-srp no-srtp no-psk no-comp no-sctp no-ct no-ocsp no-cms no-cmp no-ts \
  no-aria no-bf no-blake2 no-camellia no-cast no-des no-dh no-dsa no-ec2m no-gost no-idea no-md4 no-mdc2 no-multiblock \
  no-ocb no-rc2 no-rc4 no-rfc3779 no-rmd160 no-scrypt no-seed no-siphash no-siv no-sm2 no-sm3 no-sm4 no-whirlpool \
  no-ui-console no-uplink no-capieng no-filenames no-ssl-trace enable-ec_nistp_64_gcc_128 \
  $FLAGS -Oz $MAP $NO_UNWIND $LTO -fsplit-lto-unit -DOPENSSL_PEDANTIC_ZEROIZATION >configure.log
make -j "$JOBS" build_libs >make.log
mkdir -p "$OUT/usr/lib" "$OUT/usr/include"
cp libssl.a libcrypto.a "$OUT/usr/lib/"
cp -r "$SOURCE/include/openssl" "$OUT/usr/include/"
cp -r include/openssl "$OUT/usr/include/"
find "$OUT/usr/include" -name '*.in' -delete
licence LICENSE.txt
