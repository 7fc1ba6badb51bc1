#!/usr/bin/env bash
# What conversion costs a kernel build: builds the i386 recipe's Linux with gas and with lily-as in turn, PAIRS times each, and prints both times.
# The same tree, configuration and compiler; only -B differs. Usage: bench/conversion.sh [PAIRS]
set -euo pipefail

pairs=${1:-1}
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
config=$("$home/lilyvm" guest path linux config --arch i386)
work=$(mktemp -d "${TMPDIR:-/tmp}/lilyvm-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

archive=/usr/src/linux-source-6.1.tar.xz
if [[ ! -e $archive ]]; then
	(cd "$work" && apt-get download linux-source-6.1 >/dev/null && dpkg-deb -x linux-source-6.1_*.deb deb)
	archive=$work/deb/usr/src/linux-source-6.1.tar.xz
fi
tar -C "$work" -xf "$archive" --anchored -X <(sed s,^,linux-source-6.1/, "$home/guests/linux/source-exclude.txt")
cp "$config" "$work/config"
mkdir "$work/gas"
ln -s "$(command -v as)" "$work/gas/as"

# build NAME DIRECTORY-WITH-as: prints wall and CPU seconds of a full build.
build() {
	local out=$work/build-$1 TIMEFORMAT='%R %U %S'
	rm -rf "$out"
	mkdir "$out"
	cp "$work/config" "$out/.config"
	local make=(make -C "$work/linux-source-6.1" "O=$out" ARCH=i386 "-j$(nproc)" "CC=gcc -B$2")
	"${make[@]}" olddefconfig >/dev/null 2>&1
	{ time "${make[@]}" vmlinux >"$work/log" 2>&1; } 2>&1
}

export LILYVM_PASS_THROUGH=$home/guests/linux/pass-through.txt
for ((pair = 1; pair <= pairs; pair++)); do
	read -r plain_wall plain_user plain_sys < <(build gas "$work/gas")
	read -r lily_wall lily_user lily_sys < <(build lily "$home/artifacts/lily-as")
	awk -v pw="$plain_wall" -v pc="$plain_user $plain_sys" -v lw="$lily_wall" -v lc="$lily_user $lily_sys" 'BEGIN {
		split(pc, p); split(lc, l); pcpu = p[1] + p[2]; lcpu = l[1] + l[2]
		printf "gas: %.0f s wall, %.0f s CPU; lily-as: %.0f s wall, %.0f s CPU; conversion adds %.1f%% wall, %.1f%% CPU\n",
			pw, pcpu, lw, lcpu, (lw / pw - 1) * 100, (lcpu / pcpu - 1) * 100 }'
done
