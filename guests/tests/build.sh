#!/bin/sh
# Builds all small guests: build.sh OUTDIR [ASDIR]. ASDIR holds the assembler preprocessor under the name "as"; without it the guests stay
# unconverted. Nothing else differs between the two.
set -eu
if [ $# -ne 1 ] && [ $# -ne 2 ]; then
	echo "usage: build.sh OUTDIR [ASDIR]" >&2
	exit 2
fi
source=$(dirname "$0") out=$1 as=${2:-}

assemble() { # source object
	gcc -m32 ${as:+"-B$as/"} -c -I"$source/common" "$1" -o "$2"
}

mkdir -p "$out/common"
common=
for file in "$source"/common/*.S; do
	object=$out/common/$(basename "$file" .S).o
	assemble "$file" "$object"
	common="$common $object"
done
link() { # linker script, then what ld takes
	script=$1
	shift
	ld -m elf_i386 --build-id=none --no-warn-rwx-segments -T "$source/common/$script" "$@"
}

# What lies in alone/ does what QEMU would answer otherwise or not at all, so it is run converted only and its tests say what must happen.
for file in "$source"/*.S ${as:+"$source"/alone/*.S}; do
	guest=$out/$(basename "$file" .S)
	assemble "$file" "$guest.o"
	# shellcheck disable=SC2086 # a list of files
	link guest.lds $common "$guest.o" -o "$guest.elf"
done
# These have nothing in common with the others: they are linked at their physical addresses and stay there.
for file in "$source"/identity/*.S; do
	guest=$out/$(basename "$file" .S)
	assemble "$file" "$guest.o"
	link identity.lds "$guest.o" -o "$guest.elf"
done
