/* What assembly of the kernel hypervisor shares with C# (src/LilyVM.Hypervisor/Shared/Kernel); the numbers are generated. */
#include "kh_layout.h"

#define MACHINE(field)	lily_machine + field(%rip)
#define STATE(field)	MACHINE(VCPU_STATE_##field)
#define COUNTER(which)	lily_record + RECORD_COUNTERS + 8 * which(%rip)
#define CONTEXT(field)	lily_context + field(%rip)
#define VCPU_PAGE(field) lily_vcpu_page + (field - LILY_VCPU)(%rip)

#define EFLAGS_TF	0x00000100
#define EFLAGS_IF	0x00000200
#define EFLAGS_NT	0x00004000
#define EFLAGS_RF	0x00010000
#define EFLAGS_VM	0x00020000

#define VECTOR_NMI		2
#define VECTOR_DOUBLE_FAULT	8
#define VECTOR_PAGE_FAULT	14
#define VECTOR_MACHINE_CHECK	18
#define VECTOR_HYPERCALL	LILY_HYPERCALL_VECTOR
#define VECTOR_SYSTEM_CALL	0x80
#define VECTOR_LOOK_AGAIN	256	/* no real one: see nmi.S */

/* The frame of an interrupt in 64-bit mode, above vector and error code (SDM vol. 3, figure 6-9). */
#define FRAME_VECTOR	0
#define FRAME_ERROR	8
#define FRAME_RIP	16
#define FRAME_CS	24
#define FRAME_RFLAGS	32
#define FRAME_RSP	40
#define FRAME_SS	48
#define FRAME_SIZE	56
