// SPDX-License-Identifier: GPL-2.0
/* /dev/ipcchan: the file operations. */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/splice.h>

#include "arena.h"
#include "buffer.h"
#include "device.h"
#include "fdinfo.h"
#include "ioctl.h"
#include "lock.h"
#include "revoke.h"
#include "transfer.h"
#include "uring.h"

static int ipcchan_open(struct inode *inode, struct file *file)
{
	struct ipcchan_ep *ep = ipcchan_ep_create();

	if (IS_ERR(ep))
		return PTR_ERR(ep);
	file->private_data = ep;
	/* Messages are not news of the device: a watch of it would hear of all channels. */
	file_set_fsnotify_mode(file, FMODE_NONOTIFY);
	/* io_uring may try without waiting, and polls then. */
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

static int ipcchan_release(struct inode *inode, struct file *file)
{
	ipcchan_ep_destroy(file->private_data);
	return 0;
}

/* The channel to send to, receive from or poll: `default` unless attached. */
static __always_inline int ipcchan_file_chan(struct file *file,
					     struct ipcchan_chan **chan)
{
	struct ipcchan_ep *ep = file->private_data;
	int err;

	*chan = ipcchan_ep_chan(ep);
	if (likely(*chan))
		return 0;
	err = ipcchan_ep_attach_default(file);
	*chan = ipcchan_ep_chan(ep);
	return err;
}

static __always_inline ssize_t ipcchan_send(struct file *file,
					    const struct ipcchan_user *u, bool nonblock)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_label label = {};
	ktime_t until = nonblock ? IPCCHAN_NO_WAIT : IPCCHAN_FOREVER;
	struct ipcchan_chan *chan;
	struct ipcchan_msg *msg;
	int err;

	err = ipcchan_file_chan(file, &chan);
	if (unlikely(err))
		return err;
	err = ipcchan_transfer_check_send(ep, u->len);
	if (unlikely(err))
		return err;
	msg = ipcchan_transfer_slot(ep, &chan->queue, u->len, until);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	err = ipcchan_transfer_fill(ep, msg, u, &label);
	if (unlikely(err)) {
		ipcchan_ep_keep(ep, msg);
		return err;
	}
	err = ipcchan_transfer_send(ep, msg, until);
	if (unlikely(err == -EPIPE))
		send_sig(SIGPIPE, current, 0);
	return err ?: u->len;
}

static __always_inline ssize_t ipcchan_recv(struct file *file,
					    const struct ipcchan_user *u, bool nonblock)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan;
	struct ipcchan_msg *msg;
	size_t len;
	int err;

	err = ipcchan_file_chan(file, &chan);
	if (unlikely(err))
		return err;
	msg = ipcchan_transfer_recv(ep, u->len, nonblock ? IPCCHAN_NO_WAIT :
							    IPCCHAN_FOREVER);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	if (unlikely(!msg))
		return ipcchan_transfer_end(ep);
	len = msg->len;
	if (unlikely(!ipcchan_copy_out(u, ipcchan_msg_payload(msg), len))) {
		ipcchan_queue_putback(ep->recv, msg);
		return -EFAULT;
	}
	ipcchan_ep_keep(ep, msg);
	return len;
}

static ssize_t ipcchan_write(struct file *file, const char __user *buf,
			     size_t len, loff_t *pos)
{
	struct ipcchan_user u = { .buf = (char __user *)buf, .len = len };

	return ipcchan_send(file, &u, file->f_flags & O_NONBLOCK);
}

static ssize_t ipcchan_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	struct ipcchan_user u = { .buf = buf, .len = len };

	return ipcchan_recv(file, &u, file->f_flags & O_NONBLOCK);
}

static bool ipcchan_iter_nonblock(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK ||
	       iocb->ki_flags & IOCB_NOWAIT;
}

static ssize_t ipcchan_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct ipcchan_user u = { .iter = from, .len = iov_iter_count(from) };

	return ipcchan_send(iocb->ki_filp, &u, ipcchan_iter_nonblock(iocb));
}

static ssize_t ipcchan_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct ipcchan_user u = { .iter = to, .len = iov_iter_count(to) };

	return ipcchan_recv(iocb->ki_filp, &u, ipcchan_iter_nonblock(iocb));
}

/*
 * Not on the head of a role that it has not: an exclusive wake-up would be lost on it.
 * Else on all heads, since epoll may be told later what it is to look for.  io_uring,
 * which is not, takes two at most, so that it goes without one that it has not asked for.
 * What tells it is that it adds neither EPOLLERR nor EPOLLHUP to what is asked for.
 */
