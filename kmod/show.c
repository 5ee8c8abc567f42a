// SPDX-License-Identifier: GPL-2.0
/* What a channel looks like, for people; and what its parts are shown with. */

#include <linux/ctype.h>
#include <linux/math64.h>
#include <linux/sched/clock.h>
#include <net/net_namespace.h>

#include "arena.h"
#include "broadcast.h"
#include "buffer.h"
#include "doorbell.h"
#include "lock.h"
#include "show.h"

/**
 * ipcchan_show_name() - the name of a channel, which anybody may have chosen
 * @m: seq_file
 * @chan: channel
 *
 * Blanks, backslashes, and all that is not of ASCII, as \ and three octal digits: it is
 * one word, and does nothing to a terminal.
 *
 * Context: process.
 */
void ipcchan_show_name(struct seq_file *m, const struct ipcchan_chan *chan)
{
	const unsigned char *c;

	for (c = chan->name; *c; c++) {
		if (isascii(*c) && isgraph(*c) && *c != '\\')
			seq_putc(m, *c);
		else
			seq_printf(m, "\\%03o", *c);
	}
}

/**
 * ipcchan_show_task() - a task that waits
 * @m: seq_file
 * @what: it is
 * @task: that cannot go: the lock of what it waits in is held
 *
 * With the time since it was last given a CPU, where the kernel records that.
 *
 * Context: any.
 */
void ipcchan_show_task(struct seq_file *m, const char *what, const struct task_struct *task)
{
#ifdef CONFIG_SCHED_INFO
	u64 ns;
#endif

	seq_printf(m, "  %s: pid %d tid %d", what, task->tgid, task->pid);
#ifdef CONFIG_SCHED_INFO
	/* Of a clock that is not quite the same on all CPUs. */
	ns = max_t(s64, local_clock() - data_race(task->sched_info.last_arrival), 0);
	seq_printf(m, " waits-ms %llu", div_u64(ns, NSEC_PER_MSEC));
#endif
}

/**
 * ipcchan_show_match() - what a receiver takes, unless that is everything
 * @m: seq_file
 * @match: what it takes
 * Context: any.
 */
void ipcchan_show_match(struct seq_file *m, struct ipcchan_match match)
{
	if (match.by_type)
		seq_printf(m, " type %u", match.type);
	if (match.min_prio)
		seq_printf(m, " min-prio %u", match.min_prio);
}

static void ipcchan_chan_show_buf(struct seq_file *m, struct ipcchan_chan *chan)
{
	struct ipcchan_buf *buf = chan->buf;

	seq_printf(m, "  buffer: bytes %llu huge %llu flags %#x node %u locks-from %lld\n",
		   buf->size, buf->huge, buf->flags, buf->node, ipcchan_lock_base(chan));
	ipcchan_doorbell_show(m, buf);
	if (chan->arena)
		ipcchan_arena_show_state(m, chan->arena);
}

/**
 * ipcchan_chan_show() - the state of a channel, for bug reports
 * @m: seq_file
 * @chan: channel
 * Context: process, may sleep; the registry's lock held.
 */
void ipcchan_chan_show(struct seq_file *m, struct ipcchan_chan *chan)
{
	struct ipcchan_snapshot s;

	seq_printf(m, "channel %u net %u name \"", chan->id, chan->net->ns.inum);
	ipcchan_show_name(m, chan);
	seq_printf(m, "\"\n  kind %u mode %o uid %u gid %u options %#x slow %u flags %#x\n",
		   chan->kind, chan->mode, from_kuid_munged(seq_user_ns(m), chan->uid),
		   from_kgid_munged(seq_user_ns(m), chan->gid), chan->options, chan->slow,
		   chan->flags);
	seq_printf(m, "  endpoints %u senders %u receivers %u gone %#x pins-module %d times %d\n",
		   chan->nr_endpoints, chan->nr_senders, chan->nr_receivers, chan->gone,
		   chan->pins_module, !!chan->queue.times);
	ipcchan_queue_show(m, &chan->queue);
	ipcchan_queue_snapshot(&chan->queue, &s);
	if (s.pool_size)
		seq_printf(m, "  pool: bytes %llu used %llu\n", s.pool_size, s.pool_used);
	if (chan->buf)
		ipcchan_chan_show_buf(m, chan);
	if (chan->broadcast)
		ipcchan_broadcast_show(m, chan->broadcast);
}
