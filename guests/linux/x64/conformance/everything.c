/* Fills the address space with ever smaller mappings: all 64 TiB can be had, and none of them lies in the window. */
#include "check.h"

int main(void)
{
	unsigned long total = 0;
	int inside = 0, below = 0, count = 0;
	for (unsigned long size = 1ul << 42; size >= MiB; size /= 2) {
		char *at;
		while (count < 5000 && (at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) != MAP_FAILED) {
			inside += in_window(at, size);
			below += (unsigned long)at < WINDOW;
			total += size;
			count++;
		}
	}
	check(inside == 0, "none of the mappings lies in the window");
	check(below > 0, "some lie below it");
	check(total > 63ul << 40, "they fill more than 63 TiB");
	return verdict();
}
