#!/usr/bin/env bash
# In the lab: ends the VM process of the kernel engine with SIGKILL at N random moments (default 200, at least 10) while
# a tiny guest runs, each tenth time while Linux boots and then runs processes. Afterwards the module can be removed, the
# host has as much memory as before, and its kernel said nothing. 3 minutes. Usage: bench/proofs/kernel-kill.sh [N [SEED]]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

times=${1:-200} seed=${2:-$$}
echo "seed $seed"
sh "$LILYVM_HOME/guests/tests/build.sh" ia32 "$work/guests" "$LILYVM_HOME/artifacts/lily-as"
printf '#!/bin/sh\nwhile :; do /bin/true; ls / | cat >/dev/null; done\n' >"$work/load.sh"
"$lilyvm" lab --cpus 2 --timeout $((60 + times * 10)) --file "$proofs/kernel-lab.sh" --file "$module_tests/memory.sh" --file "$proofs/kernel-kill-lab.sh" --file "$work/load.sh" \
	--file "$work/guests/typist.elf" -- sh kernel-kill-lab.sh "$times" "$seed" || fail "status $?"
