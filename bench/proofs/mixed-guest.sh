#!/bin/sh
# The guest's side of mixed.sh, on a Debian disk with gcc: six loads beside one another for SECONDS, each counting its rounds and its
# wrong results. The lines of mixed.sh before this file set SECONDS_TO_RUN and write /tmp/mixed.c.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
cd /root
gcc -O2 -pthread -o mixed /tmp/mixed.c -lm || exit 2
end=$(($(date +%s) + SECONDS_TO_RUN))

# rounds NAME: runs the function NAME until the time is over; tells how often, and how often it was wrong.
rounds() {
	rounds=0 wrong=0
	while [ "$(date +%s)" -lt $end ]; do
		"$1" || { wrong=$((wrong + 1)); echo "$1: round $rounds is wrong"; }
		rounds=$((rounds + 1))
	done
	echo "$1: $rounds rounds, $wrong wrong"
	[ $wrong -eq 0 ]
}

compile() {
	printf '#include <stdio.h>\nint main(void){long s=0;for(int i=0;i<%d;i++)s+=i;printf("%%ld\\n",s);return 0;}\n' $rounds >c.c &&
		gcc -O1 -o c c.c && [ "$(./c)" -eq $((rounds * (rounds - 1) / 2)) ]
}

shell() {
	n=0
	for i in $(seq 50); do
		n=$((n + $(/bin/echo "$i")))
	done
	[ $n -eq 1275 ]
}

# What is written is read again from the disk, not from the cache.
disk() {
	dd if=/dev/urandom of=d1 bs=64k count=128 2>/dev/null && sum=$(sha256sum <d1) && cp d1 d2 && sync && echo 3 >/proc/sys/vm/drop_caches &&
		[ "$(sha256sum <d2)" = "$sum" ] && rm d1 d2 && mkdir many && (cd many && seq 200 | xargs touch) &&
		[ "$(find many -type f | wc -l)" -eq 200 ] && rm -r many
}

pipes() {
	[ "$(seq 5000 | sort -r | tr 0-9 a-j | sort | uniq | wc -l)" -eq 5000 ] && ./mixed pipes 2
}

timers() {
	./mixed timers 3
}

compute() {
	./mixed fpu 1 && ./mixed threads 1
}

loads="compile shell disk pipes timers compute"
pids=
for load in $loads; do
	rounds $load &
	pids="$pids $!"
done
status=0
for pid in $pids; do
	wait "$pid" || status=1
done

# All that was started has ended and was waited for: only this shell and the kernel's threads (children of 2) are left.
ps -eo pid,ppid,stat,comm --no-headers >/tmp/processes
left=$(awk -v me=$$ '$1 > 2 && $2 != 2 && $1 != me && $4 != "ps"' /tmp/processes)
[ -z "$left" ] || { echo "processes left: $left"; status=1; }
if dmesg | grep -E 'BUG|WARNING|Oops|hung task|stalls|I/O error|EXT4-fs (error|warning)|traps:|segfault|lockup'; then status=1; fi
sync
mount -o remount,ro / || status=1
exit $status
