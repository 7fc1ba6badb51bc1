# Sourced by the lab's side of the kernel engine's proofs.

# Pages that are free, those on the lists of each processor ("count:") among them, without caches.
free_pages() {
	sleep 2 # what goes at the end of a grace period
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 == "nr_free_pages" || $1 == "count:" { sum += $2 } END { print sum }' /proc/zoneinfo
}

# Pages' worth of freed objects that a kernel with KASAN may keep back: a 32nd of memory (mm/kasan/quarantine.c).
kept_back() {
	grep -q ' kasan_report$' /proc/kallsyms && awk '$1 == "MemTotal:" { print int($2 / 4 / 32) }' /proc/meminfo || echo 0
}

# nothing_left BEFORE MOST: no process, the module can be removed, the host's kernel said nothing of a bug, and at most MOST pages are lost; sets `lost`.
nothing_left() {
	pidof lilyvm LilyVM.Cli >/dev/null && { echo "a process is left"; exit 1; }
	rmmod lilyvm || { echo "the module is still in use"; exit 1; }
	lost=$(($1 - $(free_pages)))
	dmesg | grep -E 'WARNING|\<BUG|Oops|stall|general protection|corruption|oom-kill' && { echo "is what the kernel said"; exit 1; }
	[ $lost -lt $(($2 + $(kept_back))) ] || { echo "$lost pages of memory are lost"; exit 1; }
}
