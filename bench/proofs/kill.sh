#!/usr/bin/env bash
# Kills the VM process with SIGKILL at N random moments (default 30), every third of them about the boot and the others while the guest
# writes to a journaling ext4 disk. Each time: no process of it is left, no temporary file, the guest's own kernel recovers the journal at
# the next mount, every file that had been synced before is there with the right content, and e2fsck finds no error. Usage:
# bench/proofs/kill.sh [N [SEED]]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

times=${1:-30}
RANDOM=${2:-$$}
echo "seed ${2:-$$}"
mkdir "$work/temporary"
export TMPDIR=$work/temporary

# With the disk, but not as the root file system; and with a temporary file.
boot=("$lilyvm" boot -append lilyvm.root= --drive "file=$work/disk" --drive "file=$work/disk2,snapshot=on")
truncate -s 8M "$work/disk2"
recovered=0 synced_in_all=0
for ((i = 1; i <= times; i++)); do
	rm -f "$work/disk"
	mke2fs -q -F -t ext4 -J size=4 "$work/disk" 64M >/dev/null 2>&1
	# In seconds: from the first synced file on, or from the start, where a boot takes some tenths, longer on a busy host.
	((i % 3)) && moment=$((RANDOM % 3)).$(printf %03d $((RANDOM % 1000))) || moment=0.$(printf %03d $((RANDOM % 500)))
	setsid --wait "${boot[@]}" --script "$proofs/kill-load.sh" >"$work/output" 2>"$work/errors" &
	machine=$!
	if ((i % 3)); then
		timeout 120 sh -c 'until grep -q synced "$0"; do sleep 0.05; done' "$work/output" || fail "nothing is synced: $(cat "$work/errors")"
	fi
	sleep "$moment"
	kill -KILL "$machine"
	wait "$machine" 2>/dev/null || true
	gone "$machine"
	[[ -z $(ls -A "$TMPDIR") ]] || fail "after $moment s files are left: $(ls -A "$TMPDIR")"
	synced=$(grep -c '^synced' "$work/output" || true)
	printf '#!/bin/sh\nSYNCED=%d\n' "$synced" | cat - "$proofs/kill-verify.sh" >"$work/verify"
	"${boot[@]}" --script "$work/verify" >"$work/verified" 2>&1 || fail "after $moment s with $synced files synced: $(cat "$work/verified")"
	e2fsck -fn "$work/disk" >"$work/e2fsck" 2>&1 || fail "after $moment s: $(cat "$work/e2fsck")"
	recovered=$((recovered + $(grep -c 'recovery complete' "$work/verified" || true)))
	synced_in_all=$((synced_in_all + synced))
done
echo "$times kills, $recovered journals recovered, $synced_in_all synced files checked:" \
	"no process or file left, no synced content lost, no error on a disk"
