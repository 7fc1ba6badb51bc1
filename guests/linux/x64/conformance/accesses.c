/* A program that reads, writes or calls an address of its kernel's gets SIGSEGV, wherever it lies. */
#include "check.h"

enum access { READ, WRITE, CALL };

static int try(enum access access, unsigned long address)
{
	int signal = sigsetjmp(on_fault, 1);
	if (signal)
		return signal;
	switch (access) {
	case READ:
		(void)*(volatile char *)address;
		break;
	case WRITE:
		*(volatile char *)address = 1;
		break;
	case CALL:
		((void (*)(void))address)();
	}
	return 0;
}

int main(void)
{
	catch_faults();
	for (unsigned i = 0; i < KERNEL_ADDRESSES; i++) {
		unsigned long address = kernel_addresses[i];
		int read = try(READ, address), write = try(WRITE, address), call = try(CALL, address);
		check(read == SIGSEGV && write == SIGSEGV && call == SIGSEGV, "%#lx: signals %d %d %d", address, read, write, call);
	}
	return verdict();
}
