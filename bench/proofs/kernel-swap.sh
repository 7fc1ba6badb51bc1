#!/usr/bin/env bash
# In the lab, with a real swap device: the host takes a machine's memory away while the guest compiles and computes under the kernel engine.
# Each result is right, pages were swapped, nothing is left. 10 minutes. Usage: bench/proofs/kernel-swap.sh [ROUNDS]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$lilyvm" guest rootfs debian --arch i386 --with-compiler >/dev/null
cp --sparse=always "$("$lilyvm" guest path debian disk --arch i386 --with-compiler)" "$work/disk.ext4" # the lab writes to its disks
truncate -s 512M "$work/swap"
"$lilyvm" lab --timeout 3600 --disk "$work/swap" --disk "$work/disk.ext4" --file "$proofs/kernel-swap-lab.sh" --file "$proofs/kernel-lab.sh" --file "$module_tests/memory.sh" --file "$proofs/kernel-load.sh" -- \
	sh kernel-swap-lab.sh "${1:-6}" --drive file=/dev/vdb,snapshot=on || fail "status $?"