static void ipcchan_poll_heads(struct file *file, struct ipcchan_ep *ep,
			       poll_table *wait)
{
	__poll_t asked = poll_requested_events(wait), added = EPOLLERR | EPOLLHUP;
	bool recv = ep->role & IPCCHAN_ROLE_RECV;
	bool send = ep->role & IPCCHAN_ROLE_SEND;
	struct ipcchan_chan *chan = ep->chan;
	bool bell = chan->buf;

	if (bell && send && recv && (asked & added) != added) {
		if (!(asked & EPOLLPRI))
			bell = false;
		else if (!(asked & EPOLLOUT))
			send = false;
		else if (!(asked & EPOLLIN))
			recv = false;
	}
	if (bell)
		poll_wait(file, &ep->ears.poll, wait);
	if (recv)
		poll_wait(file, &ep->recv->recv_poll, wait);
	if (send)
		poll_wait(file, chan->broadcast ? &chan->broadcast->room :
						  &chan->queue.send_poll, wait);
}

static __poll_t ipcchan_poll(struct file *file, poll_table *wait)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan;
	__poll_t mask = 0;
	bool err = ipcchan_file_chan(file, &chan);

	/*
	 * epoll asks for news once, with a _qproc, for which later kernels have no helper: where
	 * it could not be put on a head it is never told any.
	 */
	if (wait && wait->_qproc && READ_ONCE(ep->deaf) != err)
		WRITE_ONCE(ep->deaf, err);
	if (unlikely(err))
		return EPOLLERR;
	if (unlikely(READ_ONCE(ep->deaf)))
		mask = EPOLLERR;
	ipcchan_poll_heads(file, ep, wait);
	if (ep->role & IPCCHAN_ROLE_RECV)
		mask |= ipcchan_queue_poll_recv(ep->recv, READ_ONCE(ep->match), &ep->low);
	if (ep->role & IPCCHAN_ROLE_SEND)
		mask |= chan->broadcast ? ipcchan_broadcast_poll_send(chan) :
					  ipcchan_queue_poll_send(&chan->queue);
	if (chan->buf && ipcchan_ears_rung(&ep->ears))
		mask |= EPOLLPRI;
	return mask;
}

/* Who subscribes and sends has two places to hear of. */
static int ipcchan_fasync(int fd, struct file *file, int on)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan;
	int err;

	/* One that was opened with O_ASYNC and not used at all is closed. */
	if (!on && !ipcchan_ep_chan(ep))
		return 0;
	err = ipcchan_file_chan(file, &chan);
	if (err)
		return err;
	if (chan->broadcast && ep->role & IPCCHAN_ROLE_SEND) {
		err = fasync_helper(fd, file, on, &chan->broadcast->fasync);
		if (err < 0 || !(ep->role & IPCCHAN_ROLE_RECV))
			return err;
	}
	if (on)
		ipcchan_queue_specialise(ep->recv);
	err = fasync_helper(fd, file, on, &ep->recv->fasync);
	if (err < 0 && chan->broadcast)
		fasync_helper(-1, file, 0, &chan->broadcast->fasync);
	return err;
}

static int ipcchan_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);

	if (!chan)
		return -ENOTCONN;
	if (vma->vm_pgoff >= IPCCHAN_POOL_OFFSET >> PAGE_SHIFT)
		return ipcchan_pool_mmap(ep, vma);
	if (!chan->buf)
		return -ENODEV;
	if (chan->options & IPCCHAN_OPT_REVOKE && vma->vm_flags & VM_WRITE &&
	    ep->role & IPCCHAN_ROLE_SEND)
		return ipcchan_revoke_mmap(chan->arena, vma);
	return ipcchan_buf_mmap(chan->buf, vma,
				!(chan->options & IPCCHAN_OPT_REVOKE) &&
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
	.lock = ipcchan_lock,
	.fasync = ipcchan_fasync,
	.splice_read = ipcchan_splice_read,
	.show_fdinfo = ipcchan_show_fdinfo,
#ifdef IPCCHAN_HAS_URING_CMD
	.uring_cmd = ipcchan_uring_cmd,
#endif
};

/* For everybody, within the limits of account.c, unless the parameter says otherwise. */
static struct miscdevice ipcchan_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ipcchan",
	.fops = &ipcchan_fops,
	.mode = 0666,
};

static int ipcchan_mode_set(const char *val, const struct kernel_param *kp)
{
	u16 mode;
	int err;

	err = kstrtou16(val, 8, &mode);
	if (err)
		return err;
	/* 0 would be the mode that devtmpfs gives by itself. */
	if (!mode || mode & ~0777)
		return -EINVAL;
	ipcchan_device.mode = mode;
	return 0;
}

static int ipcchan_mode_get(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "%04o\n", ipcchan_device.mode);
}

/* The type of a number would take it for decimal. */
static const struct kernel_param_ops ipcchan_mode_ops = {
	.set = ipcchan_mode_set,
	.get = ipcchan_mode_get,
};

module_param_cb(dev_mode, &ipcchan_mode_ops, NULL, 0444);
MODULE_PARM_DESC(dev_mode, "Mode that /dev/ipcchan is made with, octal");

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
