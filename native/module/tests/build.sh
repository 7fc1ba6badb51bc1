#!/bin/sh
# usage: build.sh WORK LAYOUT
# Builds WORK/test-hypervisor.bin, for which the module is built as for the real one, and the static program
# WORK/machine_test, which drives it.
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$1 layout=$2
mkdir -p "$work"
cp "$layout" "$work/kh_layout.h"
entry=$here/../../entry/kernel/ia32
for source in "$here/hypervisor.S" "$entry/header.S" "$entry/nmi.S" "$entry/switch.S"; do
	gcc -c -Wa,--fatal-warnings -I "$work" -I "$entry" -I "$here" -o "$work/$(basename "$source" .S).o" "$source"
done
gcc -E -P -x c -D__ASSEMBLER__ -I "$work" "$here/hypervisor.lds" -o "$work/hypervisor.lds"
ld -static -nostdlib --build-id=none --no-warn-rwx-segments -T "$work/hypervisor.lds" -o "$work/test-hypervisor.elf" \
	"$work/header.o" "$work/hypervisor.o" "$work/nmi.o" "$work/switch.o"
objcopy -O binary "$work/test-hypervisor.elf" "$work/test-hypervisor.bin"
gcc -O2 -Wall -Wextra -Werror -static -pthread -include linux/types.h -D_GNU_SOURCE -I "$work" -I "$here" \
	-o "$work/machine_test" "$here/machine_test.c" "$here/harness.c"
