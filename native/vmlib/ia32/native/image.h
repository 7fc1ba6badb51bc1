/* Where the native image lies in guest physical memory; a loader puts the whole file at LILY_UNPAGED_ALIAS. */
#define PTE_PRESENT_WRITABLE	3
#define PAGE_TABLE_PHYSICAL	(LILY_UNPAGED_ALIAS + LILY_MAPPED_SIZE)
