/* All general registers of an IA-32 guest but ESP, from the vCPU. */
.macro LOAD_REGISTERS
	movl	STATE(AX), %eax
	movl	STATE(CX), %ecx
	movl	STATE(DX), %edx
	movl	STATE(BX), %ebx
	movl	STATE(BP), %ebp
	movl	STATE(SI), %esi
	movl	STATE(DI), %edi
.endm
