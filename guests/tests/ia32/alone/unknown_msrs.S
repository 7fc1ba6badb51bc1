/* Asks for model-specific registers that nobody has, some of them again: each is a fault, and counted. */
#include "test.h"

	.globl	main
main:	movl	$0x12345, %ecx
	MAY_FAULT("read", rdmsr)
	MAY_FAULT("written", wrmsr)
	movl	$0xc0000102, %ecx
	MAY_FAULT("another", rdmsr)
	ret
