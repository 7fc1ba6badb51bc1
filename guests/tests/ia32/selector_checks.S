/* lar, lsl, verr, verw, arpl: results and ZF in all operand forms, other flags untouched. */
#include "test.h"

/* The arithmetic flags, all set before, in the low byte of %edx. */
#define SET_FLAGS	movb	$0xff, %ah; sahf
#define SHOW_FLAGS(text)						\
	pushfl;								\
	popl	%edx;							\
	andl	$0x8d5, %edx;						\
	SHOW(text, %edx)

#define CHECK(selector)							\
	movl	$selector, %ebx;					\
	movl	$selector, word;					\
	SHOW("selector", %ebx);						\
	movl	$0xdddddddd, %ecx;					\
	movl	%ecx, %edi;						\
	movl	%ecx, %ebp;						\
	SET_FLAGS;							\
	lar	%bx, %ecx;						\
	SHOW_FLAGS("lar flags");					\
	SHOW("lar", %ecx);						\
	movl	$0xdddddddd, %esi;					\
	SET_FLAGS;							\
	lsl	word, %esi;						\
	SHOW_FLAGS("lsl flags");					\
	SHOW("lsl", %esi);						\
	lar	word, %edi;						\
	SHOW_FLAGS("lar from memory, flags");				\
	lsl	%bx, %ebp;						\
	SHOW_FLAGS("lsl of a register, flags");				\
	subl	%ecx, %edi;						\
	subl	%esi, %ebp;						\
	SHOW("difference of lar", %edi);				\
	SHOW("difference of lsl", %ebp);				\
	SET_FLAGS;							\
	verr	%bx;							\
	SHOW_FLAGS("verr flags");					\
	SET_FLAGS;							\
	verw	word;							\
	SHOW_FLAGS("verw flags");					\
	andb	$0, %ah;						\
	sahf;								\
	verw	%bx;							\
	SHOW_FLAGS("verw flags, from none");				\
	verr	word;							\
	SHOW_FLAGS("verr flags, from those")

	.globl	main
main:	CHECK(KERNEL_DS)
	CHECK(KERNEL_CS)
	CHECK(EXECUTE_ONLY_CS)
	CHECK(ABSENT_DS)
	CHECK(SMALL_DS)
	CHECK(LDT_SELECTOR)
	CHECK(BEYOND_GDT)
	CHECK(0)

	movl	$0xaaaa0010, %ecx
	movl	$0xbbbb0003, %ebx
	SET_FLAGS
	arpl	%bx, %cx
	SHOW_FLAGS("arpl flags, adjusted")
	SHOW("arpl", %ecx)
	SET_FLAGS
	arpl	%bx, %cx
	SHOW_FLAGS("arpl flags, not adjusted")
	SHOW("arpl", %ecx)
	movl	$0xcccc0021, word
	arpl	%bx, word
	SHOW_FLAGS("arpl flags, memory")
	SHOW("arpl", word)
	MAY_FAULT("arpl in nowhere", arpl %bx, 0x00900000)
	MAY_FAULT("lar of nowhere", lar 0x00900000, %eax)
	MAY_FAULT("verw of nowhere", verw 0x00900000)
	ret

	.bss
	.balign	4
word:	.skip	4
