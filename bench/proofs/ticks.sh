#!/usr/bin/env bash
# The programs of an x86-64 guest that expect what every Linux gives them, and those of the moved address space, each
# while 8,192 timer interrupts a second more than usual come at any instruction of theirs: the most that Linux's clock
# device gives. Each must find what it finds without. Ten minutes. Usage: bench/proofs/ticks.sh [ROUNDS]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kernel=$("$lilyvm" guest path linux kernel)
initrd=$("$lilyvm" guest path linux initrd)
own=$LILYVM_HOME/guests/linux/x64
ticks=0 runs=0

# run OPTIONS: prints what the guest does.
run() {
	timeout -k 5 600 "$lilyvm" run --engine user --kernel "$kernel" --initrd "$initrd" --memory 512M \
		--append "loglevel=3 $1" </dev/null | tr -d '\r'
}

for ((round = 0; round < ${1:-1}; round++)); do
	for source in "$own"/{behaviour,conformance}/*.c; do
		folder=$(basename "${source%/*}") name=$(basename "$source" .c)
		[[ $name != accesses && $name != kernel_addresses ]] || continue # nothing keeps programs from their kernel's addresses (README.md)
		only="lilyvm.run=$folder lilyvm.only=$name"
		run "$only" >"$work/without" || fail "$name ended with status $?: $(tail -3 "$work/without")"
		run "$only lilyvm.ticks=8192" >"$work/with" || fail "$name under ticks ended with status $?: $(tail -3 "$work/with")"
		count=$(sed -n 's/ timer interrupts$//p' "$work/with")
		((${count:-0} > 0)) || fail "there were no ticks for $name: $(tail -3 "$work/with")"
		diff <(grep -E '^(ok|FAIL|==) ' "$work/without") <(grep -E '^(ok|FAIL|==) ' "$work/with") || fail "$name finds something else under ticks"
		ticks=$((ticks + count)) runs=$((runs + 1))
	done
done
echo "$runs runs under $ticks timer interrupts: each program finds what it finds without them"
