// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 2: /dev/lab2, a pad of LAB2_SIZE bytes that everybody writes to and reads from.
 *
 * It behaves as a small file does: it has a length, which is 0 at first and grows with what is
 * written; each open file has its own position; a read at the end gives 0 bytes.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#define LAB2_SIZE	4096

/*
 * A lock that may be held while a copy waits for a page of the caller's.  How long that takes is
 * for the caller to say: others wait so that a signal ends it.
 */
static DEFINE_MUTEX(lab2_lock);
/* What is behind the length is zero. */
static char lab2_bytes[LAB2_SIZE];
static size_t lab2_len;

static int lab2_open(struct inode *inode, struct file *file)
{
	if (!(file->f_mode & FMODE_WRITE) || !(file->f_flags & O_TRUNC))
		return 0;
	if (mutex_lock_interruptible(&lab2_lock))
		return -ERESTARTSYS;
	memset(lab2_bytes, 0, lab2_len);
	lab2_len = 0;
	mutex_unlock(&lab2_lock);
	return 0;
}

static ssize_t lab2_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&lab2_lock))
		return -ERESTARTSYS;
	ret = simple_read_from_buffer(buf, count, pos, lab2_bytes, lab2_len);
	mutex_unlock(&lab2_lock);
	return ret;
}

static ssize_t lab2_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	ssize_t ret;
	char *bytes;

	if (!count)
		return 0;
	/* To the pad itself a copy that fails midway would write zeroes. */
	bytes = memdup_user(buf, min_t(size_t, count, LAB2_SIZE));
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	ret = -ERESTARTSYS;
	if (mutex_lock_interruptible(&lab2_lock))
		goto out;
	if (file->f_flags & O_APPEND)
		*pos = lab2_len;
	ret = -ENOSPC;
	if (*pos < LAB2_SIZE) {
		ret = min_t(loff_t, count, LAB2_SIZE - *pos);
		memcpy(lab2_bytes + *pos, bytes, ret);
		*pos += ret;
		lab2_len = max_t(size_t, lab2_len, *pos);
	}
	mutex_unlock(&lab2_lock);
out:
	kfree(bytes);
	return ret;
}

static loff_t lab2_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t ret;

	if (mutex_lock_interruptible(&lab2_lock))
		return -EINTR;
	ret = generic_file_llseek_size(file, offset, whence, LAB2_SIZE, lab2_len);
	mutex_unlock(&lab2_lock);
	return ret;
}

static const struct file_operations lab2_fops = {
	.owner = THIS_MODULE,
	.open = lab2_open,
	.read = lab2_read,
	.write = lab2_write,
	.llseek = lab2_llseek,
};

static struct miscdevice lab2_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lab2",
	.fops = &lab2_fops,
	.mode = 0666,
};

module_misc_device(lab2_device);
MODULE_DESCRIPTION("Lab 2");
MODULE_LICENSE("GPL");
