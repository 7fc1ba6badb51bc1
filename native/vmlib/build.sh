#!/bin/sh
# Builds the three images of the VM library: build.sh OUTDIR HEADERDIR. HEADERDIR holds the headers that build/AbiHeaders writes.
set -eu
if [ $# -ne 2 ]; then
	echo "usage: build.sh OUTDIR HEADERDIR" >&2
	exit 2
fi
source=$(dirname "$0") out=$1 headers=$2

image() { # name LILY_IMAGE_constant source...
	name=$1 constant=$2
	shift 2
	mkdir -p "$out/$name"
	objects=
	for file in "$@"; do
		object=$out/$name/$(basename "$file" .S).o
		gcc -m32 -c -Wa,--fatal-warnings -DVMLIB_IMAGE="$constant" -I"$source" -I"$headers" "$file" -o "$object"
		objects="$objects $object"
	done
	gcc -E -P -x c -I"$headers" "$source/image.lds" -o "$out/$name/image.lds"
	# shellcheck disable=SC2086 # a list of files
	ld -m elf_i386 --fatal-warnings --build-id=none -T "$out/$name/image.lds" $objects -o "$out/$name.elf"
	objcopy -O binary "$out/$name.elf" "$out/$name.bin.new"
	mv "$out/$name.bin.new" "$out/$name.bin" # whole or not at all
}

image native LILY_IMAGE_NATIVE "$source/header.S" "$source"/native/*.S
image user LILY_IMAGE_USER "$source/header.S" "$source"/deprivileged/*.S
image kernel LILY_IMAGE_KERNEL "$source/header.S" "$source"/deprivileged/*.S
