/* Debug registers. */
	.text
.irp number, 0, 1, 2, 3, 6, 7
	READ_ROUTINE rd_dr\number, FAULTS LILY_RECOVER_ALL_REGISTERS, mov %db\number, AX

	OPERAND_ROUTINE wr_dr\number, mov AX, %db\number
.endr
