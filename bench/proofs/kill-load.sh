#!/bin/sh
# The guest's side of kill.sh: writes to a journaling ext4 disk until it is killed. Each file's content follows from its number; a line
# tells that all files up to it are synced. What is renamed, linked, removed and appended keeps the journal busy.
mount -t ext4 -o data=ordered /dev/vda /mnt && cd /mnt || exit 1
n=0
while :; do
	n=$((n + 1))
	yes "file $n" | head -$((n * 37 % 4000)) >new
	mv new file$n
	mkdir d$n && echo $n >d$n/a && ln d$n/a d$n/b && rm -r d$n
	echo $n >>all
	sync
	echo "synced $n"
done
