// SPDX-License-Identifier: GPL-2.0
/* The ioctls: each copies its structure in, checks it, and calls the object. */

#include <linux/build_bug.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/ioctls.h>

#include "buffer.h"
#include "call.h"
#include "doorbell.h"
#include "endpoint.h"
#include "event.h"
#include "ioctl.h"
#include "loan.h"
#include "pool.h"
#include "registry.h"
#include "xfer.h"

static_assert(sizeof(struct ipcchan_query) == 40);
static_assert(sizeof(struct ipcchan_attach) == 136);
static_assert(sizeof(struct ipcchan_unlink) == 72);
static_assert(sizeof(struct ipcchan_info) == 168);
static_assert(sizeof(struct ipcchan_msghdr) == 80);
static_assert(sizeof(struct ipcchan_xfer) == 32);
static_assert(sizeof(struct ipcchan_call) == 176);
static_assert(sizeof(struct ipcchan_serve) == 192);
static_assert(sizeof(struct ipcchan_filter) == 24);
static_assert(sizeof(struct ipcchan_loan) == 32);
static_assert(sizeof(struct ipcchan_give_back) == 16);
static_assert(sizeof(struct ipcchan_pool) == 24);
static_assert(sizeof(struct ipcchan_wait) == 24);
static_assert(sizeof(struct ipcchan_wake) == 16);
static_assert(sizeof(struct ipcchan_bell_fd) == 24);
static_assert(sizeof(struct ipcchan_watch) == 16);
static_assert(sizeof(struct ipcchan_report) == 16);

static int ipcchan_ioc_query(void __user *arg)
{
	struct ipcchan_query q;

	if (copy_from_user(&q, arg, sizeof(q)))
		return -EFAULT;
	if (q.reserved)
		return -EINVAL;
	q = (struct ipcchan_query) {
		.abi_version = IPCCHAN_ABI_VERSION,
		.features = IPCCHAN_FEATURES,
		.limit_msgs = IPCCHAN_LIMIT_MSGS,
		.limit_msg_size = IPCCHAN_LIMIT_MSG_SIZE,
		.limit_bytes = IPCCHAN_LIMIT_BYTES,
		.limit_buf_size = IPCCHAN_LIMIT_BUF_SIZE,
	};
	return copy_to_user(arg, &q, sizeof(q)) ? -EFAULT : 0;
}

/*
 * The id is written out after the fact.  Memory that cannot be written is found
 * out before it; who unmaps it meanwhile is attached, and told EFAULT.
 */
static int ipcchan_ioc_attach(struct file *file, void __user *arg)
{
	struct ipcchan_attach a;
	int err;

	if (copy_from_user(&a, arg, sizeof(a)) ||
	    copy_to_user(arg, &a, sizeof(a)))
		return -EFAULT;
	err = ipcchan_ep_attach(file, &a);
	if (err)
		return err;
	return copy_to_user(arg, &a, sizeof(a)) ? -EFAULT : 0;
}

static int ipcchan_ioc_unlink(struct ipcchan_ep *ep, void __user *arg)
{
	char name[IPCCHAN_NAME_SIZE] __aligned(sizeof(u32));
	struct ipcchan_unlink u;
	int err;

	if (copy_from_user(&u, arg, sizeof(u)))
		return -EFAULT;
	if (u.flags || u.reserved)
		return -EINVAL;
	if (strnlen(u.name, sizeof(u.name)) == sizeof(u.name))
		return -ENAMETOOLONG;
	err = ipcchan_name_check(u.name, NULL);
	if (err)
		return err;
	strscpy_pad(name, u.name, sizeof(name));
	return ipcchan_registry_unlink(ep->net, name, 0, NULL);
}

