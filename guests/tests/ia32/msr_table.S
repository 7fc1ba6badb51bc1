/* Model-specific registers that kernels touch unasked: none faults, and what they hold is what a machine without the features has. */
#include "test.h"

#define NO_FAULT(text, number)	movl number, %ecx; MAY_FAULT(text, rdmsr)
#define READ(text, number)	NO_FAULT(text, number); SHOW("  eax", %eax); SHOW("  edx", %edx)

#define VENDOR_AMD	0x68747541	/* CPUID.0:EBX, "Auth" */

	.globl	main
main:	READ("machine check address", $0x0)
	NO_FAULT("time stamp counter", $0x10)
	NO_FAULT("APIC base", $0x1b)
	NO_FAULT("microcode revision", $0x8b)
	NO_FAULT("memory types", $0xfe)
	READ("sysenter cs", $0x174)
	READ("sysenter esp", $0x175)
	READ("sysenter eip", $0x176)
	NO_FAULT("machine checks", $0x179)
	READ("debug control", $0x1d9)
	READ("last branch", $0x1db)
	NO_FAULT("first memory type range", $0x200)
	NO_FAULT("memory types of the first 512 KiB", $0x250)
	READ("page attributes", $0x277)
	NO_FAULT("default memory type", $0x2ff)
	READ("EFER", $0xc0000080)
	READ("STAR", $0xc0000081)

	/* The time stamp counter does not go down. */
	movl	$0x10, %ecx
	rdmsr
	movl	%eax, %esi
	movl	%edx, %edi
	rdmsr
	subl	%esi, %eax
	sbbl	%edi, %edx
	shrl	$31, %edx
	SHOW("time goes backwards", %edx)

	/* These three keep what they are told. */
	movl	$0x175, %ecx
	movl	$0x12345678, %eax
	xorl	%edx, %edx
	MAY_FAULT("sysenter esp written", wrmsr)
	READ("sysenter esp again", $0x175)
	xorl	%eax, %eax
	movl	$0x175, %ecx
	wrmsr

	/* And those of the vendor, without a value that all models have. */
	xorl	%eax, %eax
	cpuid
	cmpl	$VENDOR_AMD, %ebx
	je	1f
	movl	$0x17, %ecx		/* platform id */
	rdmsr
	movl	$0x2a, %ecx		/* power-on configuration */
	rdmsr
	movl	$0x198, %ecx		/* performance status */
	rdmsr
	jmp	2f
1:	movl	$0xc0010015, %ecx	/* HWCR */
	rdmsr
	wrmsr
	movl	$0xc001001f, %ecx	/* NB_CFG */
	rdmsr
	wrmsr
	movl	$0xc0010114, %ecx	/* VM_CR */
	rdmsr
2:	SAY("the vendor's own answered")
	ret
