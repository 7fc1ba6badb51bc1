/*
 * What every source of the x86-64 VM library shares: the ABI constants (generated from src/LilyVM.Abi/X64) and the macros for routines and
 * for instructions that may fault on behalf of the guest. All addresses of the VM area lie below 2 GiB and are named absolutely.
 */
#include "lilyvm_abi.h"

#define RFLAGS_ZF	0x00000040
#define RFLAGS_IF	0x00000200
#define RFLAGS_RF	0x00010000

/* Names for what both architectures share (../common): registers, memory that one points to, flags. */
#define AX			%rax
#define BX			%rbx
#define CX			%rcx
#define DX			%rdx
#define SI			%rsi
#define SP			%rsp
#define BP			%rbp
#define WORD_SIZE		8
#define AT(offset, ...)		offset __VA_OPT__((__VA_ARGS__))
#define AT_AX			AT(0, AX)
#define FLAG_ZF			RFLAGS_ZF
#define FLAG_IF			RFLAGS_IF

#include "../common/routine.h"
