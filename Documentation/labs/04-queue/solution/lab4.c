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
#include <linux/wait.h>

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

/* Who waits for a message, and who for room */
static DECLARE_WAIT_QUEUE_HEAD(lab4_readers);
static DECLARE_WAIT_QUEUE_HEAD(lab4_writers);

/* Without the lock the answer may be an old one: those who wait ask so, and then with it. */
static bool lab4_has_message(void)
{
	return READ_ONCE(lab4_put) != READ_ONCE(lab4_taken);
}

static bool lab4_has_room(void)
{
	return READ_ONCE(lab4_put) - READ_ONCE(lab4_taken) < LAB4_MSGS;
}

/* Take the lock when there is a message.  Return: 0, and it is held, or negative errno. */
static int lab4_lock_message(struct file *file)
{
	for (;;) {
		if (mutex_lock_interruptible(&lab4_lock))
			return -ERESTARTSYS;
		if (lab4_has_message())
			return 0;
		mutex_unlock(&lab4_lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(lab4_readers, lab4_has_message()))
			return -ERESTARTSYS;
	}
}

/* Take the lock when there is room.  Return: 0, and it is held, or negative errno. */
static int lab4_lock_room(struct file *file)
{
	for (;;) {
		if (mutex_lock_interruptible(&lab4_lock))
			return -ERESTARTSYS;
		if (lab4_has_room())
			return 0;
		mutex_unlock(&lab4_lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(lab4_writers, lab4_has_room()))
			return -ERESTARTSYS;
	}
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
		WRITE_ONCE(lab4_taken, lab4_taken + 1);
	mutex_unlock(&lab4_lock);
	if (ret >= 0)
		wake_up_interruptible(&lab4_writers);
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
		WRITE_ONCE(lab4_put, lab4_put + 1);
		ret = count;
	}
	mutex_unlock(&lab4_lock);
	if (ret >= 0)
		wake_up_interruptible(&lab4_readers);
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
