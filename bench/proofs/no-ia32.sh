#!/usr/bin/env bash
# A host without IA-32 emulation, really: in the lab, whose kernel loses the gate of INT 80h and the entry of 32-bit SYSCALL (no-ia32.c). Every
# small guest but two ends well on the user engine, and Linux runs processes whose system calls are fast as ever. A minute or two. Usage:
# bench/proofs/no-ia32.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lab=("${user_lab[@]}" --timeout 300)
"${lab[@]}" -- true # downloads the kernel the first time
headers=$(ls -dt "$cache"/lab/cloud-amd64*/usr/src/linux-headers-*-cloud-amd64 | head -1)
mkdir "$work/module"
cp "$proofs/no-ia32.c" "$work/module"
echo "obj-m := no-ia32.o" >"$work/module/Makefile"
make -C "$headers" M="$work/module" modules >"$work/make.log" 2>&1 || fail "the module cannot be built: $(tail -3 "$work/make.log")"

sh "$LILYVM_HOME/guests/tests/build.sh" ia32 "$work/guests" "$LILYVM_HOME/artifacts/lily-as"
rm "$work"/guests/{sysenter,user_segments}.elf # CPUID does not offer the one, the other wants segment limits, which TCG does not check
printf 'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; ls / | cat >/dev/null; done\nuname -m\n' >"$work/script"
cat >"$work/run" <<'END'
insmod no-ia32.ko || exit 1
for guest in *.elf; do
	timeout 30 lilyvm run --engine user --kernel "$guest" --memory 64M </dev/null >printed 2>&1
	echo "$guest $? $(tail -1 printed)"
done
timeout 60 lilyvm boot --engine user --script script --counters=json 2>&1
END
files=()
for file in "$work"/guests/*.elf "$work"/{module/no-ia32.ko,run,script}; do
	case ${file##*/} in
	typist.elf | jump.elf | selectors.elf | leaves_segments.elf | crashes_outside.elf | scribbles.elf | virtqueues.elf) ;; # want keys, or end badly
	*) files+=(--file "$file") ;;
	esac
done
"${lab[@]}" "${files[@]}" -- sh run >"$work/output" || fail "the lab ended with status $?: $(cat "$work/output")"

guests=$(grep -c '\.elf' "$work/output") good=$(grep -c '\.elf 0 OK' "$work/output")
((guests > 30 && guests == good)) || fail "not every guest ended well: $(cat "$work/output")"
# counter NAME: its value.
counter() {
	grep -o "\"$1\": *[0-9]*" "$work/output" | grep -o '[0-9]*$'
}
grep -q '^i686' "$work/output" || fail "Linux did not do its work: $(cat "$work/output")"
(($(counter signalled-system-calls) == 0)) || fail "the host has IA-32 emulation"
(($(counter fast-system-calls) > 500)) || fail "system calls are slow: $(cat "$work/output")"
echo "$guests guests end well; Linux runs: $(counter fast-system-calls) fast system calls, $(counter protection-signals) protection signals," \
	"none by the host's INT 80h"
