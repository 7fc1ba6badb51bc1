#!/bin/sh
# usage: check.sh OBJECT
# Refuses an object of the native compiler that would not do without a runtime, or would harm the guest whose registers are live while it runs.
# Each finding is one line "error : FUNCTION: what", the first of a kind in each function. Assembly is not checked: who writes it knows what it does.
object=$1
objdump -f "$object" >/dev/null || exit 1

findings=$(
	objdump -dr --no-show-raw-insn -M att "$object" | awk '
		function report(what) { if (!reported[name, what]++) printf "%s: %s:%s\n", name, what, substr($0, index($0, ":") + 1) }
		/^[0-9a-f]+ <.*>:$/ { name = substr($2, 2, length($2) - 3); next }
		/%[xyz]mm[0-9]/ { report("uses SSE registers, which hold the guest state (copy structs field by field)"); next }
		/%mm[0-7]|%st|\t(f[a-z]+|emms)( |$)/ { report("uses the FPU, which holds the guest state"); next }
		/%[fg]s/ { report("uses FS or GS, which are the guest'\''s (thread statics?)"); next }
		/R_X86_64.*__security_cookie/ { report("has an array on the stack (stackalloc, a fixed buffer, a struct that holds one)"); next }
		/R_X86_64.*\tRhp[^R]/ { report("needs a runtime (new, throw, catch, casts, more than a page of locals)"); next }
		/RhpReversePInvoke/ && name !~ /NativeLibraryStartup$/ { report("is UnmanagedCallersOnly, which needs a runtime (RuntimeExport does not)"); next }
		/-0x[0-9a-f]+\(%rsp/ { report("uses memory below the stack pointer, which signals overwrite") }'
	nm "$object" | awk '
		$3 ~ /^__EagerCctor|^[^_].*___cctor$/ { print $3 ": static constructors are never run (compute the value where it is used)" }
		$3 ~ /__GCSTATIC/ { print $3 ": a static field that refers to an object" }
		$3 ~ /__THREADSTATIC/ { print $3 ": a thread static field" }'
	# Names of native/entry, and two that only the start-up method of a library has, which is never called (native/entry/user/ia32/stub.lds).
	nm -u "$object" | awk '$2 !~ /^lily_[a-z0-9_]+$|^RhpReversePInvoke(Return)?$/ { print $2 ": needs this function of a runtime" }'
)
[ -z "$findings" ] && exit 0
echo "$findings" | sed 's/^/error : /' >&2
exit 1
