/* rdmsr and wrmsr, and other system instructions that this processor lacks: faults with fixups. */
#include "test.h"

#define SYSENTER_CS	0x174
#define VM_HSAVE_PA	0xc0010117	/* wants a page address; reads of MSRs never fault on QEMU */

	.globl	main
main:	movl	$SYSENTER_CS, %ecx
	movl	$0x5555, %eax
	movl	$0, %edx
	wrmsr
	xorl	%eax, %eax
	movl	$-1, %edx
	rdmsr
	SHOW("eax", %eax)
	SHOW("edx", %edx)
	xorl	%eax, %eax
	movl	%eax, %edx
	wrmsr
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
