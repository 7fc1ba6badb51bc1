#!/bin/sh
# usage: run.sh TEST...: in the lab, beside lilyvm.ko (built for the test hypervisor) and machine_test. Loads the
# module, runs the tests ("fuzz 120000" is one word), and removes it; the kernel must have nothing to complain about,
# and as much memory as before.
cd "$(dirname "$0")"
fail() {
	echo "FAILED: $*"
	exit 1
}

. ./memory.sh
rmmod lilyvm 2>/dev/null # the lab's own
echo 0 >/proc/sys/kernel/printk # an NMI that nobody sent on purpose is an emergency to Linux
for round in 1 2 3 4 5 6 7 8 9 10; do
	insmod lilyvm.ko || fail "load, round $round"
	rmmod lilyvm || fail "unload, round $round"
done

before=$(free_pages)
insmod lilyvm.ko || fail load
[ "$(stat -c %a /dev/lilyvm)" = 660 ] || fail "mode of /dev/lilyvm"
sleep 1000 3<>/dev/lilyvm &
holder=$!
# The shell opens the file before it starts the program, but in its child.
until [ -e "/proc/$holder/fd/3" ]; do :; done
rmmod lilyvm 2>/dev/null && fail "unloaded while in use"
kill -9 $holder
wait $holder 2>/dev/null

for test; do
	# shellcheck disable=SC2086 # words of a test
	./machine_test $test || fail "$test"
done
# What a process left behind would hold the module.
rmmod lilyvm || fail "unload at the end"
lost=$((before - $(free_pages)))
echo "pages of memory lost: $lost"
# The kernel's own numbers go up and down by some dozens.
[ "$lost" -lt $((256 + $(kept_back))) ] || fail "memory is lost"
dmesg | grep -E 'WARNING|\<BUG|Oops|stall|general protection|corruption' && fail "the kernel complained"
echo "MODULE OK"
