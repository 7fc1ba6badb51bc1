# Sourced by the lab's side of the kernel engine's proofs, beside native/module/tests/memory.sh.
. ./memory.sh

# nothing_left BEFORE MOST: no process, the module can be removed, the host's kernel said nothing of a bug, and at most MOST pages are lost; sets `lost`.
nothing_left() {
	pidof lilyvm LilyVM.Cli >/dev/null && { echo "a process is left"; exit 1; }
	rmmod lilyvm || { echo "the module is still in use"; exit 1; }
	lost=$(($1 - $(free_pages)))
	dmesg | grep -E 'WARNING|\<BUG|Oops|stall|general protection|corruption|oom-kill' && { echo "is what the kernel said"; exit 1; }
	[ $lost -lt $(($2 + $(kept_back))) ] || { echo "$lost pages of memory are lost"; exit 1; }
}
