/* void lily_read_segments(ushort* dsesfsgs) */
FUNCTION lily_read_segments
	movw	%ds, (%rdi)
	movw	%es, 2(%rdi)
	movw	%fs, 4(%rdi)
	movw	%gs, 6(%rdi)
	ret
