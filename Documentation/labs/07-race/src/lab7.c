// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 7: /dev/lab7, a record that is read and replaced, without synchronisation.
 *
 * A write makes a new record of what it is given, a read copies the present one.  The parameter
 * "reads" tells how often that was.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define LAB7_MAX	4096

struct lab7_record {
	size_t len;
	char text[];
};

/* TODO 3: find what is wrong with each of these, and mend it. */
static struct lab7_record *lab7_record;
static unsigned long lab7_reads;
module_param_named(reads, lab7_reads, ulong, 0444);

static ssize_t lab7_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct lab7_record *rec = lab7_record;

	if (!rec)
		return 0;
	lab7_reads++;
	return simple_read_from_buffer(buf, count, pos, rec->text, rec->len);
}

static ssize_t lab7_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct lab7_record *rec, *old;

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
	old = lab7_record;
	lab7_record = rec;
	kfree(old);
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
