#!/bin/sh
# usage: build.sh WORK IMAGE LAYOUT RESULT
# Builds RESULT, a flat image for the memory of a KVM guest: native/module/common with the services of this folder, and the kernel hypervisor's flat IMAGE
# inside; LAYOUT is kh_layout.h of the same build.
set -e
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=build/link-flat.sh
. "$here/../../../build/link-flat.sh"
work=$1 image=$2 layout=$3 result=$4
mkdir -p "$work"
cp "$image" "$work/kernel-hypervisor.bin"
cp "$layout" "$work/kh_layout.h"
set --
for source in "$here/start.S" "$here/main.c" "$here/services.c" "$here"/../common/*.S "$here"/../common/*.c; do
	object=$work/$(basename "$source").o
	gcc -c -O2 -Wall -Wextra -Werror -ffreestanding -fno-pic -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
		-fcf-protection=none -fno-asynchronous-unwind-tables -Wa,--fatal-warnings -Wa,-I"$work" \
		-I "$here" -I "$here/../common" -I "$work" -o "$object" "$source"
	set -- "$@" "$object"
done
link_flat "$here/kvm.lds" "$work" "$work/kvm.elf" "$result" "$@"
