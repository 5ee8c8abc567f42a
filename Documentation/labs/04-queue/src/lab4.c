// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 4: /dev/lab4, a queue of LAB4_MSGS messages.  A write is a message, a read takes the
 * oldest one.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#define LAB4_MSGS	8	/* a power of two */
#define LAB4_MSG_MAX	64	/* bytes */

struct lab4_msg {
	size_t len;
	char bytes[LAB4_MSG_MAX];
};

/* For all below; whoever changes it holds it.  It may be held while a copy waits for memory. */
static DEFINE_MUTEX(lab4_lock);
static struct lab4_msg lab4_ring[LAB4_MSGS];
/* How many were ever put there, and taken: not masked, so that full and empty differ. */
static unsigned int lab4_put, lab4_taken;

/* TODO 1: whom do readers wait with, and whom do writers wait with? */

static bool lab4_has_message(void)
{
	return lab4_put != lab4_taken;
}

static bool lab4_has_room(void)
{
	return lab4_put - lab4_taken < LAB4_MSGS;
}

/* Take the lock when there is a message.  Return: 0, and it is held, or negative errno. */
static int lab4_lock_message(struct file *file)
{
	if (mutex_lock_interruptible(&lab4_lock))
		return -ERESTARTSYS;
	if (lab4_has_message())
		return 0;
	mutex_unlock(&lab4_lock);
	/*
	 * TODO 2: unless the file is O_NONBLOCK, sleep until there is a message, or a signal.
	 * When you wake up, it may be gone again.
	 */
	return -EAGAIN;
}

/* Take the lock when there is room.  Return: 0, and it is held, or negative errno. */
static int lab4_lock_room(struct file *file)
{
	if (mutex_lock_interruptible(&lab4_lock))
		return -ERESTARTSYS;
	if (lab4_has_room())
		return 0;
	mutex_unlock(&lab4_lock);
	/* TODO 3: the same for those who write. */
	return -EAGAIN;
}

static ssize_t lab4_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct lab4_msg *msg;
	ssize_t ret;

	ret = lab4_lock_message(file);
	if (ret)
		return ret;
	msg = &lab4_ring[lab4_taken % LAB4_MSGS];
	/* A message that cannot be delivered stays. */
	if (msg->len > count)
		ret = -EMSGSIZE;
	else if (copy_to_user(buf, msg->bytes, msg->len))
		ret = -EFAULT;
	else
		ret = msg->len;
	if (ret >= 0)
		lab4_taken++;
	mutex_unlock(&lab4_lock);
	/* TODO 4: there is room now.  Who wants to know? */
	return ret;
}

static ssize_t lab4_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct lab4_msg *msg;
	ssize_t ret;

	/* One without a byte would look like an end. */
	if (!count)
		return 0;
	if (count > LAB4_MSG_MAX)
		return -EMSGSIZE;
	ret = lab4_lock_room(file);
	if (ret)
		return ret;
	msg = &lab4_ring[lab4_put % LAB4_MSGS];
	if (copy_from_user(msg->bytes, buf, count)) {
		ret = -EFAULT;
	} else {
		msg->len = count;
		lab4_put++;
		ret = count;
	}
	mutex_unlock(&lab4_lock);
	/* TODO 5: there is a message now. */
	return ret;
}

static const struct file_operations lab4_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.read = lab4_read,
	.write = lab4_write,
};

static struct miscdevice lab4_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lab4",
	.fops = &lab4_fops,
	.mode = 0666,
};

module_misc_device(lab4_device);
MODULE_DESCRIPTION("Lab 4");
MODULE_LICENSE("GPL");
