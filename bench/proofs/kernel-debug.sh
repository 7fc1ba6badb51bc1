#!/usr/bin/env bash
# In the lab's variant `debug`, whose kernel watches locks, contexts and memory and is built at its first use (docs/lab.md): what the tests and
# the other proofs of the kernel engine do. The host's kernel stays silent, and lockdep on. 30 minutes. Usage: kernel-debug.sh [PART...], parts
# being guests, crowd, kills, swap, module
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lab() {
	"$lilyvm" lab --variant debug --timeout 3600 "$@" || fail "status $?"
}

# with NAME...: scripts of this folder that come along, and memory.sh.
with() {
	local name
	files+=(--file "$module_tests/memory.sh")
	for name in "$@"; do
		files+=(--file "$proofs/$name")
	done
}

guests() { # each small guest once, then Linux under each policy
	local files=() source
	with kernel-debug-lab.sh kernel-lab.sh kernel-load.sh
	for source in "$LILYVM_HOME"/guests/tests/ia32/*.S; do
		[[ $source == */sysenter.S ]] || files+=(--file "$work/guests/$(basename "$source" .S).elf") # CPUID does not offer it
	done
	lab --cpus 2 "${files[@]}" -- sh kernel-debug-lab.sh
}

crowd() {
	local files=()
	with kernel-crowd-lab.sh kernel-lab.sh kernel-load.sh
	lab --cpus 2 --nmi 50 "${files[@]}" -- sh kernel-crowd-lab.sh 1 2
}

kills() {
	local files=(--file "$work/load.sh" --file "$work/guests/typist.elf")
	with kernel-kill-lab.sh kernel-lab.sh
	printf '#!/bin/sh\nwhile :; do /bin/true; ls / | cat >/dev/null; done\n' >"$work/load.sh"
	lab --cpus 2 "${files[@]}" -- sh kernel-kill-lab.sh 20 "$$"
}

swap() {
	local files=()
	with kernel-swap-lab.sh kernel-lab.sh kernel-load.sh
	truncate -s 512M "$work/swap"
	lab --disk "$work/swap" "${files[@]}" -- sh kernel-swap-lab.sh 1
}

module() { # the module alone, random calls among it
	local source=$LILYVM_HOME/native/module headers
	local files=(--file "$module_tests/run.sh" --file "$module_tests/memory.sh" --file "$work/tests/machine_test" --file "$work/module/lilyvm.ko")
	headers=$(echo "$cache"/lab/debug-*/usr/src/linux-headers-*)
	sh "$module_tests/build.sh" "$work/tests" "$layout"
	sh "$source/build.sh" "$headers" "$work/module" "$work/tests/test-hypervisor.bin" "$layout"
	lab --cpus 2 "${files[@]}" -- sh run.sh services memory refusals kicks spin crowd kills pressure "fuzz 20000"
	lab --cpus 2 --nmi 50 "${files[@]}" -- sh run.sh storm crowd
}

layout=$LILYVM_HOME/artifacts/bin/KernelHypervisor/release/kh_layout.h
sh "$LILYVM_HOME/guests/tests/build.sh" ia32 "$work/guests" "$LILYVM_HOME/artifacts/lily-as"
lab -- true # builds the kernel
[[ $# -gt 0 ]] || set -- guests crowd kills swap module
for part in "$@"; do
	echo "== $part"
	case $part in
	guests | crowd | kills | swap | module) "$part" ;;
	*) fail "there is no part $part" ;;
	esac
done
