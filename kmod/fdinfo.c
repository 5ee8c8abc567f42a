// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/fdinfo of an endpoint: a line for each thing that an administrator may ask. */

#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>

#include "arena.h"
#include "broadcast.h"
#include "buffer.h"
#include "endpoint.h"
#include "fdinfo.h"
#include "rpc.h"
#include "show.h"

/* In the namespaces of the file: of its mount the process ids, of its opener the users. */
static void ipcchan_fdinfo_ident(struct seq_file *m, const char *what,
				 const struct ipcchan_ident *ident)
{
	struct pid_namespace *ns = proc_pid_ns(file_inode(m->file)->i_sb);

	seq_printf(m, "ipcchan-%s:\tpid %u uid %u\n", what, pid_nr_ns(ident->pid, ns),
		   from_kuid_munged(seq_user_ns(m), ident->cred->euid));
}

static void ipcchan_fdinfo_sender(struct seq_file *m, struct ipcchan_sender *sender)
{
	ipcchan_fdinfo_ident(m, "opener", sender->opener);
	spin_lock(&sender->lock);
	if (sender->last)
		ipcchan_fdinfo_ident(m, "last-sender", sender->last);
	spin_unlock(&sender->lock);
}

/* Of a subscriber it is its own queue, and who sends waits for all of them. */
static void ipcchan_fdinfo_queue(struct seq_file *m, struct ipcchan_ep *ep)
{
	struct ipcchan_broadcast *b = ep->chan->broadcast;
	struct ipcchan_snapshot s;
	u32 senders, receivers, all;

	ipcchan_queue_snapshot(ep->recv, &s);
	senders = ipcchan_queue_waiting(ep->recv, &receivers);
	if (b)
		senders = ipcchan_broadcast_waiting(b, &all);
	seq_printf(m, "ipcchan-msgs:\t%u\nipcchan-bytes:\t%llu\n", s.nr, s.bytes);
	seq_printf(m, "ipcchan-waiting:\tsenders %u receivers %u\n", senders, receivers);
	if (ep->sub)
		seq_printf(m, "ipcchan-lost:\t%llu\n", s.stats.lost);
}

static void ipcchan_fdinfo_receiver(struct seq_file *m, struct ipcchan_ep *ep)
{
	struct ipcchan_match match = READ_ONCE(ep->match);
	u64 low_bytes = READ_ONCE(ep->low.bytes);
	u32 low_msgs = READ_ONCE(ep->low.msgs);

	if (!ipcchan_match_all(match))
		seq_printf(m, "ipcchan-filter:\ttype %u%s min-prio %u\n", match.type,
			   match.by_type ? "" : " (any)", match.min_prio);
	if (low_msgs || low_bytes)
		seq_printf(m, "ipcchan-watermark:\tmsgs %u bytes %llu\n", low_msgs, low_bytes);
	if (ep->server)
		seq_printf(m, "ipcchan-calls:\t%u\n",
			   ipcchan_server_owes(ep->server, &ep->chan->queue));
}

static void ipcchan_fdinfo_ears(struct seq_file *m, struct ipcchan_ears *ears)
{
	bool watches;
	u64 offset;

	/* Without the endpoint's lock, which is held while one is made. */
	seq_printf(m, "ipcchan-eventfds:\t%u\n", data_race(ears->nr_fds));
	spin_lock_irq(&ears->poll.lock);
	watches = ears->word;
	/* It is changed before the word is. */
	offset = data_race(ears->watch.offset);
	spin_unlock_irq(&ears->poll.lock);
	if (watches)
		seq_printf(m, "ipcchan-watch:\toffset %llu\n", offset);
}

static void ipcchan_fdinfo_blocks(struct seq_file *m, struct ipcchan_ep *ep)
{
	struct ipcchan_arena *arena = ep->chan->arena;
	/* Pairs with the release in ipcchan_pool_join(). */
	struct ipcchan_arena *pool = smp_load_acquire(&ep->pool);
	u64 bytes;
	u32 nr;

	if (arena || pool) {
		nr = ipcchan_held_count(&ep->held, &bytes);
		seq_printf(m, "ipcchan-loans:\t%u bytes %llu\n", nr, bytes);
	}
	if (arena)
		ipcchan_arena_show(m, "buf", arena);
	if (pool) {
		seq_printf(m, "ipcchan-pool:\t%llu\n", pool->buf->size);
		ipcchan_arena_show(m, "pool", pool);
	}
}

/**
 * ipcchan_show_fdinfo() - the show_fdinfo method
 * @m: the file in /proc
 * @file: of an endpoint
 * Context: process, may sleep.
 */
void ipcchan_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct ipcchan_ep *ep = file->private_data;
	struct ipcchan_chan *chan = ipcchan_ep_chan(ep);

	if (!chan)
		return;
	seq_printf(m, "ipcchan-id:\t%u\nipcchan-netns:\t%u\n", chan->id, chan->queue.netns);
	if (*chan->name) {
		seq_puts(m, "ipcchan-name:\t");
		ipcchan_show_name(m, chan);
		seq_putc(m, '\n');
	}
	seq_printf(m, "ipcchan-kind:\t%u\nipcchan-role:\t%u\n", chan->kind, ep->role);
	ipcchan_fdinfo_sender(m, &ep->sender);
	ipcchan_fdinfo_queue(m, ep);
	if (ep->role & IPCCHAN_ROLE_RECV)
		ipcchan_fdinfo_receiver(m, ep);
	if (chan->buf)
		ipcchan_fdinfo_ears(m, &ep->ears);
	ipcchan_fdinfo_blocks(m, ep);
}
