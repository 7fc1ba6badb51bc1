/*
 * The driver of the first virtio-mmio device, a source of entropy, breaks every rule of its queue (virtio 1.2, 2.7) and then does it right.
 */
#include "test.h"

#define DEVICE		0xd0000000	/* also its physical address */
#define REGISTER(at)	DEVICE + (at)
#define FEATURES	0x020
#define FEATURES_SELECT	0x024
#define QUEUE_SIZE	0x038
#define QUEUE_READY	0x044
#define NOTIFY		0x050
#define STATUS		0x070
#define DESCRIPTORS	0x080
#define AVAILABLE	0x090
#define USED		0x0a0
#define NEEDS_RESET	0x40
#define NEXT		1
#define WRITE		2
#define INDIRECT	4

/* A descriptor's fields, the available ring's, the used ring's. */
#define ADDRESS(n)	queue + 16 * (n)
#define LENGTH(n)	queue + 16 * (n) + 8
#define FLAGS_NEXT(n)	queue + 16 * (n) + 12
#define AVAILABLE_INDEX	queue + 0x402
#define AVAILABLE_HEAD	queue + 0x404
#define USED_INDEX	queue + 0x802
#define USED_LENGTH	queue + 0x808

/* One good request that fills 16 bytes, changed by the instructions; then what the device says to it. */
#define CASE(text, change...)	call begin; change; call finish; .asciz text
#define AGAIN(at, value)	movl $0, REGISTER(QUEUE_READY); movl $value, REGISTER(at); movl $1, REGISTER(QUEUE_READY)

	.globl	main
main:	movl	$device_table - LINK_OFFSET + 3, page_directory + (DEVICE >> 22) * 4
	movl	$DEVICE + 0x13, device_table	/* not cached */
	movl	%cr3, %eax
	movl	%eax, %cr3

	CASE("as it should be", nop)
	CASE("a loop", movl $WRITE | NEXT, FLAGS_NEXT(0))
	CASE("a next one outside the table", movl $WRITE | NEXT | 200 << 16, FLAGS_NEXT(0))
	CASE("a head outside the table", movw $0x1234, AVAILABLE_HEAD)
	CASE("an index far ahead", movw $100, AVAILABLE_INDEX)
	CASE("a buffer outside RAM", movl $0xe0000000, ADDRESS(0))
	CASE("a buffer above 4 GiB", movl $1, ADDRESS(0) + 4)
	CASE("a buffer at the end of all addresses", movl $-1, ADDRESS(0); movl $-1, ADDRESS(0) + 4)
	CASE("a huge length", movl $-1, LENGTH(0))
	CASE("readable behind writable", movl $WRITE | NEXT | 1 << 16, FLAGS_NEXT(0); movl $0, FLAGS_NEXT(1))
	CASE("an indirect table", movl $INDIRECT, FLAGS_NEXT(0))
	CASE("descriptors above 4 GiB", AGAIN(DESCRIPTORS + 4, 1))
	CASE("a ring outside RAM", AGAIN(AVAILABLE, 0xfffff000))
	CASE("an unaligned ring", AGAIN(USED, 2))
	CASE("a queue of 3", AGAIN(QUEUE_SIZE, 3))
	CASE("a queue of 4 billion", AGAIN(QUEUE_SIZE, 0xffffffff))
	CASE("all ones in every register", call ones)
	CASE("as it should be", nop)
	ret

/* Starts the device with a queue of 8. */
begin:	movl	$queue, %edi
	movl	$0x1000 / 4, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$0, REGISTER(STATUS)
	movl	$1, REGISTER(STATUS)
	movl	$3, REGISTER(STATUS)
	movl	$1, REGISTER(FEATURES_SELECT)
	movl	$1, REGISTER(FEATURES)		/* VERSION_1 */
	movl	$11, REGISTER(STATUS)
	movl	$8, REGISTER(QUEUE_SIZE)
	movl	$LOW(queue), REGISTER(DESCRIPTORS)
	movl	$LOW(queue) + 0x400, REGISTER(AVAILABLE)
	movl	$LOW(queue) + 0x800, REGISTER(USED)
	movl	$1, REGISTER(QUEUE_READY)
	movl	$15, REGISTER(STATUS)
	movl	$LOW(buffer), ADDRESS(0)
	movl	$LOW(buffer), ADDRESS(1)
	movl	$16, LENGTH(0)
	movl	$16, LENGTH(1)
	movl	$WRITE, FLAGS_NEXT(0)
	movw	$1, AVAILABLE_INDEX
	ret

/* Every register but the status, which would end it; then the queue is not in use. */
ones:	xorl	%ecx, %ecx
1:	cmpl	$STATUS, %ecx
	je	2f
	movl	$-1, DEVICE(%ecx)
	movb	$-1, DEVICE(%ecx)
2:	addl	$4, %ecx
	cmpl	$0x1000, %ecx
	jb	1b
	movl	$0, REGISTER(0x030)		/* the queue selected again */
	ret

/* Notifies, waits, tells. The text lies behind the call. */
finish:	popl	%esi
	call	print_string
	pushl	%esi
	movl	$0, REGISTER(NOTIFY)
1:	testl	$NEEDS_RESET, REGISTER(STATUS)
	jnz	2f
	cmpw	$0, USED_INDEX
	je	1b
	SHOW(", filled", USED_LENGTH)
	ret
2:	SAY(": the device needs a reset")
	ret

	.bss
	.balign	0x1000
device_table:
	.skip	0x1000
queue:	.skip	0x1000
buffer:	.skip	16
