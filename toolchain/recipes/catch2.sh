# SPDX-License-Identifier: Apache-2.0
#
# The test framework, as its amalgamated pair of files; every preset compiles it with its own flags.
. "$(dirname "$0")/common.sh"

mkdir -p "$OUT/common/catch2"
cp "$SOURCE/extras/catch_amalgamated.hpp" "$SOURCE/extras/catch_amalgamated.cpp" "$OUT/common/catch2/"
licence LICENSE.txt
