#pragma once

/* What the test program asks of the test hypervisor: words of the run record, by their offsets. */
#define COMMAND 0
#define SERVICE 8
#define ARGUMENT 16
#define RESULT 24
#define STOP 32
#define COUNT 40      /* rounds of the guest */
#define INTERRUPTS 48 /* that arrived while it ran */
#define FAULTS 56     /* pages of guest RAM that were fetched */
#define TRAP 64	      /* not zero: an exception that nobody expected */
#define TRAP_IP 72
#define TRAP_ERROR 80

#define COMMAND_SERVICE 1
#define COMMAND_FILL 2
#define COMMAND_GUEST 3
