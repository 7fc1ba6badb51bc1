#!/usr/bin/env bash
# In the lab, on two processors and under a storm of NMIs: two and four Linux guests of the kernel engine at a time compute and compare, and the module is
# unloaded and loaded in between, then a hundred times in a row. Nothing is left, the host's kernel is silent. 3 minutes. Usage:
# bench/proofs/kernel-crowd.sh [ROUNDS [NMIS A SECOND]]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$lilyvm" lab --cpus 2 --nmi "${2:-300}" --timeout 1800 --file "$proofs/kernel-crowd-lab.sh" --file "$proofs/kernel-lab.sh" --file "$module_tests/memory.sh" --file "$proofs/kernel-load.sh" -- \
	sh kernel-crowd-lab.sh "${1:-10}" || fail "status $?"
