// SPDX-License-Identifier: GPL-2.0
/* /dev/ipcchan: the file operations. */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "buffer.h"
#include "device.h"
#include "endpoint.h"
#include "ioctl.h"
#include "message.h"

static int ipcchan_open(struct inode *inode, struct file *file)
{
	struct ipcchan_ep *ep = ipcchan_ep_create();

	if (IS_ERR(ep))
		return PTR_ERR(ep);
	file->private_data = ep;
	return stream_open(inode, file);
}

static int ipcchan_release(struct inode *inode, struct file *file)
{
	ipcchan_ep_destroy(file->private_data);
	return 0;
}

/* The channel to send to, receive from or poll: `default` unless attached. */
static struct ipcchan_chan *ipcchan_file_chan(struct file *file)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);
	int err;

	if (likely(chan))
		return chan;
	err = ipcchan_ep_attach_default(file);
	return err ? ERR_PTR(err) : ipcchan_ep_chan(ep);
}

/*
 * Where a payload comes from or goes to: @iter, or @buf where it is NULL.
 * read() and write(), which have no vector to walk, save a tenth of a small
 * message's way.
 */
struct ipcchan_user {
	struct file *file;
	char __user *buf;
	struct iov_iter *iter;
	size_t len;
	bool nonblock;
};

/*
 * The payload was allocated for its length: the search for the object and its
 * bounds that copy_from_user() and copy_from_iter() add is worth another eighth.
 */
static __always_inline bool ipcchan_copy_in(struct ipcchan_msg *msg,
					    struct ipcchan_user *u)
{
	if (u->iter)
		return _copy_from_iter(msg->data, u->len, u->iter) == u->len;
	return !_copy_from_user(msg->data, u->buf, u->len);
}

static __always_inline bool ipcchan_copy_out(const struct ipcchan_msg *msg,
					     struct ipcchan_user *u)
{
	if (u->iter)
		return _copy_to_iter(msg->data, msg->len, u->iter) == msg->len;
	return !_copy_to_user(u->buf, msg->data, msg->len);
}

static __always_inline struct ipcchan_msg *
ipcchan_msg_create(struct ipcchan_ep *ep, struct ipcchan_queue *q,
		   struct ipcchan_user *u)
{
	struct ipcchan_msg *msg;

	if (likely(ipcchan_msg_is_slot(u->len)))
		msg = ipcchan_ep_take_slot(ep) ?: ipcchan_queue_slot(q);
	else
		msg = ipcchan_msg_alloc(u->len);
	if (unlikely(!msg))
		return ERR_PTR(-ENOMEM);
	msg->len = u->len;
	if (unlikely(!ipcchan_copy_in(msg, u))) {
		ipcchan_ep_keep(ep, msg);
		return ERR_PTR(-EFAULT);
	}
	return msg;
}

static __always_inline ssize_t ipcchan_send(struct ipcchan_user *u)
{
	struct ipcchan_ep *ep = u->file->private_data;
	struct ipcchan_chan *chan = ipcchan_file_chan(u->file);
	struct ipcchan_msg *msg, *spare;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (unlikely(!(ep->role & IPCCHAN_ROLE_SEND)))
		return -EBADF;
	if (unlikely(!u->len))
		return -EINVAL;
	if (unlikely(u->len > chan->queue.max_len))
		return -EMSGSIZE;

	msg = ipcchan_msg_create(ep, &chan->queue, u);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	spare = ipcchan_queue_send(&chan->queue, msg, u->nonblock);
	if (IS_ERR(spare)) {
		ipcchan_ep_keep(ep, msg);
		return PTR_ERR(spare);
	}
	if (likely(spare))
		ipcchan_ep_keep(ep, spare);
	return u->len;
}

static __always_inline ssize_t ipcchan_recv(struct ipcchan_user *u)
{
	struct ipcchan_ep *ep = u->file->private_data;
	struct ipcchan_chan *chan = ipcchan_file_chan(u->file);
	struct ipcchan_msg *msg;
	size_t len;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (unlikely(!(ep->role & IPCCHAN_ROLE_RECV)))
		return -EBADF;
	if (unlikely(!u->len))
		return -EINVAL;

	msg = ipcchan_queue_recv(&chan->queue, u->len, u->nonblock,
				 ipcchan_ep_take_slot(ep));
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	len = msg->len;
	if (unlikely(!ipcchan_copy_out(msg, u))) {
		ipcchan_queue_putback(&chan->queue, msg);
		return -EFAULT;
	}
	ipcchan_ep_keep(ep, msg);
	return len;
}

