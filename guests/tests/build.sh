#!/bin/sh
# Builds all small guests of an architecture: build.sh ia32|x64 OUTDIR [ASDIR]. ASDIR holds the assembler preprocessor under the name "as"; without
# it the guests stay unconverted. Nothing else differs between the two.
set -eu
usage() {
	echo "usage: build.sh ia32|x64 OUTDIR [ASDIR]" >&2
	exit 2
}
if [ $# -ne 2 ] && [ $# -ne 3 ]; then
	usage
fi
architecture=$1 out=$2 as=${3:-}
case $architecture in
ia32) bits=32 format="-m elf_i386" ;;
x64) bits=64 format="-m elf_x86_64 -z max-page-size=0x1000" ;;
*) usage ;;
esac
common=$(dirname "$0")/common source=$(dirname "$0")/$architecture

assemble() { # source object
	gcc -m$bits ${as:+"-B$as/"} -c -I"$source/common" -I"$common" "$1" -o "$2"
}

link() { # linker script, then what ld takes
	script=$1
	shift
	# shellcheck disable=SC2086 # options
	ld $format --build-id=none --no-warn-rwx-segments -T "$source/common/$script" "$@"
}

mkdir -p "$out/common"
objects=
for file in "$common"/*.S "$source"/common/*.S; do
	object=$out/common/$(basename "$file" .S).o
	assemble "$file" "$object"
	objects="$objects $object"
done

# What lies in alone/ does what QEMU would answer otherwise or not at all, so it is run converted only and its tests say what must happen.
for file in "$source"/*.S ${as:+"$source"/alone/*.S}; do
	[ -e "$file" ] || continue
	guest=$out/$(basename "$file" .S)
	assemble "$file" "$guest.o"
	# shellcheck disable=SC2086 # a list of files
	link guest.lds $objects "$guest.o" -o "$guest.elf"
	# QEMU's multiboot loader wants a 32-bit ELF file that starts in 32-bit code; an engine starts NAME.elf in 64-bit code.
	if [ $bits -eq 64 ]; then
		start=0x$(nm "$guest.elf" | sed -n 's/ . physical_start$//p')
		objcopy -I elf64-x86-64 -O elf32-i386 --set-start="$start" "$guest.elf" "$guest.boot"
	fi
done
# These are linked at their physical addresses and stay there: nothing of what needs paging is theirs.
for file in "$source"/identity/*.S; do
	[ -e "$file" ] || continue
	guest=$out/$(basename "$file" .S)
	assemble "$file" "$guest.o"
	link identity.lds "$guest.o" "$out/common/serial.o" -o "$guest.elf"
done
