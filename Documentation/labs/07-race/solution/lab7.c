// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 7: /dev/lab7, a record that is read and replaced.
 *
 * A write makes a new record of what it is given, a read copies the present one.  The parameter
 * "reads" tells how often that was.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define LAB7_MAX	4096

struct lab7_record {
	size_t len;
	char text[];
};

/* For both; held while a record is copied, so that it is there. */
static DEFINE_MUTEX(lab7_lock);
static struct lab7_record *lab7_record;
static unsigned long lab7_reads;
module_param_named(reads, lab7_reads, ulong, 0444);

static ssize_t lab7_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	ssize_t ret = 0;

	mutex_lock(&lab7_lock);
	if (lab7_record) {
		lab7_reads++;
		ret = simple_read_from_buffer(buf, count, pos, lab7_record->text, lab7_record->len);
	}
	mutex_unlock(&lab7_lock);
	return ret;
}

static ssize_t lab7_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct lab7_record *rec;

	if (!count || count > LAB7_MAX)
		return -EINVAL;
	rec = kmalloc(struct_size(rec, text, count), GFP_KERNEL);
	if (!rec)
		return -ENOMEM;
	rec->len = count;
	if (copy_from_user(rec->text, buf, count)) {
		kfree(rec);
		return -EFAULT;
	}
	mutex_lock(&lab7_lock);
	swap(lab7_record, rec);
	mutex_unlock(&lab7_lock);
	kfree(rec);
	return count;
}

static const struct file_operations lab7_fops = {
	.owner = THIS_MODULE,
	.read = lab7_read,
	.write = lab7_write,
	.llseek = noop_llseek,
};

static struct miscdevice lab7_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lab7",
	.fops = &lab7_fops,
	.mode = 0666,
};

static int __init lab7_init(void)
{
	return misc_register(&lab7_device);
}

static void __exit lab7_exit(void)
{
	misc_deregister(&lab7_device);
	kfree(lab7_record);
}

module_init(lab7_init);
module_exit(lab7_exit);
MODULE_DESCRIPTION("Lab 7");
MODULE_LICENSE("GPL");