static void ipcchan_info_fill(struct ipcchan_info *info, struct ipcchan_ep *ep,
			      struct ipcchan_chan *chan)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(chan->net);
	struct ipcchan_change now;
	struct ipcchan_snapshot s;

	info->role = ep->role;
	info->id = chan->id;
	info->kind = chan->kind;
	memcpy(info->name, chan->name, sizeof(info->name));
	info->options = chan->options;
	info->slow = chan->slow;
	if (chan->buf) {
		info->buf_size = chan->buf->size;
		info->buf_flags = chan->buf->flags;
		info->buf_node = chan->buf->node;
		info->buf_huge = chan->buf->huge;
		info->buf_align = ipcchan_buf_align(chan->buf);
	}
	ipcchan_queue_snapshot(ep->recv, &s);
	info->msgs = s.nr;
	info->bytes = s.bytes;
	mutex_lock(&reg->lock);
	now = ipcchan_chan_state(chan);
	info->flags = chan->flags;
	info->endpoints = chan->nr_endpoints;
	mutex_unlock(&reg->lock);
	info->mode = now.mode;
	info->uid = from_kuid_munged(current_user_ns(), now.uid);
	info->gid = from_kgid_munged(current_user_ns(), now.gid);
	info->max_msgs = now.limits.nr;
	info->max_msg_size = now.limits.len;
	info->max_bytes = now.limits.bytes;
	info->spin_ns = now.spin_ns;
}

static int ipcchan_ioc_info(struct ipcchan_ep *ep, void __user *arg)
{
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);
	struct ipcchan_info info;

	if (copy_from_user(&info, arg, sizeof(info)))
		return -EFAULT;
	if (info.flags)
		return -EINVAL;
	if (!chan)
		return -ENOTCONN;
	memset(&info, 0, sizeof(info));
	ipcchan_info_fill(&info, ep, chan);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static struct ipcchan_buf *ipcchan_ep_buf(struct ipcchan_ep *ep)
{
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);

	if (!chan)
		return ERR_PTR(-ENOTCONN);
	return chan->buf ?: ERR_PTR(-ENODEV);
}

static int ipcchan_ioc_wait(struct ipcchan_ep *ep, void __user *arg)
{
	struct ipcchan_buf *buf = ipcchan_ep_buf(ep);
	struct ipcchan_wait w;

	if (copy_from_user(&w, arg, sizeof(w)))
		return -EFAULT;
	if (w.flags)
		return -EINVAL;
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	return ipcchan_doorbell_wait(buf, w.offset, w.expected, w.timeout_ns);
}

static int ipcchan_ioc_wake(struct ipcchan_ep *ep, void __user *arg)
{
	struct ipcchan_buf *buf = ipcchan_ep_buf(ep);
	struct ipcchan_wake w;

	if (copy_from_user(&w, arg, sizeof(w)))
		return -EFAULT;
	if (w.flags)
		return -EINVAL;
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	if (!(ep->role & IPCCHAN_ROLE_SEND))
		return -EBADF;
	return ipcchan_doorbell_wake(buf, w.offset, w.count);
}

static int ipcchan_ioc_bell_fd(struct ipcchan_ep *ep, void __user *arg)
{
	struct ipcchan_buf *buf = ipcchan_ep_buf(ep);
	struct ipcchan_bell_fd b;
	int err;

	if (copy_from_user(&b, arg, sizeof(b)))
		return -EFAULT;
	if (b.flags & ~IPCCHAN_BELL_FD_REMOVE || b.reserved)
		return -EINVAL;
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	mutex_lock(&ep->lock);
	if (b.flags & IPCCHAN_BELL_FD_REMOVE)
		err = ipcchan_ears_del_fd(&ep->ears, b.offset, b.fd);
	else
		err = ipcchan_ears_add_fd(&ep->ears, buf, b.offset, b.fd);
	mutex_unlock(&ep->lock);
	return err;
}

static int ipcchan_ioc_watch(struct ipcchan_ep *ep, void __user *arg)
{
	struct ipcchan_buf *buf = ipcchan_ep_buf(ep);
	struct ipcchan_watch w;
	int err = 0;

	if (copy_from_user(&w, arg, sizeof(w)))
		return -EFAULT;
	if (w.flags & ~IPCCHAN_WATCH_OFF ||
	    (w.flags & IPCCHAN_WATCH_OFF && (w.offset || w.expected)))
		return -EINVAL;
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	mutex_lock(&ep->lock);
	if (w.flags & IPCCHAN_WATCH_OFF)
		ipcchan_ears_unwatch(&ep->ears);
	else
		err = ipcchan_ears_watch(&ep->ears, buf, w.offset, w.expected);
	mutex_unlock(&ep->lock);
	return err;
}

