#!/usr/bin/env bash
# Boots and fills 100 MB of a guest's memory under less and less of the host's: in a memory cgroup (root), with few open files, small
# files and few processes. Each time the guest does its work, or lilyvm ends by one sentence or the host's OOM killer; it never hangs, and
# nothing is left. Usage: bench/proofs/pressure.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir "$work/temporary"
export TMPDIR=$work/temporary
truncate -s 8M "$work/disk"
printf '#!/bin/sh\n/scripts/forks && dd if=/dev/zero of=/tmp/zeros bs=1M count=100 2>/dev/null && echo "it works"\n' >"$work/script"

group=
leave_group() {
	clean_up
	[[ -z $group ]] && return
	until rmdir "$group" 2>/dev/null; do
		sleep 0.1 # what was killed is still ending
	done
}
trap leave_group EXIT

# A cgroup below our own, of either version; empty if there is none.
make_group() {
	local name=lilyvm-proof-$$ base
	base=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
	if ! grep -q ':memory:' /proc/self/cgroup; then
		base=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
		grep -qw memory "$base/cgroup.subtree_control" 2>/dev/null || return 0
	fi
	mkdir "$base/$name" 2>/dev/null && group=$base/$name
	return 0
}

# limit_group BYTES: memory and swap.
limit_group() {
	if [[ -e $group/memory.max ]]; then
		echo "$1" >"$group/memory.max"
		echo 0 >"$group/memory.swap.max"
	else
		echo -1 >"$group/memory.memsw.limit_in_bytes"
		echo "$1" >"$group/memory.limit_in_bytes"
		echo "$1" >"$group/memory.memsw.limit_in_bytes"
	fi
}

# try NAME [COMMAND...]: runs the guest under that command.
try() {
	local name=$1 status=0 machine words
	shift
	setsid --wait timeout -k 5 120 "$@" "${program[@]}" >"$work/output" 2>"$work/errors" &
	machine=$!
	wait "$machine" 2>/dev/null || status=$?
	words=$(grep '^lilyvm: ' "$work/errors" | head -1 || true)
	case $status in
	0)
		[[ $(tail -1 "$work/output") == "it works" ]] || fail "$name: status 0 without its work: $(cat "$work/output" "$work/errors")"
		words="it works"
		;;
	124) fail "$name: it hangs." ;;
	137) words="ended by the OOM killer" ;;
	*) [[ $words ]] && ! grep -q '^   at ' "$work/errors" || fail "$name: status $status without a sentence: $(head -5 "$work/errors")" ;;
	esac
	printf '%-28s %s\n' "$name" "$words"
	gone "$machine"
	[[ -z $(ls -A "$TMPDIR") ]] || [[ $status -eq 137 ]] || fail "$name: files are left: $(ls -A "$TMPDIR")"
	rm -rf "${TMPDIR:?}"/*
}

# Where another user can read it; for a given kernel the program needs nothing of the project.
cp "$("$lilyvm" guest path linux kernel)" "$work/kernel"
cp "$("$lilyvm" guest path linux initrd)" "$work/initrd"
chmod 755 "$work"
chmod 1777 "$TMPDIR"
program=("$lilyvm" boot -kernel "$work/kernel" -initrd "$work/initrd" -append 'loglevel=3 lilyvm.root='
	--drive "file=$work/disk,snapshot=on" --script "$work/script")

make_group
if [[ $group ]]; then
	for megabytes in 256 192 160 128 96 64 48 32 16 8; do
		limit_group $((megabytes << 20))
		# shellcheck disable=SC2016 # the inner shell expands them
		try "memory $megabytes MiB" sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group"
	done
else
	echo "no cgroup can be made here: the memory rows are left out"
fi
for files in 64 20 16 8; do
	try "$files open files" prlimit --nofile=$files:$files
done
for bytes in 300000000 200000000 1000000; do
	try "files of $bytes bytes" prlimit --fsize=$bytes
done
# A number of processes limits everybody but root. With fewer than these .NET itself cannot go on, and says so at length.
if ((EUID == 0)); then
	for processes in 200 50 30 20; do
		try "$processes processes" setpriv --reuid=54321 --regid=54321 --clear-groups prlimit --nproc=$processes
	done
fi
