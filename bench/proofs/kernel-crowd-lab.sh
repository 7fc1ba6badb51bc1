#!/bin/sh
# The lab's side of kernel-crowd.sh: kernel-crowd-lab.sh ROUNDS [MACHINES AT A TIME]... The module is loaded.
. ./kernel-lab.sh
module=$(echo /lib/modules/*-lilyvm.ko)
echo 0 >/proc/sys/kernel/printk # an NMI that nobody sent on purpose is an emergency to Linux
sed "2i ROUNDS=$1" kernel-load.sh >load.sh
nmis() {
	awk '/NMI:/ { print $2 + $3 }' /proc/interrupts
}
# machines NUMBER: that many Linux guests at once; each must come to the right end. Then the module goes and comes back.
machines() {
	i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1))
		(lilyvm boot --engine kernel --memory 64M --script load.sh </dev/null >output.$i 2>errors.$i; echo "status $?" >>output.$i) &
	done
	wait
	i=0
	while [ $i -lt "$1" ]; do
		i=$((i + 1))
		[ "$(cat output.$i)" = "$rounds rounds right
status 0" ] || { echo "machine $i of $1: $(cat output.$i errors.$i)"; exit 1; }
	done
	rmmod lilyvm && insmod "$module" || { echo "the module does not go and come back"; exit 1; }
}

rounds=$1 total=1
shift
[ $# -gt 0 ] || set -- 2 4 2 4
machines 1
before=$(free_pages)
for number; do
	machines "$number"
	total=$((total + number))
done
i=0
while [ $i -lt 100 ]; do
	i=$((i + 1))
	rmmod lilyvm && insmod "$module" || { echo "unload and load, round $i"; exit 1; }
done
nothing_left "$before" 256 # the kernel's own numbers go up and down by some dozens
echo "$total machines right, $* at once on $(nproc) processors; $i times unloaded and loaded; $(nmis) NMIs; $lost pages of memory fewer than after the first"
