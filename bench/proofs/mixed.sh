#!/usr/bin/env bash
# Compiler, shell, disk, pipes, timers and computation at once in one guest for MINUTES (default 30), each result checked; then the disk,
# the guest's log and what is left on the host. Usage: bench/proofs/mixed.sh [MINUTES]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=$(awk -v m="${1:-30}" 'BEGIN { print int(m * 60) }')
"$lilyvm" guest rootfs debian --with-compiler >/dev/null
cp --sparse=always "$("$lilyvm" guest path debian disk --with-compiler)" "$work/disk.ext4"
{
	echo '#!/bin/sh'
	echo 'cat >/tmp/mixed.c <<"END"'
	cat "$proofs/mixed.c"
	echo END
	echo "SECONDS_TO_RUN=$seconds"
	cat "$proofs/mixed-guest.sh"
} >"$work/script"

setsid --wait "$lilyvm" boot --engine user --memory 256M --counters --script "$work/script" --drive "file=$work/disk.ext4" 2>"$work/counters" &
machine=$!
status=0
wait "$machine" || status=$?
grep -vE ' 0$' "$work/counters"
gone "$machine"
((status == 0)) || fail "the guest's script ended with status $status."
e2fsck -fn "$work/disk.ext4" >"$work/e2fsck" 2>&1 || fail "the disk has errors: $(cat "$work/e2fsck")"
echo "disk: $(tail -1 "$work/e2fsck")"
