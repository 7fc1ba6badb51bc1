/* Page faults of a user program: the error code that the kernel shows must be the processor's, wherever the address lies. */
#include "touch.h"

int run(void)
{
	catch_faults();
	touch("null", 4);
	u8 *pages = map_pages(4);
	touch("fresh page", (word)pages);
	call(SYS_mprotect, pages, PAGE, PROT_READ);
	touch("read-only page", (word)pages);
	call(SYS_mprotect, pages, PAGE, PROT_READ | PROT_WRITE);
	touch("writable again", (word)pages);
	call(SYS_munmap, pages + PAGE, PAGE);
	touch("unmapped page", (word)pages + PAGE);

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
