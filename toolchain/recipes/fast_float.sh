# SPDX-License-Identifier: Apache-2.0
#
# Correctly rounded numbers from text. Headers only, used by every preset: $OUT/common/include.
. "$(dirname "$0")/common.sh"

mkdir -p "$OUT/common/include"
cp -r "$SOURCE/include/fast_float" "$OUT/common/include/"
licence LICENSE-MIT
