// SPDX-License-Identifier: GPL-2.0
/* Loans: blocks of the channel's buffer, from one endpoint to the next. */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/uaccess.h>

#include "arena.h"
#include "batch.h"
#include "endpoint.h"
#include "hdr.h"
#include "loan.h"
#include "revoke.h"
#include "trace.h"
#include "transfer.h"

/* Return: 0, or why there is none. */
static int ipcchan_loan_one(struct ipcchan_ep *ep, u64 len, ktime_t until,
			    u64 __user *offset)
{
	struct ipcchan_queue *q = &ep->chan->queue;
	struct ipcchan_msg *msg;
	int err;

	msg = ipcchan_ep_take_slot(ep) ?: ipcchan_queue_slot(q, &ep->sender);
	if (!msg)
		return -ENOMEM;
	err = ipcchan_arena_alloc(ep->chan->arena, len, current_euid(), until,
				  ipcchan_msg_place(msg));
	if (err) {
		ipcchan_ep_keep_slot(ep, msg);
		return err == -ESTALE ? -EPIPE : err;
	}
	msg->flags = IPCCHAN_HAS_PLACE;
	ipcchan_revoke_grant(ipcchan_msg_place(msg), ep);
	if (put_user(ipcchan_held_offset(msg), offset)) {
		ipcchan_held_release(msg);
		ipcchan_ep_keep(ep, msg);
		return -EFAULT;
	}
	trace_ipcchan_loan(&ep->chan->queue, ipcchan_msg_place(msg));
	ipcchan_held_add(&ep->held, msg);
	return 0;
}

/**
 * ipcchan_loan() - IPCCHAN_IOC_LOAN
 * @file: of an attached endpoint
 * @arg: user pointer to struct ipcchan_loan
 * Context: process, may sleep.
 * Return: number of blocks, or as struct ipcchan_loan says.
 */
long ipcchan_loan(struct file *file, const void __user *arg)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_loan loan;
	u64 __user *offsets;
	ktime_t until;
	int err;
	u32 i;

	if (copy_from_user(&loan, arg, sizeof(loan)))
		return -EFAULT;
	if (loan.flags & ~(IPCCHAN_XFER_NONBLOCK | IPCCHAN_XFER_ABSTIME) || !loan.len ||
	    !loan.count || loan.count > IPCCHAN_BATCH_MAX)
		return -EINVAL;
	if (!(ep->role & IPCCHAN_ROLE_SEND))
		return -EBADF;
	if (!ep->chan->arena)
		return -EOPNOTSUPP;
	if (file->f_flags & O_NONBLOCK)
		loan.flags |= IPCCHAN_XFER_NONBLOCK;
	err = ipcchan_hdr_until(loan.timeout_ns, loan.flags, &until);
	offsets = u64_to_user_ptr(loan.offsets);
	for (i = 0; !err && i < loan.count; i++) {
		err = ipcchan_loan_one(ep, loan.len, i ? IPCCHAN_NO_WAIT : until,
				       offsets + i);
		if (err)
			break;
	}
	return i ?: ipcchan_hdr_restart(err, loan.timeout_ns, loan.flags);
}

/**
 * ipcchan_give_back() - IPCCHAN_IOC_GIVE_BACK
 * @ep: attached
 * @arg: user pointer to struct ipcchan_give_back
 * Context: process, may sleep.
 * Return: number of blocks, or as struct ipcchan_give_back says.
 */
long ipcchan_give_back(struct ipcchan_ep *ep, const void __user *arg)
{
	struct ipcchan_give_back back;
	struct ipcchan_slots used = {};
	struct ipcchan_msg *msg;
	u64 __user *offsets;
	int err = 0;
	u64 offset;
	u32 i;

	if (copy_from_user(&back, arg, sizeof(back)))
		return -EFAULT;
	if (back.flags || !back.count || back.count > IPCCHAN_BATCH_MAX)
		return -EINVAL;
	offsets = u64_to_user_ptr(back.offsets);
	for (i = 0; i < back.count; i++) {
		err = -EFAULT;
		if (get_user(offset, offsets + i))
			break;
		err = -ENOENT;
		msg = ipcchan_held_take(&ep->held, offset);
		if (!msg)
			break;
		trace_ipcchan_give_back(&ep->chan->queue, ipcchan_msg_place(msg));
		ipcchan_held_release(msg);
		ipcchan_msg_strip(msg);
		ipcchan_slots_push(&used, msg);
	}
	ipcchan_queue_recycle(ep->recv, &used);
	return i ?: err;
}

/**
 * ipcchan_loan_take() - begin to send a block
 * @ep: endpoint
 * @offset: of the block, from user space
 * @len: bytes of it that are sent
 * Context: process.
 * Return: its message, the caller's, to be filled; ERR_PTR of -ENOENT, -EBUSY (others have
 * it as well), -EMSGSIZE (longer than the block), -EINVAL (of a pool).
 */
struct ipcchan_msg *ipcchan_loan_take(struct ipcchan_ep *ep, u64 offset, u32 len)
{
	struct ipcchan_msg *msg = ipcchan_held_take(&ep->held, offset);
	const struct ipcchan_place *place;
	int err = 0;

	if (!msg)
		return ERR_PTR(-ENOENT);
	place = ipcchan_msg_place(msg);
	if (msg->flags & IPCCHAN_HAS_BODY)
		err = -EBUSY;
	else if (place->arena != ep->chan->arena)
		err = -EINVAL;
	else if (len > (u64)place->nr << PAGE_SHIFT)
		err = -EMSGSIZE;
	if (err) {
		ipcchan_held_add(&ep->held, msg);
		return ERR_PTR(err);
	}
	ipcchan_revoke_block(place);
	/* What it came with does not go on with it. */
	msg->flags = IPCCHAN_HAS_PLACE;
	return msg;
}

/**
 * ipcchan_loan_undo() - a message was not sent
 * @ep: endpoint
 * @msg: not the caller's any more; a block is the endpoint's, as before
 * Context: process, may sleep.
 */
void ipcchan_loan_undo(struct ipcchan_ep *ep, struct ipcchan_msg *msg)
{
	const struct ipcchan_place *place = ipcchan_msg_place(msg);

	ipcchan_msg_strip_fds(msg);
	if (msg->flags & IPCCHAN_HAS_PLACE && place->arena == ep->chan->arena) {
		ipcchan_revoke_grant(place, ep);
		ipcchan_held_add(&ep->held, msg);
	} else {
		ipcchan_ep_keep(ep, msg);
	}
}
