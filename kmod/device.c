// SPDX-License-Identifier: GPL-2.0
/* /dev/ipcchan: the file operations. */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
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

static bool ipcchan_nonblock(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK ||
	       iocb->ki_flags & IOCB_NOWAIT;
}

static ssize_t ipcchan_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct ipcchan_ep *ep = iocb->ki_filp->private_data;
	struct ipcchan_chan *chan = ipcchan_file_chan(iocb->ki_filp);
	size_t len = iov_iter_count(from);
	struct ipcchan_msg *msg;
	int err;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (unlikely(!(ep->role & IPCCHAN_ROLE_SEND)))
		return -EBADF;
	if (unlikely(!len))
		return -EINVAL;
	if (unlikely(len > chan->queue.max_len))
		return -EMSGSIZE;

	msg = ipcchan_msg_from_iter(from);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	err = ipcchan_queue_send(&chan->queue, msg, ipcchan_nonblock(iocb));
	if (unlikely(err)) {
		ipcchan_msg_free(msg);
		return err;
	}
	return len;
}

static ssize_t ipcchan_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct ipcchan_ep *ep = iocb->ki_filp->private_data;
	struct ipcchan_chan *chan = ipcchan_file_chan(iocb->ki_filp);
	struct ipcchan_msg *msg;
	size_t len;

	if (IS_ERR(chan))
		return PTR_ERR(chan);
	if (unlikely(!(ep->role & IPCCHAN_ROLE_RECV)))
		return -EBADF;
	if (unlikely(!iov_iter_count(to)))
		return -EINVAL;

	msg = ipcchan_queue_recv(&chan->queue, iov_iter_count(to),
				 ipcchan_nonblock(iocb));
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	len = msg->len;
	if (unlikely(copy_to_iter(msg->data, len, to) != len)) {
		ipcchan_queue_putback(&chan->queue, msg);
		return -EFAULT;
	}
	ipcchan_msg_free(msg);
	return len;
}

static __poll_t ipcchan_poll(struct file *file, poll_table *wait)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan = ipcchan_file_chan(file);
	__poll_t mask;

	if (IS_ERR(chan))
		return EPOLLERR;
	poll_wait(file, &chan->queue.poll_wait, wait);
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
