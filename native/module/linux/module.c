// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <linux/module.h>
#include "lilyvm.h"

static int __init lilyvm_init(void)
{
	const char *problem = lilyvm_refusal();

	if (problem) {
		pr_err("lilyvm: %s\n", problem);
		return -ENODEV;
	}
	problem = lily_image_check();
	if (problem) {
		pr_err("lilyvm: the embedded kernel hypervisor %s; build the module again\n", problem);
		return -ENOEXEC;
	}
	return lilyvm_device_register();
}

static void __exit lilyvm_exit(void)
{
	lilyvm_device_unregister();
}

module_init(lilyvm_init);
module_exit(lilyvm_exit);
MODULE_DESCRIPTION("LilyVM: world switch between Linux and the kernel hypervisor");
MODULE_LICENSE("Dual MIT/GPL");
