# SPDX-License-Identifier: Apache-2.0
#
# JSON for model files and --json. Headers only, used by every preset: $OUT/common/include.
. "$(dirname "$0")/common.sh"

mkdir -p "$OUT/common/include"
cp -r "$SOURCE/include/nlohmann" "$OUT/common/include/"
licence LICENSE.MIT
