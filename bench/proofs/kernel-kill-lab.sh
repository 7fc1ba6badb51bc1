#!/bin/sh
# The lab's side of kernel-kill.sh: kernel-kill-lab.sh TIMES SEED. The module is loaded.
. ./kernel-lab.sh
times=$1
echo 4 >/proc/sys/vm/drop_caches # not to tell each time
# The last thing that the host's boot has to say, a second after all else.
until dmesg | grep -q 'Switched to clocksource tsc$'; do usleep 100000; done
dmesg -c >/dev/null
random() { # below $1
	awk -v seed="$seed" -v below="$1" 'BEGIN { srand(seed); print int(rand() * below) }'
}

i=0 linux=0 before=
while [ $i -lt "$times" ]; do
	i=$((i + 1)) seed=$(($2 + i))
	if [ $((i % 10)) -eq 0 ]; then
		linux=$((linux + 1))
		lilyvm boot --engine kernel --memory 64M --script load.sh </dev/null >output 2>&1 &
		moment=$(random 6000000)
	else
		lilyvm run --engine kernel --memory 32M --kernel typist.elf </dev/null >output 2>&1 &
		moment=$(random 800000)
	fi
	machine=$!
	usleep "$moment"
	kill -9 $machine || { echo "round $i, after $moment us: it had ended: $(cat output)"; exit 1; }
	wait $machine 2>/dev/null
	[ $i -ne 10 ] || before=$(free_pages) # by then the host's kernel has what it keeps of the first ones
done
nothing_left "$before" 256 # the kernel's own numbers go up and down by some dozens
# QEMU's own host may be busy: that is told as a slow interrupt.
dmesg | grep -v 'hrtimer: interrupt took' && { echo "is what the kernel said"; exit 1; }
echo "$i kills ($linux of Linux): no process left, the module removed, the kernel silent," \
	"$lost pages of memory fewer than after the first 10"
