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

static int lab3_put(const struct lab3_slot *slot)
{
	struct lab3_entry *entry = &lab3_table[slot->index];
	struct lab3_entry new = { .value = slot->value, .name_len = slot->name_len, .used = true };
	int err = 0;

	if (slot->flags & ~LAB3_F_NEW)
		return -EINVAL;
	if (slot->name_len > LAB3_NAME_MAX)
		return -ENAMETOOLONG;
	if (copy_from_user(new.name, u64_to_user_ptr(slot->name), slot->name_len))
		return -EFAULT;
	mutex_lock(&lab3_lock);
	if (slot->flags & LAB3_F_NEW && entry->used)
		err = -EEXIST;
	else
		*entry = new;
	mutex_unlock(&lab3_lock);
	return err;
}

/* With -EMSGSIZE the slot tells the length of the name. */
static int lab3_get(struct lab3_slot *slot)
{
	struct lab3_entry entry;
	u32 room = slot->name_len;

	if (slot->flags)
		return -EINVAL;
	mutex_lock(&lab3_lock);
	entry = lab3_table[slot->index];
	mutex_unlock(&lab3_lock);
	if (!entry.used)
		return -ENOENT;
	slot->value = entry.value;
	slot->name_len = entry.name_len;
	if (entry.name_len > room)
		return -EMSGSIZE;
	if (copy_to_user(u64_to_user_ptr(slot->name), entry.name, entry.name_len))
		return -EFAULT;
	return 0;
}

static long lab3_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lab3_slot __user *user = (void __user *)arg;
	struct lab3_slot slot;
	int err;

	if (cmd != LAB3_PUT && cmd != LAB3_GET)
		return -ENOTTY;
	if (copy_from_user(&slot, user, sizeof(slot)))
		return -EFAULT;
	if (slot.index >= LAB3_SLOTS || slot.reserved)
		return -EINVAL;
	if (cmd == LAB3_PUT)
		return lab3_put(&slot);
	err = lab3_get(&slot);
	if ((!err || err == -EMSGSIZE) && copy_to_user(user, &slot, sizeof(slot)))
		err = -EFAULT;
	return err;
}

static const struct file_operations lab3_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = lab3_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
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
