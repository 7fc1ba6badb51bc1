#!/usr/bin/env bash
# What primitives cost in a guest of the user engine, as ratios to the same static i386 program on this host in the same run; and 200 rounds of a shell
# script natively and in the guest, both on one CPU. Needs gcc-multilib; run it with nothing beside it. Usage: bench/primitives.sh [ROW...]
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=$(mktemp -d "${TMPDIR:-/tmp}/lilyvm-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

gcc -m32 -O2 -static -o "$work/micro" "$home/bench/micro/micro.c" || {
	echo "bench: the program cannot be built for i386; install gcc-multilib." >&2
	exit 1
}

# The guest's script carries the program.
{
	echo '#!/bin/sh'
	echo 'mkdir -p /tmp; base64 -d >/tmp/micro <<"END"'
	base64 "$work/micro"
	echo 'END'
	echo "chmod +x /tmp/micro; exec /tmp/micro $*"
} >"$work/script"

taskset -c 0 "$work/micro" "$@" >"$work/native"
"$home/lilyvm" boot --script "$work/script" --counters >"$work/guest" 2>"$work/counters"
printf '%-16s %14s %14s %8s\n' row "native ns" "guest ns" ratio
awk 'NR == FNR { native[$1] = $2; next } $1 in native { printf "%-16s %14.1f %14.1f %8.2f\n", $1, native[$1], $2, $2 / native[$1] }' "$work/native" "$work/guest"
grep -v ' 0$' "$work/counters"
