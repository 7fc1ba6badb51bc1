#!/usr/bin/env bash
# Configures, compiles and tests GNU awk 5.2.1 in a guest on a writable ext4 disk, and checks the disk. With the user engine it does so natively too, in
# the same Debian tree, and compares the result of each test; with the kernel engine, in the lab, it compares with what is known to fail natively.
# Exit status 1 if a test passes only natively. 15 minutes, and an hour in the lab; 4 GB of disk. Usage: bench/proofs/gawk.sh [user|kernel]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

engine=${1:-user}
[[ $engine == user || $engine == kernel ]] || fail "'$engine' is neither user nor kernel"
arch=x86_64
[[ $engine == user ]] || arch=i386
debian_tree "$work/tree" $arch
debian_source gawk
mkdir "$work/tree/root/gawk"
tar -C "$work/tree/root/gawk" --strip-components=1 -xf "$work"/gawk_5.2.1.orig.tar.xz

# Debian removed the manual from the source, so `make` stops there (natively too): -k goes on with the rest.
cat >"$work/tree/root/check" <<'END'
#!/bin/sh
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
cd /root/gawk
./configure >configure.log 2>&1; echo "configure: status $?"
make -k >make.log 2>&1; echo "make: status $?"
make -C test -k check >check.log 2>&1; echo "check: status $?"
grep -E 'TESTS? (FAILED|PASSED)' check.log
# A test prints its name, and removes what it wrote if that was right; what is left is compared too.
for name in $(grep -xE '[A-Za-z0-9_+-]+' check.log | sort -u); do
	if [ -e "test/_$name" ]; then echo "FAIL $name $(cksum <"test/_$name")"; else echo "PASS $name"; fi
done
sha256sum config.h
END
printf '#!/bin/sh\n/root/check; sync; mount -o remount,ro /\n' >"$work/script" # nothing unmounts the root file system at a reset
chmod +x "$work/tree/root/check"
mke2fs -q -F -t ext4 -d "$work/tree" "$work/disk.ext4" 3G >/dev/null 2>&1

boot=(boot --engine "$engine" --memory 512M --script)
case $engine in
user)
	echo "natively ..."
	in_tree "$work/tree" /root/check >"$work/native"
	command=("$lilyvm" "${boot[@]}" "$work/script" --drive "file=$work/disk.ext4" --counters)
	;;
kernel)
	printf 'FAIL %s\n' commas mbstr1 mbstr2 >"$work/native" # they need a locale that the disk has not
	command=("$lilyvm" lab --timeout 7200 --disk "$work/disk.ext4" --file "$work/script" -- lilyvm "${boot[@]}" script --drive file=/dev/vda --counters)
	;;
esac
echo "in the guest ..."
"${command[@]}" >"$work/guest" 2>"$work/counters" || fail "the guest ended with status $?: $(tail -1 "$work/counters")"

grep -v '^PASS' "$work/guest"
for side in native guest; do
	echo "$side: $(grep -c ^PASS "$work/$side" || true) tests passed, $(grep -c ^FAIL "$work/$side" || true) failed"
done
if [[ $engine == user ]]; then
	echo "differences (< natively, > in the guest):"
	diff "$work/native" "$work/guest" && echo "none"
fi

e2fsck -fn "$work/disk.ext4" >"$work/e2fsck" 2>&1 || fail "the disk has errors: $(cat "$work/e2fsck")"
echo "disk: $(tail -1 "$work/e2fsck")"
lost=$(comm -13 <(awk '/^FAIL/ { print $2 }' "$work/native" | sort) <(awk '/^FAIL/ { print $2 }' "$work/guest" | sort))
[[ -z $lost ]] || fail "only in the guest: ${lost//$'\n'/, }"
