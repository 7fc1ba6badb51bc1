/* What a BIOS leaves below 1 MiB: the words of its data area that kernels read, and the extended area at the end of low memory. */
#include "test.h"

#define BIOS_DATA(offset)	LINK_OFFSET + 0x400 + (offset)

	.globl	main
main:	movzwl	BIOS_DATA(0x00), %eax
	SHOW("first serial port", %eax)
	movzwl	BIOS_DATA(0x0e), %eax
	SHOW("segment of the extended area", %eax)
	movzwl	BIOS_DATA(0x10), %eax
	shrl	$9, %eax
	andl	$7, %eax
	SHOW("serial ports", %eax)
	movzwl	BIOS_DATA(0x13), %eax
	SHOW("low memory in KiB", %eax)
	movzwl	BIOS_DATA(0x72), %eax
	SHOW("reset flag", %eax)
	movzwl	BIOS_DATA(0x0e), %eax
	shll	$4, %eax
	movzbl	LINK_OFFSET(%eax), %eax
	SHOW("extended area in KiB", %eax)
	ret
