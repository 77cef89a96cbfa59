# SPDX-License-Identifier: Apache-2.0
#
# Abseil: the parts that gRPC links.
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/checked.sh"
. "$(dirname "$0")/profiled.sh"

archive absl "$RECIPES/abseil.list" "" "-fno-rtti $FLAGS $MAP $NO_UNWIND $LTO -DNDEBUG" "$SOURCE"
headers "$SOURCE" absl
licence LICENSE
