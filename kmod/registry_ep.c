// SPDX-License-Identifier: GPL-2.0
/* Endpoints in the registry: who sends and receives, and whether somebody is left. */

#include <linux/mutex.h>

#include "endpoint.h"
#include "registry.h"

/* Who is back is no longer gone; who never came is not gone. */
static void ipcchan_registry_hangup_locked(struct ipcchan_chan *chan, u32 role,
					   bool left)
{
	u16 gone = chan->gone;

	if (!(chan->options & IPCCHAN_OPT_HANGUP))
		return;
	if (role & IPCCHAN_ROLE_SEND && !chan->nr_senders == left)
		gone = left ? gone | IPCCHAN_NO_SENDERS : gone & ~IPCCHAN_NO_SENDERS;
	if (role & IPCCHAN_ROLE_RECV && !chan->nr_receivers == left)
		gone = left ? gone | IPCCHAN_NO_RECEIVERS :
			      gone & ~IPCCHAN_NO_RECEIVERS;
	if (gone == chan->gone)
		return;
	chan->gone = gone;
	ipcchan_chan_hangup(chan, gone);
}

/**
 * ipcchan_registry_join() - an endpoint sends or receives from now on
 * @chan: attached
 * @ep: endpoint, which has its role and what it needs for it, and gets its id
 * Context: process, may sleep.
 * Return: 0; -ENOMEM, and nothing has changed.
 */
int ipcchan_registry_join(struct ipcchan_chan *chan, struct ipcchan_ep *ep)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(chan->net);
	int err;

	mutex_lock(&reg->lock);
	err = xa_alloc_cyclic(&reg->eps, &ep->id, ep, xa_limit_31b, &reg->next_ep, GFP_KERNEL);
	if (err >= 0) {
		err = 0;
		ep->serial = ++reg->serial;
		reg->top_ep = max(reg->top_ep, ep->id);
		reg->ep_changes++;
		chan->nr_senders += !!(ep->role & IPCCHAN_ROLE_SEND);
		chan->nr_receivers += !!(ep->role & IPCCHAN_ROLE_RECV);
		ipcchan_registry_hangup_locked(chan, ep->role, false);
	}
	mutex_unlock(&reg->lock);
	return err;
}

/**
 * ipcchan_registry_leave() - an endpoint sends and receives no more
 * @chan: joined
 * @ep: of the endpoint
 *
 * The others are told before what it was given is given back: who waits for the last
 * receiver is not to take it for room.
 *
 * Context: process, may sleep.
 */
void ipcchan_registry_leave(struct ipcchan_chan *chan, struct ipcchan_ep *ep)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(chan->net);

	mutex_lock(&reg->lock);
	xa_erase(&reg->eps, ep->id);
	reg->ep_changes++;
	chan->nr_by_type -= !!ep->match.by_type;
	chan->nr_senders -= !!(ep->role & IPCCHAN_ROLE_SEND);
	chan->nr_receivers -= !!(ep->role & IPCCHAN_ROLE_RECV);
	ipcchan_registry_hangup_locked(chan, ep->role, true);
	mutex_unlock(&reg->lock);
}

/**
 * ipcchan_registry_filter() - what an endpoint receives from now on
 * @chan: joined
 * @ep: endpoint
 * @match: which messages
 *
 * By type they are searched for: not in a channel that may hold many.
 *
 * Context: process, may sleep; @ep->lock held.
 * Return: 0; -EOPNOTSUPP, and nothing has changed.
 */
int ipcchan_registry_filter(struct ipcchan_chan *chan, struct ipcchan_ep *ep,
			    struct ipcchan_match match)
{
	struct ipcchan_registry *reg = ipcchan_registry_of(chan->net);
	int err = 0;

	mutex_lock(&reg->lock);
	if (match.by_type && chan->queue.max_nr > IPCCHAN_FILTER_MSGS) {
		err = -EOPNOTSUPP;
	} else {
		chan->nr_by_type += !!match.by_type - !!ep->match.by_type;
		WRITE_ONCE(ep->match, match);
	}
	mutex_unlock(&reg->lock);
	return err;
}
