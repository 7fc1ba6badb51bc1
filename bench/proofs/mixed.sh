#!/usr/bin/env bash
# Compiler, shell, disk, pipes, timers and computation at once in one guest for MINUTES (default 30), each result checked; then the disk,
# the guest's log and what is left on the host. The user engine, in the lab if this host cannot run it. Usage: bench/proofs/mixed.sh [MINUTES]
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

boot=(boot --engine user --memory 256M --counters --script)
if user_engine_works; then
	command=("$lilyvm" "${boot[@]}" "$work/script" --drive "file=$work/disk.ext4")
else
	command=("${user_lab[@]}" --timeout $((seconds * 2 + 600)) --disk "$work/disk.ext4" --file "$work/script" -- lilyvm "${boot[@]}" script --drive file=/dev/vda)
fi
setsid --wait "${command[@]}" 2>"$work/counters" &
machine=$!
status=0
wait "$machine" || status=$?
grep -vE ' 0$' "$work/counters"
gone "$machine"
((status == 0)) || fail "the guest's script ended with status $status."
e2fsck -fn "$work/disk.ext4" >"$work/e2fsck" 2>&1 || fail "the disk has errors: $(cat "$work/e2fsck")"
echo "disk: $(tail -1 "$work/e2fsck")"
