/*
 * Where interrupts enter a hypervisor in ring 0: 16 bytes for each vector. VECTOR is what an image has there, in terms of the symbol
 * `vector`; most of it is HOST_OR_TRAP. NMIs and machine checks are the host's; what goes to lily_trap has an error code and its number on
 * the stack. The CPU pushes an error code for some (SDM vol. 3, table 6-1).
 */
.macro HOST_OR_TRAP
	.if vector == VECTOR_NMI
	jmp	lily_nmi
	.elseif vector == VECTOR_MACHINE_CHECK
	jmp	lily_machine_check
	.else
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	jmp	lily_trap
	.endif
.endm

.macro VECTORS
	.balign	16
	.globl	lily_vectors
lily_vectors:
	.set	vector, 0
	.rept	256
	.balign	16
	VECTOR
	.set	vector, vector + 1
	.endr
.endm
