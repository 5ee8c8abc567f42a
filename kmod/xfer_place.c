// SPDX-License-Identifier: GPL-2.0
/* IPCCHAN_XFER_PLACE: blocks are received as they are. */

#include <linux/cred.h>
#include <linux/uaccess.h>

#include "arena.h"
#include "endpoint.h"
#include "hdr.h"
#include "held.h"
#include "message.h"
#include "revoke.h"
#include "xfer.h"

/* Is its payload a block of the channel's buffer, or of this endpoint's own pool? */
static bool ipcchan_ep_maps(const struct ipcchan_ep *ep, struct ipcchan_msg *msg)
{
	struct ipcchan_msg *bearer = ipcchan_msg_bearer(msg);
	const struct ipcchan_arena *arena;

	if (!(bearer->flags & IPCCHAN_HAS_PLACE))
		return false;
	arena = ipcchan_msg_place(bearer)->arena;
	return arena == ep->chan->arena || arena == READ_ONCE(ep->pool);
}

/* Who will have it pays; for what is in its pool, whoever it is by now, its owner. */
static int ipcchan_place_charge(struct ipcchan_ep *ep, struct ipcchan_msg *msg)
{
	struct ipcchan_place *place = ipcchan_msg_place(msg);

	if (msg->flags & IPCCHAN_HAS_BODY) {
		*place = *ipcchan_msg_place(msg->body);
		place->tenant = NULL;
	}
	return ipcchan_arena_charge(place, place->arena == ep->chan->arena ?
					   current_euid() : READ_ONCE(place->arena->owner.uid));
}

/* It is undelivered, and its header was put back. */
static void ipcchan_place_undo(const struct ipcchan_room *room, struct ipcchan_msg *msg,
			       struct ipcchan_msghdr __user *to)
{
	struct ipcchan_place *place = ipcchan_msg_place(msg);

	if (place->was || msg->flags & IPCCHAN_HAS_BODY)
		ipcchan_arena_uncharge(place);
	put_user((u64)(uintptr_t)room->buf, &to->buf);
}

/**
 * ipcchan_xfer_place() - give a message to user space, a block as it is
 * @ep: endpoint that has received it
 * @room: where to, checked
 * @msg: owned by the caller
 * @names: of the batch
 * @to: header in user space that @room was read of
 * Context: process, may sleep.
 * Return: 1 when the block is to be given to ipcchan_held_add(); 0 when it was copied;
 * -EMSGSIZE (to be copied, and longer than the room), -EFAULT, -EMFILE, -EDQUOT, -ENOMEM,
 * and the message is undelivered.
 */
int ipcchan_xfer_place(struct ipcchan_ep *ep, const struct ipcchan_room *room,
		       struct ipcchan_msg *msg, struct ipcchan_names *names,
		       struct ipcchan_msghdr __user *to)
{
	int err;

	if (!ipcchan_ep_maps(ep, msg))
		return msg->len <= room->copy ? ipcchan_hdr_deliver(room, msg, names, to) :
						-EMSGSIZE;
	err = ipcchan_place_charge(ep, msg);
	if (err)
		return err;
	if (unlikely(names->ident != msg->ident))
		ipcchan_names_fill(names, msg->ident);
	err = put_user(ipcchan_held_offset(msg), &to->buf) ?:
	      ipcchan_hdr_deliver_rest(room, msg, names, IPCCHAN_MSG_PLACED, to);
	if (err) {
		ipcchan_place_undo(room, msg, to);
		return err;
	}
	ipcchan_arena_charged(ipcchan_msg_place(msg));
	/* The descriptors are the user's now; and, not before that, so is the block. */
	ipcchan_msg_strip_fds(msg);
	if (!(msg->flags & IPCCHAN_HAS_BODY))
		ipcchan_revoke_grant(ipcchan_msg_place(msg), ep);
	return 1;
}
