# Sourced: how images of our own are linked. What is not in the linker script, or differs from it, is an error.
# link_flat SCRIPT WORK ELF FLAT OBJECT...: links ELF by SCRIPT, which goes through cpp with the headers of WORK, and makes FLAT from it, whole or not at all.
link_flat() {
	lds=$1 work=$2 elf=$3 flat=$4
	shift 4
	gcc -E -P -x c -D__ASSEMBLER__ -I "$work" "$lds" -o "$work/$(basename "$lds")"
	ld -static -nostdlib --build-id=none --fatal-warnings --no-warn-rwx-segments --orphan-handling=error \
		-T "$work/$(basename "$lds")" -o "$elf" "$@"
	objcopy -O binary "$elf" "$flat.tmp"
	mv "$flat.tmp" "$flat"
}
