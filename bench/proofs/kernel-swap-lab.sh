#!/bin/sh
# The lab's side of kernel-swap.sh, and of a test: kernel-swap-lab.sh ROUNDS [OPTION OF lilyvm boot]... The module is loaded, /dev/vda is for swap.
# Runs the load twice: the host reclaims all it can of the machine over and over, then lets it have two thirds of its memory.
. ./kernel-lab.sh
rounds=$1
shift
sed "2i ROUNDS=$rounds" kernel-load.sh >load.sh
group=/sys/fs/cgroup/machine
mkswap /dev/vda >/dev/null && swapon /dev/vda && mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control && mkdir $group || exit 1
counter() {
	awk -v name="$1" '$1 == name { print $2 }' /proc/vmstat
}
# run NAME LIMIT OPTION...: the load under that limit of memory, pages reclaimed if there is none; it is right, and was swapped.
run() {
	name=$1 limit=$2 out=$(counter pswpout) in=$(counter pswpin) left=0
	shift 2
	echo "$limit" >$group/memory.max
	rm -f status
	{
		sh -c 'echo $$ >/sys/fs/cgroup/machine/cgroup.procs; exec lilyvm boot --engine kernel --memory 96M --script load.sh --counters=json "$@"' \
			sh "$@" </dev/null >output 2>counters
		echo $? >status
	} &
	while [ ! -s status ]; do
		usleep 300000
		# Everything again, each time that the machine has got some of it back: so it gets on, however slow this computer is.
		if [ "$limit" = max ] && [ "$(cat $group/memory.current)" -gt $((left + (8 << 20))) ]; then
			echo 200M >$group/memory.reclaim 2>/dev/null # fails unless it finds that much
			left=$(cat $group/memory.current)
		fi
	done
	wait
	out=$(($(counter pswpout) - out)) in=$(($(counter pswpin) - in))
	taken=$(sed -n 's/.*"host-flushes": *\([0-9]*\).*/\1/p' counters) asked=$(sed -n 's/.*"guest-pages": *\([0-9]*\).*/\1/p' counters)
	echo "$name: $(cat output), status $(cat status), $out pages swapped out, $in in; $taken times pages were taken, $asked asked for"
	[ "$(cat output)" = "$rounds rounds right" ] && [ "$(cat status)" = 0 ] && [ $out -gt 1000 ] && [ $in -gt 1000 ] && [ "$taken" -gt 0 ] || {
		cat counters
		exit 1
	}
}

before=$(free_pages)
run reclaim max "$@"
# What it used at its greatest, but for the kernel's own, which cannot be swapped.
run limit $(($(cat $group/memory.peak) * 2 / 3)) "$@"
swapoff /dev/vda && rmdir $group || exit 1
nothing_left "$before" 512 # the first machine leaves some hundred in the kernel's own caches
echo "$lost pages of memory fewer than before"