static ssize_t ipcchan_write(struct file *file, const char __user *buf,
			     size_t len, loff_t *pos)
{
	return ipcchan_send(&(struct ipcchan_user) {
		.file = file,
		.buf = (char __user *)buf,
		.len = len,
		.nonblock = file->f_flags & O_NONBLOCK,
	});
}

static ssize_t ipcchan_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	return ipcchan_recv(&(struct ipcchan_user) {
		.file = file,
		.buf = buf,
		.len = len,
		.nonblock = file->f_flags & O_NONBLOCK,
	});
}

static bool ipcchan_iter_nonblock(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK ||
	       iocb->ki_flags & IOCB_NOWAIT;
}

static ssize_t ipcchan_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	return ipcchan_send(&(struct ipcchan_user) {
		.file = iocb->ki_filp,
		.iter = from,
		.len = iov_iter_count(from),
		.nonblock = ipcchan_iter_nonblock(iocb),
	});
}

static ssize_t ipcchan_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return ipcchan_recv(&(struct ipcchan_user) {
		.file = iocb->ki_filp,
		.iter = to,
		.len = iov_iter_count(to),
		.nonblock = ipcchan_iter_nonblock(iocb),
	});
}

static __poll_t ipcchan_poll(struct file *file, poll_table *wait)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan = ipcchan_file_chan(file);
	__poll_t mask;

	if (IS_ERR(chan))
		return EPOLLERR;
	/* Not on the other head: an exclusive wake-up would be lost on it. */
	if (ep->role & IPCCHAN_ROLE_RECV)
		poll_wait(file, &chan->queue.recv_poll, wait);
	if (ep->role & IPCCHAN_ROLE_SEND)
		poll_wait(file, &chan->queue.send_poll, wait);
	mask = ipcchan_queue_poll(&chan->queue);
	if (!(ep->role & IPCCHAN_ROLE_RECV))
		mask &= ~(EPOLLIN | EPOLLRDNORM);
	if (!(ep->role & IPCCHAN_ROLE_SEND))
		mask &= ~(EPOLLOUT | EPOLLWRNORM);
	return mask;
}

static int ipcchan_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);

	if (!chan)
		return -ENOTCONN;
	if (!chan->buf)
		return -ENODEV;
	return ipcchan_buf_mmap(chan->buf, vma,
				ep->role & IPCCHAN_ROLE_SEND);
}

static const struct file_operations ipcchan_fops = {
	.owner = THIS_MODULE,
	.open = ipcchan_open,
	.release = ipcchan_release,
	.read = ipcchan_read,
	.write = ipcchan_write,
	.read_iter = ipcchan_read_iter,
	.write_iter = ipcchan_write_iter,
	.poll = ipcchan_poll,
	.unlocked_ioctl = ipcchan_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = ipcchan_mmap,
};

/* Until there are quotas for each user, the administrator says who may use it. */
static struct miscdevice ipcchan_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ipcchan",
	.fops = &ipcchan_fops,
	.mode = 0660,
};

/**
 * ipcchan_is_endpoint() - is this file one of ours?
 * @file: any file
 * Context: any.
 * Return: true when its private_data is a struct ipcchan_ep.
 */
bool ipcchan_is_endpoint(const struct file *file)
{
	return file->f_op == &ipcchan_fops;
}

/**
 * ipcchan_device_init() - make /dev/ipcchan
 * Context: process, at module load, when all else is ready.
 * Return: 0 or negative errno.
 */
int ipcchan_device_init(void)
{
	return misc_register(&ipcchan_device);
}

/**
 * ipcchan_device_exit() - remove /dev/ipcchan
 * Context: process, at module unload: no file is open.
 */
void ipcchan_device_exit(void)
{
	misc_deregister(&ipcchan_device);
}
