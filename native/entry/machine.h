/* Where a stub finds the state it shares (src/LilyVM.Hypervisor/User/Shared/Layout.cs); the offsets are generated. */
#include "hv_layout.h"

#define MACHINE(field)	lily_machine + field(%rip)

/* Selector of 64-bit user code in every Linux process: what the VM library's far jumps name. */
#define HOST_CODE_64	0x33
#define HOST_DATA	0x2b
