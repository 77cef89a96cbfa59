# SPDX-License-Identifier: Apache-2.0
#
# Sourced after checked.sh by the recipes of libraries that calls go through.

llvm-profdata-19 merge -o profile.profdata "$RECIPES/../profile.txt"
LTO="$LTO $(grep -v '^#' "$RECIPES/../flags_profiled.txt" | sed "s|@PROFILE@|$PWD/profile.profdata|" | tr '\n' ' ')"
