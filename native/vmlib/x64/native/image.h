/* Where the native image lies in guest physical memory: at the address that it is linked at. */
#define PTE_PRESENT		1
#define PTE_PRESENT_WRITABLE	3
#define PTE_LARGE		0x80

/* The tables behind the library's pages; all lie in the 2 MiB that OWN_TABLE maps. */
#define OWN_TABLE	(LILY_BASE + LILY_MAPPED_SIZE)
#define OWN_DIRECTORY	(OWN_TABLE + 0x1000)
#define OWN_POINTERS	(OWN_TABLE + 0x2000)
#define OWN_ROOT	(OWN_TABLE + 0x3000)
#define DIRECTORY_PLACE	(((LILY_BASE >> 21) & 511) * 8)

/* The last page that OWN_TABLE maps shows what is asked for. */
#define WINDOW		(LILY_BASE + 0x1ff000)
#define WINDOW_ENTRY	(OWN_TABLE + 511 * 8)
