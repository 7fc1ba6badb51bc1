/* Where a stub finds the state it shares (src/LilyVM.Hypervisor/Shared/User/Layout.cs); the offsets are generated. */
#include "hv_layout.h"

#define STATE(field)	lily_vcpu + VCPU_STATE_##field(%rip)

#define EFLAGS_TF	0x00000100
#define EFLAGS_DF	0x00000400
#define EFLAGS_NT	0x00004000
#define EFLAGS_AC	0x00040000
#define EFLAGS_ID	0x00200000
