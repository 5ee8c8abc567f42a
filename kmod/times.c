// SPDX-License-Identifier: GPL-2.0
/*
 * Time in queue: what a channel's messages have waited for their receivers.
 *
 * Off for all channels it is a patched jump.  On for any of them, the messages of others
 * go by after a look at their queue.
 */

#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "broadcast.h"
#include "channel.h"
#include "sub.h"
#include "times.h"

/* Deferred: to patch code stops all CPUs for a moment, which nobody is to do in a loop. */
DEFINE_STATIC_KEY_DEFERRED_FALSE(ipcchan_times_key, HZ);

/**
 * ipcchan_times_exit() - wait for what is deferred
 * Context: process, at module unload: no channel is left.
 */
void ipcchan_times_exit(void)
{
	static_key_deferred_flush(&ipcchan_times_key);
}

static unsigned int ipcchan_times_bucket(u64 ns)
{
	u64 steps = ns / 64;
	unsigned int octave;

	if (steps < 4)
		return steps;
	octave = fls64(steps) - 3;
	return min(4 * (octave + 1) + (unsigned int)(steps >> octave) % 4,
		   IPCCHAN_TIME_BUCKETS - 1);
}

static void ipcchan_times_add(struct ipcchan_times *times, const struct ipcchan_msg *msg,
			      u64 now)
{
	/* One from before has none, but perhaps that of another in the same memory. */
	if (msg->queued_ns >= READ_ONCE(times->since_ns))
		atomic64_inc(&times->nr[ipcchan_times_bucket(now - msg->queued_ns)]);
}

/**
 * ipcchan_times_stamp() - ipcchan_times_begin(), when it is on for some channel
 * @q: queue
 * @msg: message
 * Context: @q->lock held.
 */
void ipcchan_times_stamp(const struct ipcchan_queue *q, struct ipcchan_msg *msg)
{
	if (q->times)
		msg->queued_ns = ktime_get_ns();
}

/**
 * ipcchan_times_count() - ipcchan_times_end(), when it is on for some channel
 * @q: queue, whose lock may be held
 * @msg: message, the caller's
 * Context: process.
 */
void ipcchan_times_count(const struct ipcchan_queue *q, const struct ipcchan_msg *msg)
{
	/* Its start is seen with it: pairs with the release in ipcchan_times_point(). */
	struct ipcchan_times *times = READ_ONCE(q->times);

	if (times)
		ipcchan_times_add(times, msg, ktime_get_ns());
}

/**
 * ipcchan_times_stamp_all() - ipcchan_times_stamp() of many
 * @q: queue
 * @msgs: messages
 * Context: @q->lock held.
 */
void ipcchan_times_stamp_all(const struct ipcchan_queue *q, struct list_head *msgs)
{
	struct ipcchan_msg *msg;
	u64 now;

	if (!q->times)
		return;
	now = ktime_get_ns();
	list_for_each_entry(msg, msgs, node)
		msg->queued_ns = now;
}

/**
 * ipcchan_times_count_all() - ipcchan_times_count() of many
 * @q: queue
 * @msgs: messages
 * Context: @q->lock held.
 */
void ipcchan_times_count_all(const struct ipcchan_queue *q, const struct list_head *msgs)
{
	struct ipcchan_times *times = q->times;
	const struct ipcchan_msg *msg;
	u64 now;

	if (!times)
		return;
	now = ktime_get_ns();
	list_for_each_entry(msg, msgs, node)
		ipcchan_times_add(times, msg, now);
}

static void ipcchan_times_point(struct ipcchan_queue *q, struct ipcchan_times *times)
{
	spin_lock(&q->lock);
	/* Pairs with the read in ipcchan_times_count(). */
	smp_store_release(&q->times, times);
	spin_unlock(&q->lock);
}

static void ipcchan_times_point_all(struct ipcchan_chan *chan, struct ipcchan_times *times)
{
	struct ipcchan_broadcast *b = chan->broadcast;
	struct ipcchan_sub *sub;

	if (!b) {
		ipcchan_times_point(&chan->queue, times);
		return;
	}
	mutex_lock(&b->subs_lock);
	/* For those that come. */
	ipcchan_times_point(&chan->queue, times);
	list_for_each_entry(sub, &b->subs, node) {
		ipcchan_times_point(&sub->queue, times);
		cond_resched();
	}
	mutex_unlock(&b->subs_lock);
}

/**
 * ipcchan_times_prepare() - have what ipcchan_times_set() needs
 * @chan: channel
 * Context: process, may sleep; the registry's lock held.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_times_prepare(struct ipcchan_chan *chan)
{
	if (!chan->times)
		chan->times = kzalloc(sizeof(*chan->times), IPCCHAN_GFP_LARGE);
	return chan->times ? 0 : -ENOMEM;
}

/**
 * ipcchan_times_set() - begin, or cease, to record
 * @chan: channel, to begin prepared; what was recorded before stays
 * @on: which of it
 *
 * Messages that are queued already are not recorded.
 *
 * Context: process, may sleep; the registry's lock held.
 */
void ipcchan_times_set(struct ipcchan_chan *chan, bool on)
{
	if (on == !!chan->queue.times)
		return;
	if (!on) {
		ipcchan_times_point_all(chan, NULL);
		static_branch_slow_dec_deferred(&ipcchan_times_key);
		return;
	}
	/* First, lest one has no stamp of those that are sent when it is on. */
	static_branch_inc(&ipcchan_times_key.key);
	WRITE_ONCE(chan->times->since_ns, ktime_get_ns());
	ipcchan_times_point_all(chan, chan->times);
}

/**
 * ipcchan_times_destroy() - free what was recorded
 * @chan: nobody can reach it any more
 * Context: process, may sleep.
 */
void ipcchan_times_destroy(struct ipcchan_chan *chan)
{
	if (chan->queue.times)
		static_branch_slow_dec_deferred(&ipcchan_times_key);
	kfree(chan->times);
}

/**
 * ipcchan_times_put() - IPCCHAN_A_TIME_BUCKETS
 * @skb: reply about one channel
 * @chan: channel
 * Context: process, the registry's lock held.
 * Return: 0, also when nothing is recorded; -EMSGSIZE.
 */
int ipcchan_times_put(struct sk_buff *skb, const struct ipcchan_chan *chan)
{
	const struct ipcchan_times *times = chan->queue.times;
	struct nlattr *nla;
	unsigned int i;
	u64 nr;

	if (!times)
		return 0;
	nla = nla_reserve_64bit(skb, IPCCHAN_A_TIME_BUCKETS, IPCCHAN_TIME_BUCKETS * sizeof(nr),
				IPCCHAN_A_PAD);
	if (!nla)
		return -EMSGSIZE;
	for (i = 0; i < IPCCHAN_TIME_BUCKETS; i++) {
		nr = atomic64_read(&times->nr[i]);
		memcpy((u8 *)nla_data(nla) + i * sizeof(nr), &nr, sizeof(nr));
	}
	return 0;
}
