#!/bin/sh
# usage: freestanding-build.sh COMPILER ASSEMBLY ENTRY OBJECTS IMAGE
# Compiles ASSEMBLY (the system library and the hypervisor in one) and the .S files of the directory ENTRY to OBJECTS, where the generated headers are
# already, checks what the compiler made, and links IMAGE.elf with ENTRY/IMAGE.lds, and IMAGE.bin from it.
set -e
compiler=$1 assembly=$2 entry=${3%/} objects=$4 image=$5
here=$(dirname "$0")
# shellcheck source=build/link-flat.sh
. "$here/link-flat.sh"
name=$(basename "$assembly" .dll)
script=$(basename "$image" .elf).lds

# No folding of equal methods: a function that only looks like another one keeps its own name in a profile.
"$compiler" "$assembly" -o:"$objects/hypervisor.o" --systemmodule:"$name" --Ot -g --targetos:linux --targetarch:x64 --instruction-set:x86-64-v2 \
	--nativelib --reflectiondata:none --methodbodyfolding:none
sh "$here/freestanding-check.sh" "$objects/hypervisor.o"

set -- "$objects/hypervisor.o"
for source in "$entry"/*.S; do
	object=$objects/$(basename "$source" .S).o
	gcc -c -g -ffile-prefix-map="$entry=entry" -Wa,--fatal-warnings -I "$objects" -I "$entry" -o "$object" "$source"
	set -- "$object" "$@"
done
link_flat "$entry/$script" "$objects" "$image.tmp" "${image%.elf}.bin" "$@"
mv "$image.tmp" "$image"
