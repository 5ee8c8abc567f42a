// SPDX-License-Identifier: GPL-2.0
/* Lab 3: a table of values with names, by ioctl. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "lab3.h"

struct lab3_entry {
	s64 value;
	u32 name_len;
	bool used;
	char name[LAB3_NAME_MAX];
};

static DEFINE_MUTEX(lab3_lock);
static struct lab3_entry lab3_table[LAB3_SLOTS];

/* TODO 3: refuse flags that nobody knows with -EINVAL; heed LAB3_F_NEW. */
/* TODO 4: refuse a name that is too long with -ENAMETOOLONG. */
/* TODO 5: a call that fails changes nothing, and this one may fail halfway. */
static int lab3_put(const struct lab3_slot *slot)
{
	struct lab3_entry *entry = &lab3_table[slot->index];
	int err = 0;

	mutex_lock(&lab3_lock);
	entry->value = slot->value;
	entry->used = true;
	entry->name_len = min_t(unsigned long, slot->name_len, LAB3_NAME_MAX);
	if (copy_from_user(entry->name, (const void __user *)slot->name, entry->name_len))
		err = -EFAULT;
	mutex_unlock(&lab3_lock);
	return err;
}

/* TODO 6: where the name does not fit, tell its length and fail with -EMSGSIZE. */
static int lab3_get(struct lab3_slot *slot)
{
	struct lab3_entry entry;

	mutex_lock(&lab3_lock);
	entry = lab3_table[slot->index];
	mutex_unlock(&lab3_lock);
	if (!entry.used)
		return -ENOENT;
	slot->value = entry.value;
	slot->name_len = min_t(unsigned long, slot->name_len, entry.name_len);
	if (copy_to_user((void __user *)slot->name, entry.name, slot->name_len))
		return -EFAULT;
	return 0;
}

/* TODO 7: a reserved field is to be 0, and a command that nobody knows has an errno of its own. */
static long lab3_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lab3_slot __user *user = (void __user *)arg;
	struct lab3_slot slot;
	int err;

	if (cmd != LAB3_PUT && cmd != LAB3_GET)
		return -EINVAL;
	if (copy_from_user(&slot, user, sizeof(slot)))
		return -EFAULT;
	if (slot.index >= LAB3_SLOTS)
		return -EINVAL;
	if (cmd == LAB3_PUT)
		return lab3_put(&slot);
	err = lab3_get(&slot);
	if (!err && copy_to_user(user, &slot, sizeof(slot)))
		err = -EFAULT;
	return err;
}

/* TODO 8: a 32-bit program's ioctl() comes by another operation. */
static const struct file_operations lab3_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = lab3_ioctl,
};

static struct miscdevice lab3_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lab3",
	.fops = &lab3_fops,
	.mode = 0666,
};

module_misc_device(lab3_device);
MODULE_DESCRIPTION("Lab 3");
MODULE_LICENSE("GPL");
