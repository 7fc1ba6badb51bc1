/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The host that is nothing but a host: ring 0 of a KVM guest, with what the world switch expects to find there. There is no IDT, for
 * nothing may come in: interrupts are off, KVM gives a guest no NMIs or machine checks of its own accord, and what else would need one is a
 * bug, which ends the KVM guest.
 */
#include "kh_layout.h"

#define CODE_DESCRIPTOR		0x00af9b000000ffff	/* 64-bit code, accessed */
#define DATA_DESCRIPTOR		0x00cf93000000ffff
#define TASK_DESCRIPTOR		0x00008b0000000067	/* at address 0: without an IDT, no stack is ever taken from it */
#define PHYSICAL		(LILY_KVM_MEMORY - LILY_KVM_VIRTUAL)
#define TABLE_ENTRY		3			/* present, writable */
#define LARGE_ENTRY		0x83			/* 2 MiB */
#define LARGE_PAGE		0x200000

/* struct KvmHeader (src/LilyVM.Hypervisor/Shared/Kernel/KvmInterface.cs); the rest of it is zero. */
	.section .header, "aw"
	.globl	lily_kvm_header
lily_kvm_header:
	.quad	start
	.quad	tables + PHYSICAL
	.quad	gdt
	.long	gdt_end - gdt
	.long	code - gdt
	.long	data - gdt
	.long	task - gdt
	.org	lily_kvm_header + LILY_KVM_HEADER_SIZE

	.data
	.balign	16
gdt:	.quad	0
code:	.quad	CODE_DESCRIPTOR
data:	.quad	DATA_DESCRIPTOR
task:	.quad	TASK_DESCRIPTOR, 0
	.org	gdt + 128		/* as much as the world switch copies */
gdt_end:

/* All of its memory, at the place where the compiler's kernel model has code: the last entries but one of the upper two levels. */
	.balign	4096
tables:	.skip	511 * 8
	.quad	upper + PHYSICAL + TABLE_ENTRY
upper:	.skip	510 * 8
	.quad	lower + PHYSICAL + TABLE_ENTRY
	.skip	8
	.set	large, 0
lower:	.rept	LILY_KVM_MEMORY_SIZE / LARGE_PAGE
	.quad	LILY_KVM_MEMORY + large * LARGE_PAGE + LARGE_ENTRY
	.set	large, large + 1
	.endr
	.balign	4096

	.text
start:	leaq	stack_top(%rip), %rsp
	call	lily_kvm_main
	ud2				/* it does not return */

	.bss
	.balign	16
	.skip	0x4000
stack_top:

	.section .note.GNU-stack, "", @progbits
