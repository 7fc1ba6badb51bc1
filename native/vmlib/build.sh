#!/bin/sh
# Builds the images of the VM library: build.sh OUTDIR HEADERDIR HEADERDIR64. The last two hold the headers that build/AbiHeaders writes for
# IA-32 and x86-64, the last one also what build/HypervisorHeaders writes for the engines of x86-64 guests.
set -eu
if [ $# -ne 3 ]; then
	echo "usage: build.sh OUTDIR HEADERDIR HEADERDIR64" >&2
	exit 2
fi
vmlib=$(dirname "$0") out=$1 headers32=$2 headers64=$3

architecture() { # 32 or 64
	if [ "$1" = 64 ]; then
		source=$vmlib/x64 headers=$headers64 emulation=elf_x86_64
	else
		source=$vmlib/ia32 headers=$headers32 emulation=elf_i386
	fi
	bits=$1
}

define=
image() { # name LILY_IMAGE_constant source...; $define is defined too
	name=$1 constant=$2
	shift 2
	mkdir -p "$out/$name"
	objects=
	for file in "$@"; do
		object=$out/$name/$(basename "$file" .S).o
		gcc "-m$bits" -c -Wa,--fatal-warnings -DVMLIB_IMAGE="$constant" ${define:+"-D$define"} -I"$source" -I"$headers" "$file" -o "$object"
		objects="$objects $object"
	done
	gcc -E -P -x c -I"$headers" "$source/image.lds" -o "$out/$name/image.lds"
	# shellcheck disable=SC2086 # a list of files
	ld -m "$emulation" --fatal-warnings --build-id=none -T "$out/$name/image.lds" $objects -o "$out/$name.elf"
	objcopy -O binary "$out/$name.elf" "$out/$name.bin.new"
	mv "$out/$name.bin.new" "$out/$name.bin" # whole or not at all
}

architecture 32
image native LILY_IMAGE_NATIVE "$source/header.S" "$source"/native/*.S
image user LILY_IMAGE_USER "$source/header.S" "$source"/deprivileged/*.S
image kernel LILY_IMAGE_KERNEL "$source/header.S" "$source"/deprivileged/*.S
architecture 64
image native-x64 LILY_IMAGE_NATIVE "$source/header.S" "$source"/native/*.S
image user-x64 LILY_IMAGE_USER "$source/header.S" "$source"/deprivileged/*.S
define=KEYS
image keyed-x64 LILY_IMAGE_USER "$source/header.S" "$source"/deprivileged/*.S
