// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* /dev/lilyvm: what src/LilyVM.Hypervisor/Shared/Kernel/ModuleInterface.cs promises. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "lilyvm.h"

static int lilyvm_open(struct inode *inode, struct file *file)
{
	struct lilyvm *vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	if (!vm)
		return -ENOMEM;
	mutex_init(&vm->lock);
	spin_lock_init(&vm->frames);
	INIT_LIST_HEAD(&vm->pages);
	lilyvm_time_prepare(vm);
	vm->cpu = -1;
	file->private_data = vm;
	return nonseekable_open(inode, file);
}

/* Neither a call nor a mapping of the file is left. */
static int lilyvm_release(struct inode *inode, struct file *file)
{
	struct lilyvm *vm = file->private_data;

	hrtimer_cancel(&vm->timer);
	if (vm->created) {
		lilyvm_guest_detach(vm);
		lily_destroy(&vm->machine);
		mmdrop(vm->mm);
	}
	kfree(vm);
	return 0;
}

static int create(struct lilyvm *vm, const struct lily_create_argument *argument)
{
	int error;

	if (vm->created)
		return -EEXIST;
	vm->mm = current->mm;
	error = lily_create(&vm->machine, argument);
	if (!error)
		error = lilyvm_guest_attach(vm, argument->ram_address, argument->ram_size);
	if (error) {
		lily_destroy(&vm->machine);
		return error;
	}
	mmgrab(vm->mm);
	smp_store_release(&vm->created, true);
	return 0;
}

static long lilyvm_create(struct lilyvm *vm, void __user *user)
{
	struct lily_create_argument argument;
	int error;

	if (copy_from_user(&argument, user, sizeof(argument)))
		return -EFAULT;
	if (!lily_create_valid(&argument) || !access_ok((void __user *)argument.ram_address, argument.ram_size))
		return -EINVAL;
	if (!mutex_trylock(&vm->lock))
		return -EBUSY;
	error = create(vm, &argument);
	mutex_unlock(&vm->lock);
	return error;
}

static long lilyvm_run(struct lilyvm *vm)
{
	enum lily_end end;

	if (vm->mm != current->mm)
		return -EPERM;
	if (!mutex_trylock(&vm->lock))
		return -EBUSY;
	end = lily_run(&vm->machine);
	mutex_unlock(&vm->lock);
	return end == LILY_END_SIGNAL ? -EINTR : 0;
}

static long lilyvm_kick(struct lilyvm *vm)
{
	WRITE_ONCE(vm->kicked, true);
	wake_up(&vm->wait);
	lilyvm_interrupt(vm, false);
	return 0;
}

static long lilyvm_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct lilyvm *vm = file->private_data;

	switch (command) {
	case LILY_IOCTL_VERSION:
		return LILY_IMAGE_CURRENT_VERSION;
	case LILY_IOCTL_CREATE:
		return lilyvm_create(vm, (void __user *)argument);
	case LILY_IOCTL_RUN:
		return smp_load_acquire(&vm->created) ? lilyvm_run(vm) : -ENXIO;
	case LILY_IOCTL_KICK:
		return smp_load_acquire(&vm->created) ? lilyvm_kick(vm) : -ENXIO;
	}
	return -ENOTTY;
}

static int lilyvm_mmap(struct file *file, struct vm_area_struct *area)
{
	static const struct {
		unsigned long offset, pages;
		u64 address;
	} parts[] = {
	    {0, LILY_RUN_RECORD_PAGES, LILY_RUN_RECORD},
	    {LILY_IOCTL_VM_AREA_OFFSET, LILY_VM_AREA_PAGES, LILY_VM_AREA},
	};
	struct lilyvm *vm = file->private_data;
	unsigned long pages = vma_pages(area), i, page;
	int error;

	if (!smp_load_acquire(&vm->created))
		return -ENXIO;
	if (!(area->vm_flags & VM_SHARED) || (area->vm_flags & VM_EXEC))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (area->vm_pgoff != parts[i].offset >> PAGE_SHIFT || pages > parts[i].pages)
			continue;
		for (page = 0; page < pages; page++) {
			void *memory = lily_space_page(&vm->machine, parts[i].address + page * LILY_PAGE);

			error = vm_insert_page(area, area->vm_start + page * PAGE_SIZE, virt_to_page(memory));
			if (error)
				return error;
		}
		return 0;
	}
	return -EINVAL;
}

static const struct file_operations operations = {
    .owner = THIS_MODULE,
    .open = lilyvm_open,
    .release = lilyvm_release,
    .unlocked_ioctl = lilyvm_ioctl,
    .mmap = lilyvm_mmap,
};

static struct miscdevice device = {
    .minor = MISC_DYNAMIC_MINOR,
    .name = "lilyvm",
    .mode = 0660,
    .fops = &operations,
};

int lilyvm_device_register(void)
{
	return misc_register(&device);
}

void lilyvm_device_unregister(void)
{
	misc_deregister(&device);
}
