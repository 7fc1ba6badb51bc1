#!/bin/sh
# The lab's side of kernel-debug.sh: each guest here ends well, Linux computes right under each policy, the module goes and comes back, and lockdep is still on.
. ./kernel-lab.sh
dmesg | grep -q 'KernelAddressSanitizer initialized' || { echo "this kernel has no KASAN"; exit 1; }
number=0
for guest in *.elf; do
	timeout 120 lilyvm run --engine kernel --memory 32M --kernel "$guest" </dev/null >output 2>&1
	status=$?
	[ $status -eq 0 ] || { echo "$guest: status $status: $(tail -3 output)"; exit 1; }
	number=$((number + 1))
done
echo "$number small guests end well"
sed "2i ROUNDS=2" kernel-load.sh >load.sh
for policies in "sync lazy" "lazy eager" "scan lazy"; do
	lilyvm boot --engine kernel --mmu "${policies% *}" --fpu "${policies#* }" --memory 64M --script load.sh </dev/null >output 2>errors
	status=$?
	[ "$status $(cat output)" = "0 2 rounds right" ] || { echo "Linux, $policies: status $status: $(cat output errors)"; exit 1; }
done
echo "Linux computes right under three policies"
for lock in '&vm->lock' '&vm->frames'; do
	grep -qF "$lock" /proc/lockdep || { echo "lockdep has not seen $lock of the module"; exit 1; }
done
i=0
while [ $i -lt 50 ]; do
	i=$((i + 1))
	rmmod lilyvm && insmod /lib/modules/*-lilyvm.ko || { echo "unload and load, round $i"; exit 1; }
done
grep -q '^ *debug_locks: *1' /proc/lockdep_stats || { echo "lockdep is off"; exit 1; } # after its first complaint, or when it runs out of room
echo "$i times unloaded and loaded; lockdep is on and knows $(awk '$1 == "lock-classes:" { print $2 }' /proc/lockdep_stats) classes of locks"
