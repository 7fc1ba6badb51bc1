#!/usr/bin/env bash
# The kernel's own x86 selftests (tools/testing/selftests/x86): 64-bit ones in a guest of the user engine, or 32-bit ones
# in a guest of the user engine (in the lab if this host cannot run it) or of the kernel engine, in the lab. They are built
# from the guest kernel's source package by the Debian disk's compiler, and run on LilyVM and, on QEMU, on the unconverted
# twin of the guest kernel. Compares each program's exit status and verdicts with selftests-WHICH.txt. 8 minutes. Usage:
# bench/proofs/selftests.sh [x86_64|user|kernel]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

which=${1:-x86_64}
explanations=$proofs/selftests-$which.txt
[[ -e $explanations ]] || fail "'$which' is none of user, kernel and x86_64"
if [[ $which == x86_64 ]]; then
	engine=user arch=x86_64 bits=64
else
	engine=$which arch=i386 bits=32
fi
"$lilyvm" guest build linux --arch $arch --with-oracle >/dev/null
"$lilyvm" guest rootfs debian --arch $arch --with-compiler >/dev/null
cp --sparse=always "$("$lilyvm" guest path debian disk --arch $arch --with-compiler)" "$work/disk.ext4"
kernel_archive $arch
top=${archive##*/} top=${top%.tar.xz} selftests=tools/testing/selftests
tar -C "$work" --strip-components=1 --wildcards --no-wildcards-match-slash -xf "$archive" \
	"$top/arch/x86/include" "$top/$selftests/x86" "$top/$selftests/*.*"
tar -C "$work" -cf "$work/linux.tar" arch "${selftests%%/*}"
debugfs -w -R "write $work/linux.tar /root/linux.tar" "$work/disk.ext4" >"$work/debugfs.log" 2>&1

# The RAM disk gets the scripts that `lilyvm.run=` names. The C library's kernel headers do; without KHDR_INCLUDES the build asks for those
# of a kernel tree.
mkdir -p "$work/add/scripts"
cat >"$work/add/scripts/build" <<END_OF_BUILD
#!/bin/sh
mount -t tmpfs tmpfs /mnt/tmp
chroot /mnt /bin/sh -c 'PATH=/usr/bin:/bin; mkdir /root/linux && tar -C /root/linux -xf /root/linux.tar &&
	make -k -C /root/linux/tools/testing/selftests/x86 all_$bits KHDR_INCLUDES=-I/usr/include 2>&1'
status=\$?
umount /mnt/tmp; umount /mnt
exit \$status
END_OF_BUILD
cat >"$work/add/scripts/selftests" <<END_OF_SELFTESTS
#!/bin/sh
mount -t tmpfs tmpfs /mnt/tmp && cp /mnt/root/linux/tools/testing/selftests/x86/*_$bits /mnt/tmp
mount --bind /dev /mnt/dev; mount --bind /proc /mnt/proc; mount --bind /sys /mnt/sys
for program in /mnt/tmp/*_$bits; do
	program=\${program##*/}
	echo "== \$program"
	chroot /mnt /usr/bin/timeout 60 /tmp/"\$program" 2>&1 </dev/null
	echo "== \$program ended with status \$?"
done
END_OF_SELFTESTS
chmod +x "$work"/add/scripts/*
cp "$("$lilyvm" guest path linux initrd --arch $arch)" "$work/initrd"
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
qemu=("$lilyvm" boot --engine native --unconverted -kernel "$("$lilyvm" guest path linux oracle --arch $arch)" -initrd "$work/initrd")
direct=("$lilyvm" boot --arch $arch --engine user -initrd "$work/initrd")
builder=("${qemu[@]}")
[[ $arch == i386 ]] || builder=("${direct[@]}")
boot build build "${builder[@]}" -drive "file=$work/disk.ext4"

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
elif [[ $arch == x86_64 ]] || runs_ia32; then
	run lilyvm "${direct[@]}" -drive "file=$work/disk.ext4,snapshot=on"
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
