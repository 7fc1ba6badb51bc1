#!/bin/sh
# usage: run.sh [TEST...]: in the lab, beside lilyvm.ko (built for the test hypervisor) and machine_test. Loads the
# module, runs the tests, and removes it; the kernel must have nothing to complain about.
cd "$(dirname "$0")"
fail() {
	echo "FAILED: $*"
	exit 1
}

echo 0 >/proc/sys/kernel/printk # an NMI that nobody sent on purpose is an emergency to Linux
for round in 1 2 3 4 5 6 7 8 9 10; do
	insmod lilyvm.ko || fail "load, round $round"
	rmmod lilyvm || fail "unload, round $round"
done

insmod lilyvm.ko || fail load
[ "$(stat -c %a /dev/lilyvm)" = 660 ] || fail "mode of /dev/lilyvm"
sleep 1000 3<>/dev/lilyvm &
holder=$!
# The shell opens the file before it starts the program, but in its child.
until [ -e "/proc/$holder/fd/3" ]; do :; done
rmmod lilyvm 2>/dev/null && fail "unloaded while in use"
kill -9 $holder
wait $holder 2>/dev/null

for test in "${@:-services}"; do
	./machine_test "$test" || fail "$test"
done
# What a process left behind would hold the module.
rmmod lilyvm || fail "unload at the end"
dmesg | grep -E 'WARNING|BUG:|Oops|stall|general protection' && fail "the kernel complained"
echo "MODULE OK"
