/* SYSRET to where nothing is: the fault is the program's, in ring 3. And in 32-bit form, RCX and the selectors that it makes. */
#include "test.h"
	.text
	.globl	main
main:	HOOK(14, fault)
	movl	$MSR_STAR, %ecx
	xorl	%eax, %eax
	movl	$(USER32_CS << 16) | KERNEL_CS, %edx
	wrmsr
	movq	%rsp, kernel_stack
	movabsq	$0x7000000000, %rcx
	movl	$0x203, %r11d
	movl	$USER_STACK, %esp
	sysretq
fault:	SHOW("error", TRAP_ERROR(%rax))
	SHOW("rip", TRAP_RIP(%rax))
	SHOW("cs", TRAP_CS(%rax))
	SHOW("ss", TRAP_SS(%rax))
	SHOW("rsp", TRAP_RSP(%rax))
	movq	TRAP_RFLAGS(%rax), %rcx
	andl	$~0x10000, %ecx		/* RF */
	SHOW("flags", %rcx)
	jmp	leave_program
