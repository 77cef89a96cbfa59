# SPDX-License-Identifier: Apache-2.0
#
# The lite runtime: messages without descriptors. What reflection tells is read from what protoc writes.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/checked.sh"
. "$(dirname "$0")/profiled.sh"

archive protobuf "$RECIPES/protobuf.list" "" "-fno-rtti $FLAGS $MAP $NO_UNWIND $LTO -DNDEBUG -DHAVE_PTHREAD" \
  "$SOURCE/src"
headers "$SOURCE/src" google/protobuf
# google/rpc/status.proto imports it; its code is in the list.
cp "$SOURCE/src/google/protobuf/any.proto" "$OUT/usr/include/google/protobuf/"
licence LICENSE
