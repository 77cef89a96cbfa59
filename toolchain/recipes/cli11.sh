# SPDX-License-Identifier: Apache-2.0
#
# The command line. Headers only, used by every preset: $OUT/common/include.
. "$(dirname "$0")/common.sh"

mkdir -p "$OUT/common/include"
cp -r "$SOURCE/include/CLI" "$OUT/common/include/"
licence LICENSE
