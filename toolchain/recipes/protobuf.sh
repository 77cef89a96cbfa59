# SPDX-License-Identifier: Apache-2.0
#
# The full protobuf runtime (reflection needs descriptors).
. "$(dirname "$0")/common.sh"

archive protobuf "$RECIPES/protobuf.list" "" "$FLAGS $MAP $NO_UNWIND $LTO -DNDEBUG -DHAVE_PTHREAD" \
  "$SOURCE/src"
headers "$SOURCE/src" google/protobuf
# google/rpc/status.proto imports it; its code is in the list.
cp "$SOURCE/src/google/protobuf/any.proto" "$OUT/usr/include/google/protobuf/"
licence LICENSE
