/* cpuid: the vendor string, the feature words' registers, and no flag changed. */
#include "test.h"

	.globl	main
main:	xorl	%eax, %eax
	cpuid
	SHOW("vendor ebx", %ebx)
	SHOW("vendor edx", %edx)
	SHOW("vendor ecx", %ecx)
	stc
	movl	$1, %eax
	cpuid
	setc	%cl
	movzbl	%cl, %ecx
	SHOW("signature", %eax)
	SHOW("features", %edx)
	SHOW("carry kept", %ecx)
	ret
