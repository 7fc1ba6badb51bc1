# Sourced in the lab by the tests of the module and the proofs of the kernel engine.

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
