/* Control and debug registers. Writes of CR3 and CR0 also map the library into the address space that they make current. */
#include "frame.h"
#include "image.h"
#include "../../common/control.S"

/* What the guest's page directory must hold at LILY_BASE (and, for the step out of unpaged code, at its alias); A and D are the CPU's. */
#define PDE_LIBRARY		(PAGE_TABLE_PHYSICAL + PTE_PRESENT_WRITABLE)
#define PDE_ACCESSED_DIRTY	0x60
#define PDE_PLACE(address)	(((address) >> 22) * 4)

	.text
.irp number, 0, 2, 3, 4
.irp register, eax, ecx, edx, ebx, ebp, esi, edi
ROUTINE rd_cr\number\()_\register
	movl	%cr\number, %\register
	ret

ROUTINE wr_cr\number\()_\register
	.if \number == 2 || \number == 4
	FAULTS	LILY_RECOVER_RETURN_ADDRESS, movl %\register, %cr\number
	ret
	.else
	ENTER
	movl	FRAME_\register(%ebp), %eax
	jmp	write_cr\number
	.endif
.endr
.endr

.irp number, 0, 2, 3, 4
	READ_ROUTINE rd_cr\number, movl %cr\number, %eax
.endr

.irp number, 2, 4
	OPERAND_ROUTINE wr_cr\number, movl %eax, %cr\number
.endr

/* The page directory at physical address %edx gets both entries; the guest is unpaged, so physical addresses are what it uses. */
.macro MAP_UNPAGED
	andl	$~0xfff, %edx
	movl	$PDE_LIBRARY, %ss:PDE_PLACE(LILY_UNPAGED_ALIAS)(%edx)
	movl	$PDE_LIBRARY, %ss:PDE_PLACE(LILY_BASE)(%edx)
.endm

ROUTINE wr_cr3
	ENTER
	call	operand
write_cr3:
	movl	%eax, %edx
	movl	%cr0, %ecx
	testl	%ecx, %ecx		/* PG is the sign */
	js	1f
	MAP_UNPAGED
	jmp	2f
1:	andl	$~0xfff, %edx		/* page directories lie in the memory that the guest maps at its link offset */
	movl	%ss:LILY_LINK_OFFSET + PDE_PLACE(LILY_BASE)(%edx), %ecx
	andl	$~PDE_ACCESSED_DIRTY, %ecx
	cmpl	$PDE_LIBRARY, %ecx
	je	2f
	movl	$PDE_LIBRARY, %ss:LILY_LINK_OFFSET + PDE_PLACE(LILY_BASE)(%edx)
2:	FAULTS	LILY_RECOVER_ALL_REGISTERS, movl %eax, %cr3
	LEAVE

ROUTINE wr_cr0
	ENTER
	call	operand
write_cr0:
	movl	%cr0, %ecx
	notl	%ecx
	testl	%eax, %ecx		/* sign: PG goes from 0 to 1 */
	jns	1f
	movl	%cr3, %edx
	MAP_UNPAGED
1:	FAULTS	LILY_RECOVER_ALL_REGISTERS, movl %eax, %cr0
	LEAVE
