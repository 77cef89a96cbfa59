# SPDX-License-Identifier: Apache-2.0
#
# gzip for gRPC messages.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/checked.sh"

archive z "$RECIPES/zlib.list" "$FLAGS $MAP $NO_UNWIND $LTO -DHAVE_UNISTD_H" "" "$SOURCE"
mkdir -p "$OUT/usr/include"
cp "$SOURCE/zlib.h" "$SOURCE/zconf.h" "$OUT/usr/include/"
licence LICENSE
