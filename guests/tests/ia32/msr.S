/* rdmsr and wrmsr, and other system instructions that this processor lacks: faults with fixups. */
#include "test.h"

#define PAGE_ATTRIBUTES	0x277
#define VM_HSAVE_PA	0xc0010117	/* wants a page address; reads of MSRs never fault on QEMU */

	.globl	main
main:	movl	$PAGE_ATTRIBUTES, %ecx
	xorl	%eax, %eax
	movl	$-1, %edx
	rdmsr
	SHOW("eax", %eax)
	SHOW("edx", %edx)
	wrmsr
	xorl	%eax, %eax
	movl	%eax, %edx
	rdmsr
	SHOW("eax after wrmsr", %eax)
	SHOW("edx after wrmsr", %edx)
	movl	$VM_HSAVE_PA, %ecx
	movl	$0x777, %eax
	MAY_FAULT("wrmsr", wrmsr)
	stc
	MAY_FAULT("wrmsr with carry", wrmsr)
	setc	%bl
	movzbl	%bl, %ebx
	SHOW("carry kept", %ebx)
	MAY_FAULT("xsetbv", xsetbv)
	MAY_FAULT("monitor", monitor)
	MAY_FAULT("mwait", mwait)
	MAY_FAULT("invpcid", invpcid (%esp), %eax)
	wbinvd
	invd
	SAY("caches written back and forgotten")
	ret
