#!/bin/sh
# usage: build.sh COMPILER ASSEMBLY ENTRY OBJECTS IMAGE
# Compiles ASSEMBLY (the system library and the hypervisor in one) and the .S files of the directory ENTRY to OBJECTS, where hv_layout.h is already, checks
# what the compiler made, and links IMAGE.
set -e
compiler=$1 assembly=$2 entry=${3%/} objects=$4 image=$5
here=$(dirname "$0")
name=$(basename "$assembly" .dll)

# No folding of equal methods: a function that only looks like another one keeps its own name in a profile.
"$compiler" "$assembly" -o:"$objects/hypervisor.o" --systemmodule:"$name" --Ot -g --targetos:linux --targetarch:x64 --instruction-set:x86-64-v2 \
	--nativelib --reflectiondata:none --methodbodyfolding:none
sh "$here/check.sh" "$objects/hypervisor.o"

set -- "$objects/hypervisor.o"
for source in "$entry"/*.S; do
	object=$objects/$(basename "$source" .S).o
	gcc -c -g -ffile-prefix-map="$entry=entry" -Wa,--fatal-warnings -I "$objects" -I "$entry" -o "$object" "$source"
	set -- "$object" "$@"
done
gcc -E -P -x c -I "$objects" "$entry/stub.lds" -o "$objects/stub.lds"
ld -static -nostdlib --build-id=none --fatal-warnings --orphan-handling=error -T "$objects/stub.lds" -o "$image.tmp" "$@"
mv "$image.tmp" "$image"
