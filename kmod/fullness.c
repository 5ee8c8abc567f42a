// SPDX-License-Identifier: GPL-2.0
/*
 * Events that there is no room in a channel, and that it is empty again.
 *
 * A channel is found full and empty in turns, under a lock, and who finds it so tells that
 * without the lock: in any order.  The newest turn counts, and nobody waits for another:
 * while one tells, what comes next is left to a work item.  What has changed there and back
 * before that could be told is left out.
 */

#include <linux/cred.h>
#include <linux/spinlock.h>
#include <net/genetlink.h>
#include <net/netlink.h>

#include "channel.h"
#include "event.h"
#include "fullness.h"
#include "nl.h"
#include "nl_event.h"

static struct ipcchan_news ipcchan_fullness_news(const struct ipcchan_chan *chan, bool full,
						 u32 nr)
{
	return (struct ipcchan_news) {
		.what = full ? IPCCHAN_EVENT_FULL : IPCCHAN_EVENT_DRAINED,
		.chan = chan, .net = chan->net, .uid = current_euid(),
		.value = nr, .value_attr = full ? IPCCHAN_A_EVENT_COUNT : 0,
		.sight = ipcchan_sight_chan(chan),
	};
}

static struct sk_buff *ipcchan_fullness_make(const struct ipcchan_chan *chan, bool full, u32 nr)
{
	struct ipcchan_news news;

	if (!ipcchan_event_wanted())
		return NULL;
	news = ipcchan_fullness_news(chan, full, nr);
	return ipcchan_news_make(&news);
}

/* Is it another than was told?  Then somebody tells, and @next is of that kind. */
static bool ipcchan_fullness_owed_locked(const struct ipcchan_fullness *f)
{
	return f->told != f->newest % 2;
}

/*
 * By who tells: send the event, and leave to the work item what has come since.  Without one
 * there was no memory, or nobody listened: who does now is to know that it has missed it.
 */
static void ipcchan_fullness_send(struct ipcchan_chan *chan, struct sk_buff *skb, bool full)
{
	struct ipcchan_fullness *f = &chan->fullness;
	struct ipcchan_news news;

	if (skb) {
		news = ipcchan_fullness_news(chan, full, 0);
		ipcchan_news_send(skb, &news);
	} else if (ipcchan_event_wanted()) {
		genl_set_err(&ipcchan_genl_family, chan->net, 0, 0, -ENOBUFS);
	}
	spin_lock(&f->lock);
	if (ipcchan_fullness_owed_locked(f)) {
		f->late = true;
		queue_work(ipcchan_unbound_wq, &f->work);
	} else {
		f->telling = false;
	}
	spin_unlock(&f->lock);
}

/* By who tells: what was left, unless it has changed back. */
static void ipcchan_fullness_send_next(struct ipcchan_chan *chan)
{
	struct ipcchan_fullness *f = &chan->fullness;
	struct sk_buff *skb = NULL;
	bool full;

	spin_lock(&f->lock);
	if (!ipcchan_fullness_owed_locked(f)) {
		f->telling = false;
		spin_unlock(&f->lock);
		return;
	}
	full = !f->told;
	f->told = full;
	swap(skb, f->next);
	spin_unlock(&f->lock);
	ipcchan_fullness_send(chan, skb, full);
}

static void ipcchan_fullness_work(struct work_struct *work)
{
	ipcchan_fullness_send_next(container_of(work, struct ipcchan_chan, fullness.work));
}

/**
 * ipcchan_fullness_init() - nothing was told of a channel yet
 * @f: its, zeroed
 * Context: any.
 */
void ipcchan_fullness_init(struct ipcchan_fullness *f)
{
	spin_lock_init(&f->lock);
	f->filled = -1;
	INIT_WORK(&f->work, ipcchan_fullness_work);
}

/* By who comes to tell: @skb is freed if it is not to be sent.  Return: whether to send it. */
static bool ipcchan_fullness_take_turn(struct ipcchan_fullness *f, u32 turn, struct sk_buff *skb)
{
	bool mine = false;

	spin_lock(&f->lock);
	if ((s32)(turn - f->newest) > 0) {
		f->newest = turn;
		if (!ipcchan_fullness_owed_locked(f)) {
			nlmsg_free(skb);
			skb = NULL;
		} else if (!f->telling) {
			mine = true;
			f->telling = true;
			f->told = turn % 2;
		}
		if (!mine)
			swap(skb, f->next);
	}
	spin_unlock(&f->lock);
	if (!mine)
		nlmsg_free(skb);
	return mine;
}

/**
 * ipcchan_fullness_tell() - there is no room in a channel, or all of it again
 * @chan: channel, kept from its end by the caller: by an endpoint, or the registry's lock
 * @turn: of ipcchan_fullness_filled() or _emptied()
 * @nr: messages queued, if it is full
 * Context: process, may sleep for memory, for nobody else.
 */
void ipcchan_fullness_tell(struct ipcchan_chan *chan, u32 turn, u32 nr)
{
	struct sk_buff *skb = ipcchan_fullness_make(chan, turn % 2, nr);

	if (ipcchan_fullness_take_turn(&chan->fullness, turn, skb))
		ipcchan_fullness_send(chan, skb, turn % 2);
}

/**
 * ipcchan_fullness_settle() - the last endpoint of a channel leaves: nothing is left to tell
 * @chan: channel
 *
 * Whoever tells anything of it until there is another endpoint has the registry's lock, too:
 * that is alone, and leaves nothing to the work item.
 *
 * Context: process, the registry's lock held; sleeps until the work item, if it runs, ends.
 */
void ipcchan_fullness_settle(struct ipcchan_chan *chan)
{
	struct ipcchan_fullness *f = &chan->fullness;
	bool late;

	spin_lock(&f->lock);
	late = f->late;
	spin_unlock(&f->lock);
	if (!late)
		return;
	cancel_work_sync(&f->work);
	ipcchan_fullness_send_next(chan);
}
