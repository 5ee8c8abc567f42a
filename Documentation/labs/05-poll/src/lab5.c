// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 5: /dev/lab5, a queue of LAB5_MSGS messages.  A write is a message, a read takes the
 * oldest one.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define LAB5_MSGS	8	/* a power of two */
#define LAB5_MSG_MAX	64	/* bytes */

struct lab5_msg {
	size_t len;
	char bytes[LAB5_MSG_MAX];
};

/* For all below; whoever changes it holds it.  It may be held while a copy waits for memory. */
static DEFINE_MUTEX(lab5_lock);
static struct lab5_msg lab5_ring[LAB5_MSGS];
/* How many were ever put there, and taken: not masked, so that full and empty differ. */
static unsigned int lab5_put, lab5_taken;

/*
 * Who waits for a message, and who for room
 *
 * TODO 1: poll: who polls waits here, too, and is then told what there is: EPOLLIN and
 * EPOLLRDNORM, EPOLLOUT and EPOLLWRNORM.
 */
static DECLARE_WAIT_QUEUE_HEAD(lab5_readers);
static DECLARE_WAIT_QUEUE_HEAD(lab5_writers);

/* Without the lock the answer may be an old one: those who wait ask so, and then with it. */
static bool lab5_has_message(void)
{
	return READ_ONCE(lab5_put) != READ_ONCE(lab5_taken);
}

static bool lab5_has_room(void)
{
	return READ_ONCE(lab5_put) - READ_ONCE(lab5_taken) < LAB5_MSGS;
}

/*
 * TODO 2: one message is for one reader, and wakes all of them.  Let it wake one, and the same
 * for writers.  That one has a duty then: whenever it leaves without the message that it was
 * woken for, somebody else has to be.  Look for each such way out.
 */

/* Take the lock when there is a message.  Return: 0, and it is held, or negative errno. */
static int lab5_lock_message(struct file *file)
{
	for (;;) {
		if (mutex_lock_interruptible(&lab5_lock))
			return -ERESTARTSYS;
		if (lab5_has_message())
			return 0;
		mutex_unlock(&lab5_lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(lab5_readers, lab5_has_message()))
			return -ERESTARTSYS;
	}
}

/* Take the lock when there is room.  Return: 0, and it is held, or negative errno. */
static int lab5_lock_room(struct file *file)
{
	for (;;) {
		if (mutex_lock_interruptible(&lab5_lock))
			return -ERESTARTSYS;
		if (lab5_has_room())
			return 0;
		mutex_unlock(&lab5_lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(lab5_writers, lab5_has_room()))
			return -ERESTARTSYS;
	}
}

static ssize_t lab5_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct lab5_msg *msg;
	ssize_t ret;

	ret = lab5_lock_message(file);
	if (ret)
		return ret;
	msg = &lab5_ring[lab5_taken % LAB5_MSGS];
	/* A message that cannot be delivered stays. */
	if (msg->len > count)
		ret = -EMSGSIZE;
	else if (copy_to_user(buf, msg->bytes, msg->len))
		ret = -EFAULT;
	else
		ret = msg->len;
	if (ret >= 0)
		WRITE_ONCE(lab5_taken, lab5_taken + 1);
	mutex_unlock(&lab5_lock);
	/* TODO 3: epoll asks what a wake-up is for: see wake_up_interruptible_poll(). */
	if (ret >= 0)
		wake_up_interruptible(&lab5_writers);
	return ret;
}

static ssize_t lab5_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	struct lab5_msg *msg;
	ssize_t ret;

	/* One without a byte would look like an end. */
	if (!count)
		return 0;
	if (count > LAB5_MSG_MAX)
		return -EMSGSIZE;
	ret = lab5_lock_room(file);
	if (ret)
		return ret;
	msg = &lab5_ring[lab5_put % LAB5_MSGS];
	if (copy_from_user(msg->bytes, buf, count)) {
		ret = -EFAULT;
	} else {
		msg->len = count;
		WRITE_ONCE(lab5_put, lab5_put + 1);
		ret = count;
	}
	mutex_unlock(&lab5_lock);
	if (ret >= 0)
		wake_up_interruptible(&lab5_readers);
	return ret;
}

static const struct file_operations lab5_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.read = lab5_read,
	.write = lab5_write,
};

static struct miscdevice lab5_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lab5",
	.fops = &lab5_fops,
	.mode = 0666,
};

module_misc_device(lab5_device);
MODULE_DESCRIPTION("Lab 5");
MODULE_LICENSE("GPL");
