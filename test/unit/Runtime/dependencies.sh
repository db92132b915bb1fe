#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The runtime library depends on libc, libm and the loader only, exports the C interface only, and
# is small. Usage: dependencies.sh READELF STRIP LIBRARY
set -eu
others=$("$1" -d "$3" | grep NEEDED | grep -v -E 'lib(c|m|dl|pthread)\.so|ld-linux' || true)
[ -z "$others" ] || { echo "unwanted dependencies: $others"; exit 1; }
exports=$("$1" --dyn-syms -W "$3" | awk '$7 != "UND" && $5 == "GLOBAL" { print $8 }' | grep -v '^optc_' || true)
[ -z "$exports" ] || { echo "unwanted exports: $exports"; exit 1; }
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
"$2" -o "$stripped" "$3"
size=$(wc -c < "$stripped")
[ "$size" -lt 400000 ] || { echo "$size bytes, more than 400000"; exit 1; }
echo "$size bytes stripped"