static int ipcchan_ioc_report(struct ipcchan_ep *ep, void __user *arg)
{
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);
	struct ipcchan_report r;
	unsigned long told;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.reserved)
		return -EINVAL;
	if (!chan)
		return -ENOTCONN;
	if (!chan->buf)
		return -ENXIO;
	if (r.offset >= chan->buf->size)
		return -EINVAL;
	/* Of several at once one is told. */
	told = READ_ONCE(ep->reported);
	if ((!told || time_after(jiffies, told + HZ)) &&
	    cmpxchg(&ep->reported, told, jiffies ?: 1) == told)
		ipcchan_event_ep(ep, IPCCHAN_EVENT_CORRUPT, r.offset);
	return 0;
}

static int ipcchan_ioc_next_len(struct ipcchan_ep *ep, int __user *arg)
{
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);

	if (!chan)
		return -ENOTCONN;
	if (!(ep->role & IPCCHAN_ROLE_RECV))
		return -EBADF;
	return put_user((int)ipcchan_queue_next_len(ep->recv,
						    READ_ONCE(ep->match)), arg);
}

static int ipcchan_ioc_filter(struct ipcchan_ep *ep, void __user *arg)
{
	struct ipcchan_filter f;

	if (copy_from_user(&f, arg, sizeof(f)))
		return -EFAULT;
	return ipcchan_ep_filter(ep, &f);
}

/* What only an attached endpoint has. */
static long ipcchan_ioctl_attached(struct file *file, unsigned int cmd,
				   void __user *uarg)
{
	struct ipcchan_ep *ep = file->private_data;

	if (unlikely(!ipcchan_ep_chan(ep)))
		return -ENOTCONN;
	switch (cmd) {
	case IPCCHAN_IOC_CALL:
		return ipcchan_call(file, uarg);
	case IPCCHAN_IOC_SERVE:
		return ipcchan_serve(file, uarg);
	case IPCCHAN_IOC_SEND:
		return ipcchan_xfer_send(file, uarg, false);
	case IPCCHAN_IOC_LOAN:
		return ipcchan_loan(file, uarg);
	case IPCCHAN_IOC_GIVE_BACK:
		return ipcchan_give_back(ep, uarg);
	case IPCCHAN_IOC_POOL:
		return ipcchan_pool(ep, uarg);
	default:
		return ipcchan_xfer_recv(file, uarg, false);
	}
}

/**
 * ipcchan_ioctl() - the ioctl method, also for 32-bit processes
 * @file: of an endpoint
 * @cmd: IPCCHAN_IOC_* or FIONREAD
 * @arg: user pointer to the command's structure
 * Context: process, may sleep.
 * Return: as each structure in the uapi header says; -ENOTTY, -EFAULT.
 */
long ipcchan_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct ipcchan_ep *ep = file->private_data;
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case IPCCHAN_IOC_CALL:
	case IPCCHAN_IOC_SERVE:
	case IPCCHAN_IOC_SEND:
	case IPCCHAN_IOC_RECV:
	case IPCCHAN_IOC_LOAN:
	case IPCCHAN_IOC_GIVE_BACK:
	case IPCCHAN_IOC_POOL:
		return ipcchan_ioctl_attached(file, cmd, uarg);
	case IPCCHAN_IOC_FILTER:
		return ipcchan_ioc_filter(ep, uarg);
	case IPCCHAN_IOC_QUERY:
		return ipcchan_ioc_query(uarg);
	case IPCCHAN_IOC_ATTACH:
		return ipcchan_ioc_attach(file, uarg);
	case IPCCHAN_IOC_UNLINK:
		return ipcchan_ioc_unlink(ep, uarg);
	case IPCCHAN_IOC_INFO:
		return ipcchan_ioc_info(ep, uarg);
	case IPCCHAN_IOC_WAIT:
		return ipcchan_ioc_wait(ep, uarg);
	case IPCCHAN_IOC_WAKE:
		return ipcchan_ioc_wake(ep, uarg);
	case IPCCHAN_IOC_BELL_FD:
		return ipcchan_ioc_bell_fd(ep, uarg);
	case IPCCHAN_IOC_WATCH:
		return ipcchan_ioc_watch(ep, uarg);
	case IPCCHAN_IOC_REPORT:
		return ipcchan_ioc_report(ep, uarg);
	case FIONREAD:
		return ipcchan_ioc_next_len(ep, uarg);
	default:
		return -ENOTTY;
	}
}
