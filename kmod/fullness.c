// SPDX-License-Identifier: GPL-2.0
/*
 * Events that there is no room in a channel, and that it is empty again.
 *
 * The tasks that find a queue full and empty do so in turns, under its lock, and tell it when
 * they have given that up, so in any order.  They take turns again here, and nobody waits for
 * another: while one tells, what comes next is left to a work item.  Only what it is in the
 * end counts: if it has changed there and back before that could be told, neither is.
 */

#include <linux/cred.h>
#include <linux/spinlock.h>
#include <net/netlink.h>

#include "channel.h"
#include "event.h"
#include "fullness.h"
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

/* Is it another than was told? */
static bool ipcchan_fullness_owed_locked(const struct ipcchan_fullness *f)
{
	return f->told != (f->level > 0);
}

static void ipcchan_fullness_work(struct work_struct *work);

/* By who tells: send the event, if there is one, and leave to the work item what has come since. */
static void ipcchan_fullness_send(struct ipcchan_chan *chan, struct sk_buff *skb, bool full)
{
	struct ipcchan_fullness *f = &chan->fullness;
	struct ipcchan_news news;

	if (skb) {
		news = ipcchan_fullness_news(chan, full, 0);
		ipcchan_news_send(skb, &news);
	}
	spin_lock(&f->lock);
	if (ipcchan_fullness_owed_locked(f)) {
		f->late = true;
		schedule_work(&f->work);
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
	INIT_WORK(&f->work, ipcchan_fullness_work);
}

/**
 * ipcchan_fullness_tell() - there is no room in a channel, or all of it again
 * @chan: channel, pinned by the caller by an endpoint
 * @full: which; one was after the other
 * @nr: messages queued, with @full
 * Context: process, may sleep for memory, for nobody else.
 */
void ipcchan_fullness_tell(struct ipcchan_chan *chan, bool full, u32 nr)
{
	struct sk_buff *skb = ipcchan_fullness_make(chan, full, nr);
	struct ipcchan_fullness *f = &chan->fullness;
	struct sk_buff *undone = NULL;
	bool mine = false;

	spin_lock(&f->lock);
	f->level += full ? 1 : -1;
	if (!ipcchan_fullness_owed_locked(f)) {
		swap(undone, f->next);
	} else if (f->telling) {
		if (!f->next && f->told != full)
			swap(skb, f->next);
	} else {
		mine = true;
		f->telling = true;
		f->told = full;
	}
	spin_unlock(&f->lock);
	if (mine) {
		ipcchan_fullness_send(chan, skb, full);
		return;
	}
	nlmsg_free(skb);
	nlmsg_free(undone);
}

/**
 * ipcchan_fullness_settle() - the last endpoint of a channel leaves: nothing is left to tell
 * @chan: channel
 *
 * What comes after this is told after it.
 *
 * Context: process, may sleep: for the work item, if that runs.
 */
void ipcchan_fullness_settle(struct ipcchan_chan *chan)
{
	struct ipcchan_fullness *f = &chan->fullness;

	if (!f->late)
		return;
	cancel_work_sync(&f->work);
	ipcchan_fullness_send_next(chan);
}
