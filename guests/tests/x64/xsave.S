/* XSETBV and what it needs: CR4.OSXSAVE, a value that makes sense; CPUID shows the bit; CR0.TS asks before the first use. */
#include "test.h"
#define CR4_OSFXSR_OSXSAVE	0x40200
#define CR0_TS_EM		0xc
#define CR0_MP			2
	.text
	.globl	main
main:	movq	%cr0, %rax
	andq	$~CR0_TS_EM, %rax
	orq	$CR0_MP, %rax
	movq	%rax, %cr0
	movq	%cr4, %rbx
	andq	$~CR4_OSFXSR_OSXSAVE, %rbx
	movq	%rbx, %cr4
	call	show_bit
	xorl	%ecx, %ecx
	movl	$3, %eax
	xorl	%edx, %edx
	MAY_FAULT("xsetbv without OSXSAVE", xsetbv)
	orq	$CR4_OSFXSR_OSXSAVE, %rbx
	movq	%rbx, %cr4
	call	show_bit
	xorl	%ecx, %ecx
	movl	$3, %eax
	xorl	%edx, %edx
	MAY_FAULT("xsetbv", xsetbv)
	xgetbv
	SHOW("xcr0", %rax)
	movl	$2, %eax
	MAY_FAULT("without x87", xsetbv)
	movl	$1, %eax
	movl	$1, %ecx
	MAY_FAULT("another register", xsetbv)
	xorl	%ecx, %ecx
	movl	$4, %eax
	MAY_FAULT("AVX without SSE", xsetbv)
	movl	$1, %edx
	movl	$3, %eax
	MAY_FAULT("a bit that is not there", xsetbv)
	xgetbv
	SHOW("xcr0 still", %rax)
	movq	$0x1234, %rax
	movq	%rax, %xmm3
	movl	$3, %eax
	xorl	%edx, %edx
	xsave64	area
	pxor	%xmm3, %xmm3
	xrstor64 area
	movq	%xmm3, %rcx
	SHOW("restored", %rcx)
	movq	%cr0, %rax
	orq	$8, %rax		/* TS */
	movq	%rax, %cr0
	MAY_FAULT("SSE with TS", movq %xmm3, %rcx)
	MAY_FAULT("x87 with TS", fninit)
	clts
	MAY_FAULT("SSE after clts", movq %xmm3, %rcx)
	ret
show_bit:
	movl	$1, %eax
	xorl	%ecx, %ecx
	pushq	%rbx
	cpuid
	popq	%rbx
	shrl	$27, %ecx
	andl	$1, %ecx
	SHOW("OSXSAVE", %rcx)
	ret
	.bss
	.balign	64
area:	.skip	4096
