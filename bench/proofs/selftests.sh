#!/usr/bin/env bash
# The kernel's own 32-bit x86 selftests (tools/testing/selftests/x86), built from the guest kernel's source package with the Debian disk's
# compiler and run on a Debian disk on the user engine and, with the unconverted twin of the same kernel, on QEMU. Compares each program's
# exit status and verdicts with selftests.txt. 3 minutes. Usage: bench/proofs/selftests.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$lilyvm" guest build linux --with-oracle >/dev/null
debian_tree "$work/tree"
archive=/usr/src/linux-source-6.1.tar.xz
if [[ ! -e $archive ]]; then
	(cd "$work" && apt-get download linux-source-6.1 >/dev/null && dpkg-deb -x linux-source-6.1_*.deb deb)
	archive=$work/deb/usr/src/linux-source-6.1.tar.xz
fi
linux=$work/tree/root/linux tests=tools/testing/selftests
mkdir "$linux"
tar -C "$linux" --strip-components=1 -xf "$archive" "linux-source-6.1/$tests" linux-source-6.1/arch/x86/include
# The C library's kernel headers do; without KHDR_INCLUDES the build asks for those of a kernel tree.
in_tree "$work/tree" /usr/bin/make -k -C "/root/linux/$tests/x86" all_32 KHDR_INCLUDES=-I/usr/include >"$work/make.log" 2>&1 ||
	fail "the selftests cannot be built: $(grep -m 1 -E 'error|\*\*\*' "$work/make.log")"

# The RAM disk gets the programs, and the script that `lilyvm.run=selftests` names.
mkdir -p "$work/add/scripts" "$work/add/selftests"
cp "$linux/$tests"/x86/*_32 "$work/add/selftests"
cat >"$work/add/scripts/selftests" <<'END'
#!/bin/sh
mount -t tmpfs tmpfs /mnt/tmp && cp -r /selftests /mnt/tmp
mount --bind /dev /mnt/dev; mount --bind /proc /mnt/proc; mount --bind /sys /mnt/sys
for program in /selftests/*; do
	program=${program##*/}
	echo "== $program"
	chroot /mnt /usr/bin/timeout 60 /tmp/selftests/"$program" 2>&1 </dev/null
	echo "== $program ended with status $?"
done
END
chmod +x "$work/add/scripts/selftests"
cp "$("$lilyvm" guest path linux initrd)" "$work/initrd"
(cd "$work/add" && find . -mindepth 1 | cpio -o -H newc --quiet) >>"$work/initrd"
disk=$("$lilyvm" guest path debian disk --with-compiler)

# run NAME OPTION...: what each program said, without addresses and numbers that differ from run to run.
run() {
	local name=$1
	shift
	timeout -k 5 900 "$lilyvm" boot "$@" -initrd "$work/initrd" -drive "file=$disk,snapshot=on" \
		-append 'loglevel=1 lilyvm.root=/dev/vda lilyvm.run=selftests' </dev/null >"$work/$name.log" 2>"$work/$name.errors" || true
	tr -d '\r' <"$work/$name.log" >"$work/$name.txt"
	grep -q '^lilyvm: selftests ended with status 0' "$work/$name.txt" ||
		fail "the $name run did not come to its end: $(tail -n 3 "$work/$name.txt" "$work/$name.errors")"
	awk '/^== .* ended/ { print program, "status", $NF; next }
		/^== / { program = $2; next }
		/\[(OK|FAIL|PASS|SKIP|WARN)\]/ { print program, $0 }' "$work/$name.txt" |
		sed -E '/ status [0-9]+$/!{ s/0x[0-9a-fx]+/NUMBER/g; s/[0-9]+/N/2g; s/[[:space:]]+/ /g }' >"$work/$name"
}
run lilyvm --engine user -kernel "$("$lilyvm" guest path linux kernel)"
run qemu --engine native --unconverted -kernel "$("$lilyvm" guest path linux oracle)"

status=0
for program in "$work"/add/selftests/*; do
	program=${program##*/}
	reason=$(sed -n "s/^$program: //p" "$proofs/selftests.txt")
	if difference=$(diff <(grep "^$program " "$work/qemu") <(grep "^$program " "$work/lilyvm")); then
		[[ -z $reason ]] || { echo "$program: equal, but selftests.txt has a reason for a difference"; status=1; }
	else
		echo "$program: ${reason:-UNEXPLAINED}"
		sed 's/^/    /' <<<"$difference"
		[[ $reason ]] || status=1
	fi
done
echo "$(find "$work/add/selftests" -type f | wc -l) programs, $(grep -c 'status 0$' "$work/lilyvm") end with 0 on LilyVM," \
	"$(grep -c 'status 0$' "$work/qemu") on QEMU"
exit $status
