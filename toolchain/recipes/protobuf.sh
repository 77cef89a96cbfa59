# SPDX-License-Identifier: Apache-2.0
#
# The full protobuf runtime (reflection needs descriptors).
. "$(dirname "$0")/common.sh"

archive protobuf "$RECIPES/protobuf.list" "" "$FLAGS $MAP $NO_UNWIND $LTO -DNDEBUG -DHAVE_PTHREAD" \
  "$SOURCE/src"
headers "$SOURCE/src" google/protobuf
licence LICENSE
