/* Descriptor-table registers and translation caches. */
	.text
.irp instruction, lgdt, sgdt
	OPERAND_ROUTINE \instruction, \instruction AT_AX
.endr

ROUTINE invlpg
	ENTER
	call	operand
	invlpg	AT_AX
	LEAVE

ROUTINE invpcid
	ENTER
	call	operand
	push	AX
	call	operand
	pop	DX
	FAULTS	LILY_RECOVER_ALL_REGISTERS, invpcid AT(0, DX), AX
	LEAVE

/* BX, CX = base and limit of the guest's own table. Clobbers flags. */
	.globl	guest_idt
guest_idt:
	sub	$2 * WORD_SIZE, SP
	sidt	(SP)
	mov	2(SP), BX
	movzwl	(SP), %ecx
	add	$2 * WORD_SIZE, SP
	cmp	$shadow_idt, BX
	jne	1f
	mov	AT(VCPU_IDT_BASE), BX
	mov	AT(VCPU_IDT_LIMIT), CX
1:	ret

ROUTINE sidt
	ENTER
	call	operand
	call	guest_idt
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movw %cx, AT_AX
	FAULTS	LILY_RECOVER_ALL_REGISTERS, mov BX, AT(2, AX)
	LEAVE
