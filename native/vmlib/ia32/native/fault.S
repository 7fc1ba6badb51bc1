/*
 * Faults while the native image is in use. The guest must see one inside the library as a fault of its own instruction, the call: the
 * frame is rebuilt there, with registers and stack as before the call. Then the guest's handler runs as if the CPU had entered it.
 *
 * Entered through interrupt gates, so nothing interrupts these stubs; they use the guest's stack only.
 */
#include "frame.h"
#include "gate.h"

/* The stack from %ebp up: pushal, then these, then what lay below the fault if it came from the same privilege level. */
#define STUB_VECTOR	32
#define STUB_HANDLER	36	/* far pointer, two words */
#define STUB_ERROR	44
#define STUB_EIP	48
#define STUB_CS		52
#define STUB_EFLAGS	56
#define STUB_SIZE	60
#define STUB_WORDS(vector)	0, 0, vector
#include "../../common/fault.S"

fault:	pushal
	movl	%esp, %ebp
	testb	$3, STUB_CS(%ebp)
	jnz	to_guest
	movl	STUB_EIP(%ebp), %eax
	orl	$LILY_LINK_OFFSET, %eax	/* the alias of unpaged code is the same text */
	FIND_RECOVERY

/* %edx = bytes on the stack since before the call, %eax = return address. */
recover:
	movl	%ss:4(%esi), %ecx
	cmpl	$LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, %ecx
	jne	1f
	movl	%ss:VCPU_IRET_SITE, %eax
	subl	$5, %eax
	movl	%eax, STUB_EIP(%ebp)
	jmp	to_guest
1:	movl	$4, %edx
	cmpl	$LILY_RECOVER_RETURN_ADDRESS, %ecx
	je	3f
	movl	$8, %edx
	cmpl	$LILY_RECOVER_SCRATCH_THEN_RETURN_ADDRESS, %ecx
	je	3f
	movl	$7, %ecx		/* all registers and the flags come from the routine's frame */
2:	movl	STUB_SIZE(%ebp, %ecx, 4), %eax
	movl	%eax, (%ebp, %ecx, 4)
	decl	%ecx
	jns	2b
	movl	STUB_EFLAGS(%ebp), %eax
	andl	$EFLAGS_RF, %eax
	orl	STUB_SIZE + FRAME_SAVED_FLAGS(%ebp), %eax
	movl	%eax, STUB_EFLAGS(%ebp)
	movl	$FRAME_SIZE, %edx
3:	movl	STUB_SIZE - 4(%ebp, %edx), %eax
	subl	$5, %eax
	movl	%eax, STUB_EIP(%ebp)
	movl	$STUB_SIZE / 4, %ecx
	call	raise_stack

/* Enters the handler that the guest's table names now. */
to_guest:
	call	guest_idt		/* %ebx = base, %ecx = limit */
	movl	STUB_VECTOR(%ebp), %eax
	leal	(%ebx, %eax, 8), %edx
	leal	7(, %eax, 8), %esi
	cmpl	%ecx, %esi
	ja	shutdown
	movb	%ss:5(%edx), %bl
	andl	$GATE_KIND_MASK, %ebx
	LOAD_GATE_TARGET
	movl	%ecx, STUB_HANDLER(%ebp)
	movl	%edx, STUB_HANDLER + 4(%ebp)
	movl	STUB_EFLAGS(%ebp), %esi
	cmpl	$VECTOR_UD, %eax
	jne	1f
	movl	$STUB_ERROR / 4, %ecx	/* the error code that the CPU did not push goes */
	movl	$4, %edx
	call	raise_stack
1:	cmpl	$GATE_INTERRUPT, %ebx
	je	2f
	cmpl	$GATE_TRAP, %ebx
	jne	shutdown
	testl	$EFLAGS_IF, %esi
	jz	2f
	popal
	leal	4(%esp), %esp
	sti				/* its shadow covers the lret */
	lret
2:	popal
	leal	4(%esp), %esp
	lret

/* Moves the %ecx words at %ebp up by %edx bytes, and %ebp and %esp with them. Clobbers %eax, %ecx, %edi. */
raise_stack:
	popl	%edi			/* link: the stack moves */
	pushl	%esi
	leal	(%ebp, %edx), %esi
1:	decl	%ecx
	js	2f
	movl	(%ebp, %ecx, 4), %eax
	movl	%eax, %ss:(%esi, %ecx, 4)
	jmp	1b
2:	movl	%esi, %ebp
	popl	%esi
	movl	%ebp, %esp
	jmp	*%edi
