#pragma once

#include <stdint.h>
#include <sys/types.h>
#include "kh_layout.h"
#include "commands.h"

/* A machine of the test hypervisor, as the VM process has it. */
struct harness {
	int device;
	uint8_t *ram;
	uint64_t ram_size;
	volatile uint64_t *record;
};

void harness_open(struct harness *harness, uint64_t ram_size);
void harness_close(struct harness *harness);

/* Runs until an exit; the command's RESULT. */
uint64_t harness_command(struct harness *harness, uint64_t command, uint64_t service, uint64_t argument);

/* One RUN; 0 or an error number. */
int harness_run(struct harness *harness);

#define WORD(harness, offset) ((harness)->record[(offset) / 8])

/* Ends the program with a message unless the condition holds. */
#define REQUIRE(condition) require(condition, #condition, __func__, __LINE__)
void require(int condition, const char *text, const char *function, int line);
