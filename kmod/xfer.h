/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_XFER_H
#define _IPCCHAN_XFER_H

#include <linux/ipcchan.h>
#include <linux/ktime.h>
#include <linux/types.h>

struct file;
struct ipcchan_ep;
struct ipcchan_msg;
struct ipcchan_names;
struct ipcchan_room;

/**
 * struct ipcchan_xfer_call - one call to send or receive, as checked
 * @ep: attached
 * @msgs: headers
 * @count: so many, 1 to IPCCHAN_BATCH_MAX
 * @until: how long to wait
 * @arg: what the user has given
 */
struct ipcchan_xfer_call {
	struct ipcchan_ep *ep;
	struct ipcchan_msghdr __user *msgs;
	u32 count;
	ktime_t until;
	struct ipcchan_xfer arg;
};

int ipcchan_xfer_begin(struct ipcchan_xfer_call *c, struct file *file,
		       const void __user *arg, u32 flags, bool nonblock);
int ipcchan_xfer_place(struct ipcchan_ep *ep, const struct ipcchan_room *room,
		       struct ipcchan_msg *msg, struct ipcchan_names *names,
		       struct ipcchan_msghdr __user *to);
long ipcchan_xfer_send(struct file *file, const void __user *arg, bool nonblock);
long ipcchan_xfer_recv(struct file *file, const void __user *arg, bool nonblock);

#endif /* _IPCCHAN_XFER_H */
