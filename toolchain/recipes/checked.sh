# SPDX-License-Identifier: Apache-2.0
#
# Sourced after common.sh by the recipes of libraries whose calls are checked.

LTO=$(grep -v '^#' "$RECIPES/../flags_checked.txt" | tr '\n' ' ')
