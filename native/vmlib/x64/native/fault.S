/*
 * Faults while the native image is in use. The guest must see one inside the library as a fault of its own instruction, the call: the saved
 * RIP, RSP, registers and flags become those before the call. Then the guest's handler runs as if the CPU had entered it. The CPU always
 * saves SS and RSP in 64-bit mode (SDM vol. 3, 6.14.2), so nothing moves on the stack.
 *
 * Entered through interrupt gates, so nothing interrupts these stubs. They use the stack that the guest's gate names.
 */
#include "frame.h"
#include "gate.h"

/* The stack from %rbp up: the registers as in a routine's frame, then these. */
#define STUB_ADDRESS	128
#define STUB_VECTOR	136
#define STUB_ERROR	144
#define STUB_RIP	152
#define STUB_CS		160
#define STUB_RFLAGS	168
#define STUB_RSP	176
#define STUB_WORDS(vector)	vector, 0
#include "../../common/fault.S"

fault:	PUSH_REGISTERS
	movq	%rsp, %rbp
	cld
	testb	$3, STUB_CS(%rbp)
	jnz	to_guest
	movq	STUB_RIP(%rbp), %rax
	FIND_RECOVERY

/* %rax = return address, %rdx = RSP before the call. */
recover:
	movl	4(%rsi), %ecx
	movq	STUB_RSP(%rbp), %rdx
	cmpl	$LILY_RECOVER_RETURN_ADDRESS_IN_VCPU_PAGE, %ecx
	jne	1f
	movq	VCPU_TRANSFER_SITE, %rax
	jmp	site
1:	cmpl	$LILY_RECOVER_RETURN_ADDRESS, %ecx
	je	3f
	movl	$FRAME_REGISTERS / 8, %ecx	/* all registers and the flags come from the routine's frame */
2:	decl	%ecx
	js	4f
	movq	(%rdx, %rcx, 8), %rax
	movq	%rax, (%rbp, %rcx, 8)
	jmp	2b
4:	movq	STUB_RFLAGS(%rbp), %rax
	andl	$RFLAGS_RF, %eax
	orq	FRAME_SAVED_FLAGS(%rdx), %rax
	movq	%rax, STUB_RFLAGS(%rbp)
	addq	$FRAME_RETURN, %rdx
3:	movq	(%rdx), %rax
	addq	$8, %rdx
	movq	%rdx, STUB_RSP(%rbp)
/*
 * A call through a pointer is FF 14 25 and an address, two bytes longer than a relative one; a jump left a return address that fits the
 * latter.
 */
site:	cmpw	$0x2514, -6(%rax)
	jne	5f
	subq	$2, %rax
5:	subq	$5, %rax
	movq	%rax, STUB_RIP(%rbp)

/* Enters the handler that the guest's table names now. */
to_guest:
	call	guest_idt		/* %rbx = base, %rcx = limit */
	movq	STUB_VECTOR(%rbp), %rax
	movl	%eax, %edx
	shll	$4, %edx
	leal	GATE_SIZE - 1(%rdx), %esi
	cmpl	%ecx, %esi
	ja	shutdown
	addq	%rbx, %rdx
	movzbl	5(%rdx), %ebx
	andl	$GATE_KIND_MASK, %ebx
	movl	8(%rdx), %ecx
	shlq	$32, %rcx
	movl	4(%rdx), %esi
	andl	$0xffff0000, %esi
	orq	%rsi, %rcx
	movzwl	(%rdx), %esi
	orq	%rsi, %rcx
	cmpl	$GATE_INTERRUPT, %ebx
	je	6f
	cmpl	$GATE_TRAP, %ebx
	jne	shutdown
	testl	$RFLAGS_IF, STUB_RFLAGS(%rbp)
	jnz	7f
6:	movl	$GATE_INTERRUPT, %ebx
7:	cmpl	$VECTOR_UD, %eax
	je	8f
	movq	%rcx, STUB_VECTOR(%rbp)	/* taken by ret, with the error code behind it */
	cmpl	$GATE_INTERRUPT, %ebx
	POP_REGISTERS
	leaq	8(%rsp), %rsp
	je	9f
	sti				/* its shadow covers the ret */
9:	ret
8:	movq	%rcx, STUB_ERROR(%rbp)
	cmpl	$GATE_INTERRUPT, %ebx
	POP_REGISTERS
	leaq	16(%rsp), %rsp
	je	10f
	sti
10:	ret
