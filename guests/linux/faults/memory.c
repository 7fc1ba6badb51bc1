/* Page faults of a user program: the error code that the kernel shows must be the processor's, wherever the address lies. */
#include "attempt.h"

static volatile u32 address;

static void touch(const char *name, u32 where)
{
	address = where;
	ATTEMPT(name, "movl address, %%eax; movl (%%eax), %%eax");
	if (got_signal)
		REPORT("  read", "address matches", seen.cr2 == where);
	ATTEMPT(name, "movl address, %%eax; movl $1, (%%eax)");
	if (got_signal)
		REPORT("  write", "address matches", seen.cr2 == where);
}

int run(void)
{
	catch_faults();
	touch("null", 4);
	touch("kernel text", 0xc1000000);
	touch("end of kernel memory", 0xff000000);
	touch("VM area", 0xff800000);
	touch("vCPU page", 0xff810000);
	touch("last page", 0xfffff000);
	ATTEMPT("execute the VM area", "movl $0xff800040, %%eax; jmp *%%eax");
	ATTEMPT("execute kernel text", "movl $0xc1000000, %%eax; jmp *%%eax");

	u8 *pages = map_pages(4);
	touch("fresh page", (u32)pages);
	call(SYS_mprotect, pages, PAGE, PROT_READ);
	touch("read-only page", (u32)pages);
	call(SYS_mprotect, pages, PAGE, PROT_READ | PROT_WRITE);
	touch("writable again", (u32)pages);
	call(SYS_munmap, pages + PAGE, PAGE);
	touch("unmapped page", (u32)pages + PAGE);

	/* Copy on write: parent and child see their own. */
	pages[0] = 1;
	int child = call(SYS_fork);
	if (child == 0) {
		pages[0] += 41;
		call(SYS_exit, pages[0]);
	}
	int status = wait_for(child);
	REPORT("copy on write", "child", status >> 8, "parent", pages[0]);
	return 0;
}
