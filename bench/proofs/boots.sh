#!/usr/bin/env bash
# 20 boots in a row, then 4 machines at once, 3 times: each runs 200 rounds of fork and exec and prints what the others print. After each
# machine no process of it, no temporary file and no shared memory is left. A minute. Usage: bench/proofs/boots.sh [OPTION OF BOOT...]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

options=("$@")
mkdir "$work/temporary"
export TMPDIR=$work/temporary
shared=$(ls -A /dev/shm)
truncate -s 8M "$work/disk"
printf '#!/bin/sh\n/scripts/forks; ps | grep -c " /scripts/[f]orks"; dmesg | grep -E "BUG|Oops|WARNING"\ntrue\n' >"$work/script"

# The files themselves: to find the prepared guest, machines would wait for whoever builds guests just now, and say so.
kernel=$("$lilyvm" guest path linux kernel)
initrd=$("$lilyvm" guest path linux initrd)

# boot NAME: in a session of its own, with a temporary file.
boot() {
	exec setsid --wait "$lilyvm" boot -kernel "$kernel" -initrd "$initrd" -append "loglevel=3 lilyvm.root=" "${options[@]}" \
		--drive "file=$work/disk,snapshot=on" --script "$work/script" >"$work/$1" 2>&1
}

# ended NAME PROCESS: it printed what it should and left nothing.
ended() {
	wait "$2" || fail "machine $1 ended with status $?: $(cat "$work/$1")"
	[[ $(<"$work/$1") == $'200 rounds, last word ji\n0' ]] || fail "machine $1 printed: $(cat "$work/$1")"
	gone "$2"
}

for ((i = 0; i < 20; i++)); do
	boot "row-$i" &
	ended "row-$i" $!
done
echo "20 boots in a row: all the same, nothing left"
for round in 1 2 3; do
	processes=()
	for ((i = 0; i < 4; i++)); do
		boot "beside-$round-$i" &
		processes+=($!)
	done
	for ((i = 0; i < 4; i++)); do
		ended "beside-$round-$i" "${processes[i]}"
	done
done
echo "3 times 4 at once: all the same, nothing left"
[[ -z $(ls -A "$TMPDIR") ]] || fail "files are left: $(ls -A "$TMPDIR")"
[[ $(ls -A /dev/shm) == "$shared" ]] || fail "shared memory is left: $(ls -A /dev/shm)"
