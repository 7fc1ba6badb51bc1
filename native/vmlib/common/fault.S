/* The fault at AX: `recover` if it was on behalf of the guest, with SI at the entry of the recovery table, else `to_guest`. */
.macro FIND_RECOVERY
	cmp	$LILY_BASE, AX
	jb	to_guest
	cmp	$text_end, AX
	jae	to_guest
	movl	$recovery_table, %esi
next:	cmp	$recovery_end, SI
	jae	to_guest		/* a fault of the library's own: the guest will say where */
	cmpl	AT(0, SI), %eax
	je	recover
	add	$8, SI
	jmp	next
.endm

/*
 * Where the CPU enters for a fault while the native image is in use: an error code where it pushes none, room and the vector, in the order
 * that the architecture's `fault` wants (STUB_WORDS).
 */
#define VECTOR_UD	6	/* the only one here without an error code */
#define FAULT_VECTORS	6, 10, 11, 12, 13, 14, 17

	.text
.irp vector, FAULT_VECTORS
	.globl	fault_\vector
fault_\vector:
	.if	\vector == VECTOR_UD
	push	$0
	.endif
	.irp word, STUB_WORDS(\vector)
	push	$\word
	.endr
	jmp	fault
.endr

/* No handler for a fault: on the bare machine a shutdown follows (SDM vol. 3, 6.15, vector 8). An empty IDT brings it about. */
shutdown:
	push	$0
	push	$0
	lidt	(SP)
	int3

/* Read by lidt: place in the IDT, stub. */
	.globl	fault_gates
fault_gates:
.irp vector, FAULT_VECTORS
	.long	\vector * GATE_SIZE, fault_\vector
.endr
	.long	-1, 0
