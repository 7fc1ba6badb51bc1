#!/usr/bin/env bash
# The kernel's own 32-bit x86 selftests (tools/testing/selftests/x86), built from the guest kernel's source package by the Debian disk's compiler
# on QEMU, and run there on the unconverted twin of the guest kernel and on LilyVM: the user engine (in the lab if this host cannot run it), or the
# kernel engine in the lab. Compares each program's exit status and verdicts with selftests-ENGINE.txt. 8 minutes. Usage:
# bench/proofs/selftests.sh [user|kernel]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

engine=${1:-user}
explanations=$proofs/selftests-$engine.txt
[[ -e $explanations ]] || fail "'$engine' is neither user nor kernel"
"$lilyvm" guest build linux --arch i386 --with-oracle >/dev/null
"$lilyvm" guest rootfs debian --arch i386 --with-compiler >/dev/null
cp --sparse=always "$("$lilyvm" guest path debian disk --arch i386 --with-compiler)" "$work/disk.ext4"
kernel_archive
selftests=tools/testing/selftests
tar -C "$work" --strip-components=1 --wildcards --no-wildcards-match-slash -xf "$archive" \
	linux-source-6.1/arch/x86/include "linux-source-6.1/$selftests/x86" "linux-source-6.1/$selftests/*.*"
tar -C "$work" -cf "$work/linux.tar" arch "${selftests%%/*}"
debugfs -w -R "write $work/linux.tar /root/linux.tar" "$work/disk.ext4" >"$work/debugfs.log" 2>&1

# The RAM disk gets the scripts that `lilyvm.run=` names. The C library's kernel headers do; without KHDR_INCLUDES the build asks for those
# of a kernel tree.
mkdir -p "$work/add/scripts"
cat >"$work/add/scripts/build" <<'END_OF_BUILD'
#!/bin/sh
mount -t tmpfs tmpfs /mnt/tmp
chroot /mnt /bin/sh -c 'PATH=/usr/bin:/bin; mkdir /root/linux && tar -C /root/linux -xf /root/linux.tar &&
	make -k -C /root/linux/tools/testing/selftests/x86 all_32 KHDR_INCLUDES=-I/usr/include 2>&1'
status=$?
umount /mnt/tmp; umount /mnt
exit $status
END_OF_BUILD
cat >"$work/add/scripts/selftests" <<'END_OF_SELFTESTS'
#!/bin/sh
mount -t tmpfs tmpfs /mnt/tmp && cp /mnt/root/linux/tools/testing/selftests/x86/*_32 /mnt/tmp
mount --bind /dev /mnt/dev; mount --bind /proc /mnt/proc; mount --bind /sys /mnt/sys
for program in /mnt/tmp/*_32; do
	program=${program##*/}
	echo "== $program"
	chroot /mnt /usr/bin/timeout 60 /tmp/"$program" 2>&1 </dev/null
	echo "== $program ended with status $?"
done
END_OF_SELFTESTS
chmod +x "$work"/add/scripts/*
cp "$("$lilyvm" guest path linux initrd --arch i386)" "$work/initrd"
(cd "$work/add" && find . -mindepth 1 | cpio -o -H newc --quiet) >>"$work/initrd"

# boot NAME SCRIPT COMMAND...: runs the script in a guest that the command boots.
boot() {
	local name=$1 script=$2
	shift 2
	timeout -k 5 1800 "$@" -append "loglevel=1 lilyvm.root=/dev/vda lilyvm.run=$script" </dev/null >"$work/$name.log" 2>"$work/$name.errors" || true
	tr -d '\r' <"$work/$name.log" >"$work/$name.txt"
	grep -q "^lilyvm: $script ended with status 0" "$work/$name.txt" ||
		fail "the $name run did not come to its end: $(tail -n 3 "$work/$name.txt" "$work/$name.errors")"
}
qemu=("$lilyvm" boot --engine native --unconverted -kernel "$("$lilyvm" guest path linux oracle --arch i386)" -initrd "$work/initrd")
boot build build "${qemu[@]}" -drive "file=$work/disk.ext4"

# run NAME COMMAND...: what each program said, without addresses and numbers that differ from run to run.
run() {
	local name=$1
	shift
	boot "$name" selftests "$@"
	awk '/^== .* ended/ { print program, "status", $NF; next }
		/^== / { program = $2; next }
		/\[(OK|FAIL|PASS|SKIP|WARN)\]/ { print program, $0 }' "$work/$name.txt" |
		sed -E '/ status [0-9]+$/!{ s/0x[0-9a-fx]+/NUMBER/g; s/[0-9]+/N/2g; s/[[:space:]]+/ /g }' >"$work/$name"
}
run qemu "${qemu[@]}" -drive "file=$work/disk.ext4,snapshot=on"
# run_in_lab COMMAND...: the lab, its options last.
run_in_lab() {
	run lilyvm "$@" --timeout 1700 --disk "$work/disk.ext4" --file "$work/initrd" -- \
		lilyvm boot --engine "$engine" -initrd initrd -drive file=/dev/vda,snapshot=on
}
if [[ $engine == kernel ]]; then
	run_in_lab "$lilyvm" lab
elif runs_ia32; then
	run lilyvm "$lilyvm" boot --arch i386 --engine user -initrd "$work/initrd" -drive "file=$work/disk.ext4,snapshot=on"
else
	echo "in the lab ..."
	run_in_lab "${user_lab[@]}"
fi

status=0
programs=$(sed -n 's/ status [0-9]*$//p' "$work/qemu")
for program in $programs; do
	reason=$(sed -n "s/^$program: //p" "$explanations")
	if difference=$(diff <(grep "^$program " "$work/qemu") <(grep "^$program " "$work/lilyvm")); then
		[[ -z $reason ]] || { echo "$program: equal, but ${explanations##*/} has a reason for a difference"; status=1; }
	else
		echo "$program: ${reason:-UNEXPLAINED}"
		sed 's/^/    /' <<<"$difference"
		[[ $reason ]] || status=1
	fi
done
echo "$(wc -w <<<"$programs") programs, $(grep -c 'status 0$' "$work/lilyvm") end with 0 on LilyVM," \
	"$(grep -c 'status 0$' "$work/qemu") on QEMU"
exit $status
