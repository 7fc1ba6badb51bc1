/*
 * What every source of the VM library shares: the ABI constants (generated from src/LilyVM.Abi) and the macros for routines and for
 * instructions that may fault on behalf of the guest.
 *
 * Two rules hold for all text of the library. It is position independent, because a guest that is not paged yet runs it LILY_LINK_OFFSET
 * lower. And it names memory through %ss (by override, or by %esp and %ebp), because %ds and %es may hold anything at a call site.
 */
#include "lilyvm_abi.h"

#define EFLAGS_ZF	0x00000040
#define EFLAGS_TF	0x00000100
#define EFLAGS_IF	0x00000200
#define EFLAGS_IOPL	0x00003000
#define EFLAGS_NT	0x00004000
#define EFLAGS_RF	0x00010000
#define EFLAGS_VM	0x00020000

/* Names for what both architectures share (../common): registers, memory that one points to, flags. */
#define AX			%eax
#define BX			%ebx
#define CX			%ecx
#define DX			%edx
#define SI			%esi
#define SP			%esp
#define BP			%ebp
#define WORD_SIZE		4
#define AT(offset, ...)		%ss:offset __VA_OPT__((__VA_ARGS__))
#define AT_AX			AT(0, AX)
#define FLAG_ZF			EFLAGS_ZF
#define FLAG_IF			EFLAGS_IF

#include "../common/routine.h"
