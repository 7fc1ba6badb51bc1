/* Control and debug registers. A write of CR3 also maps the library into the address space that it makes current. */
#include "frame.h"
#include "image.h"
#include "../../common/control.S"

	.text
.irp number, 0, 2, 3, 4, 8
	READ_ROUTINE rd_cr\number, movq %cr\number, %rax
.endr

.irp number, 0, 2, 4, 8
	OPERAND_ROUTINE wr_cr\number, movq %rax, %cr\number
.endr

/* The window shows the page at physical address %rdx. Clobbers %rdx. */
.macro SHOW_PAGE
	andq	address_mask, %rdx
	orq	$PTE_PRESENT_WRITABLE, %rdx
	movq	%rdx, WINDOW_ENTRY
	invlpg	WINDOW
.endm

/*
 * Puts the library's own page table into the address space that becomes current: at its place in the guest's page directory, or with tables
 * of the library's where the guest has none. It works in the library's own address space, which maps the VM area and nothing else, so it
 * does not matter how the guest maps its memory. So until the guest's CR3 is back there is no stack, and interrupts are off.
 */
ROUTINE wr_cr3
	ENTER
	cli				/* until LEAVE */
	call	operand
	movq	%cr3, %r8
	movl	$OWN_ROOT, %edx
	movq	%rdx, %cr3
	movq	%rax, %rdx
	SHOW_PAGE
	movq	WINDOW, %rdx		/* entry 0: the lowest 512 GiB */
	testb	$PTE_PRESENT, %dl
	jnz	1f
	movq	$OWN_POINTERS + PTE_PRESENT_WRITABLE, WINDOW
	jmp	3f
1:	SHOW_PAGE
	movq	WINDOW + 8, %rdx	/* entry 1: the second GiB */
	testb	$PTE_PRESENT, %dl
	jnz	2f
	movq	$OWN_DIRECTORY + PTE_PRESENT_WRITABLE, WINDOW + 8
	jmp	3f
2:	testb	$PTE_LARGE, %dl		/* the guest maps it as it is, or it is lost */
	jnz	3f
	SHOW_PAGE
	movq	$OWN_TABLE + PTE_PRESENT_WRITABLE, WINDOW + DIRECTORY_PLACE
3:	movq	%r8, %cr3
	FAULTS	LILY_RECOVER_ALL_REGISTERS, movq %rax, %cr3
	LEAVE
