// SPDX-License-Identifier: GPL-2.0
/* The channel object: its limits and permissions change. */

#include <linux/err.h>
#include <linux/netlink.h>

#include "account.h"
#include "arena.h"
#include "broadcast.h"
#include "buffer.h"
#include "channel.h"

/**
 * ipcchan_chan_state() - what can be changed, as it is
 * @chan: channel
 * Context: process, the registry's lock held.
 * Return: that.
 */
struct ipcchan_change ipcchan_chan_state(const struct ipcchan_chan *chan)
{
	/* They change under the registry's lock only. */
	return (struct ipcchan_change) {
		.limits = {
			.nr = chan->queue.max_nr,
			.len = chan->queue.max_len,
			.bytes = chan->queue.max_bytes,
		},
		.spin_ns = chan->queue.spin_ns,
		.mode = chan->mode,
		.uid = chan->uid,
		.gid = chan->gid,
	};
}

static int ipcchan_change_check(const struct ipcchan_chan *chan,
				const struct ipcchan_change *to,
				struct netlink_ext_ack *extack)
{
	const struct ipcchan_limits *limits = &to->limits;

	if (to->spin_ns > IPCCHAN_SPIN_MAX_NS) {
		NL_SET_ERR_MSG(extack, "polling for too long");
		return -EINVAL;
	}
	if (limits->len > limits->bytes) {
		NL_SET_ERR_MSG(extack, "a message may not exceed the bytes queued");
		return -EINVAL;
	}
	if (chan->nr_by_type && limits->nr > IPCCHAN_FILTER_MSGS) {
		NL_SET_ERR_MSG(extack,
			       "a receiver takes messages by type: too many to search");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* Return: who pays from now on; ERR_PTR of -EDQUOT, -ENOMEM, and nothing has changed. */
static struct ipcchan_account *ipcchan_change_charge(struct ipcchan_chan *chan,
						     const struct ipcchan_cost *was,
						     const struct ipcchan_cost *is,
						     kuid_t uid, const struct sk_buff *skb)
{
	int err;

	if (!uid_eq(uid, chan->uid))
		return ipcchan_account_charge_user(uid, is, skb);
	err = ipcchan_account_recharge(chan->account, was, is, skb);
	return err ? ERR_PTR(err) : chan->account;
}

static void ipcchan_change_apply(struct ipcchan_chan *chan, const struct ipcchan_change *to)
{
	if (chan->arena)
		ipcchan_arena_chown(chan->arena, to->uid);
	WRITE_ONCE(chan->uid, to->uid);
	WRITE_ONCE(chan->gid, to->gid);
	WRITE_ONCE(chan->mode, to->mode);
}

/**
 * ipcchan_chan_change() - change a channel's limits and permissions, all or none
 * @chan: channel
 * @to: as they are to be
 * @skb: netlink request whose sender wants it, and may
 * @extack: for the reason
 *
 * What is queued stays, whatever the limits are; who is attached stays, whatever the mode
 * is.  A new owner pays for it.
 *
 * Context: process, may sleep; the registry's lock held.
 * Return: 0; -EINVAL, -EOPNOTSUPP, -EDQUOT, -ENOMEM, -EPERM (others would pay more).
 */
int ipcchan_chan_change(struct ipcchan_chan *chan, const struct ipcchan_change *to,
			const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	struct ipcchan_change from = ipcchan_chan_state(chan);
	u64 buf_size = chan->buf ? chan->buf->size : 0;
	struct ipcchan_cost was = ipcchan_chan_cost(chan->kind, &from.limits, buf_size);
	struct ipcchan_cost is = ipcchan_chan_cost(chan->kind, &to->limits, buf_size);
	struct ipcchan_account *account;
	int err = ipcchan_change_check(chan, to, extack);

	if (err)
		return err;
	account = ipcchan_change_charge(chan, &was, &is, to->uid, skb);
	if (IS_ERR(account))
		return PTR_ERR(account);
	if (chan->broadcast) {
		err = ipcchan_broadcast_set(chan, &to->limits, to->spin_ns, to->uid, skb);
		if (err) {
			/* Of this kind the limits are not in it. */
			if (!uid_eq(to->uid, from.uid))
				ipcchan_account_uncharge(account, &is);
			return err;
		}
	} else {
		ipcchan_queue_set(&chan->queue, &to->limits, to->spin_ns, to->uid);
	}
	if (!uid_eq(to->uid, from.uid)) {
		ipcchan_account_uncharge(chan->account, &was);
		chan->account = account;
	}
	ipcchan_change_apply(chan, to);
	return 0;
}
