#!/bin/sh
# Builds all small x86-64 guests: build.sh OUTDIR [ASDIR]. ASDIR holds the assembler preprocessor under the name "as"; without it the guests
# stay unconverted. Nothing else differs between the two. QEMU's multiboot loader wants a 32-bit ELF file that starts in
# 32-bit code: NAME.boot. NAME.elf starts in 64-bit code.
set -eu
if [ $# -ne 1 ] && [ $# -ne 2 ]; then
	echo "usage: build.sh OUTDIR [ASDIR]" >&2
	exit 2
fi
source=$(dirname "$0") out=$1 as=${2:-}

assemble() { # source object
	gcc -m64 ${as:+"-B$as/"} -c -I"$source/common" "$1" -o "$2"
}

mkdir -p "$out/common"
common=
for file in "$source"/common/*.S; do
	object=$out/common/$(basename "$file" .S).o
	assemble "$file" "$object"
	common="$common $object"
done
for file in "$source"/*.S; do
	guest=$out/$(basename "$file" .S)
	assemble "$file" "$guest.o"
	# shellcheck disable=SC2086 # a list of files
	ld -m elf_x86_64 --build-id=none --no-warn-rwx-segments -z max-page-size=0x1000 -T "$source/common/guest.lds" $common "$guest.o" -o "$guest.elf"
	start=0x$(nm "$guest.elf" | sed -n 's/ . physical_start$//p')
	objcopy -I elf64-x86-64 -O elf32-i386 --set-start="$start" "$guest.elf" "$guest.boot"
done
