/* Where a stub finds the vCPU: in the VM area, at an absolute address below 2 GiB that every address space has. Offsets are generated. */
#include "hv_layout.h"

#define STATE(field)	VCPU_ADDRESS + VCPU_STATE_##field
#define CROSS(field)	CROSSING_ADDRESS + CROSSING_##field

#define RFLAGS_TF	0x00000100
#define RFLAGS_NT	0x00004000
#define RFLAGS_AC	0x00040000
#define RFLAGS_ID	0x00200000
