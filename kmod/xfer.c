// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_IOC_SEND and IPCCHAN_IOC_RECV: what both begin with. */

#include <linux/fs.h>
#include <linux/uaccess.h>

#include "hdr.h"
#include "xfer.h"

/**
 * ipcchan_xfer_begin() - read and check what user space wants
 * @c: out
 * @file: of an attached endpoint
 * @arg: user pointer to struct ipcchan_xfer
 * @flags: IPCCHAN_XFER_* that it may have
 * @nonblock: do not wait, whatever it says
 * Context: process, may sleep.
 * Return: 0; -EFAULT, -EINVAL.
 */
int ipcchan_xfer_begin(struct ipcchan_xfer_call *c, struct file *file,
		       const void __user *arg, u32 flags, bool nonblock)
{
	struct ipcchan_xfer *x = &c->arg;

	if (copy_from_user(x, arg, sizeof(*x)))
		return -EFAULT;
	if (x->flags & ~flags ||
	    x->reserved || !x->count || x->count > IPCCHAN_BATCH_MAX)
		return -EINVAL;
	if (nonblock || file->f_flags & O_NONBLOCK)
		x->flags |= IPCCHAN_XFER_NONBLOCK;
	c->ep = file->private_data;
	c->msgs = u64_to_user_ptr(x->msgs);
	c->count = x->count;
	return ipcchan_hdr_until(x->timeout_ns, x->flags, &c->until);
}
