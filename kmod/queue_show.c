// SPDX-License-Identifier: GPL-2.0
/* What a queue looks like: what is in it, and who waits for what. */

#include <linux/ipcchan_netlink.h>
#include <linux/pid.h>
#include <linux/seq_file.h>

#include "endpoint.h"
#include "ident.h"
#include "levels.h"
#include "queue.h"
#include "rpc.h"
#include "share.h"
#include "show.h"

static void ipcchan_msg_show(struct seq_file *m, const struct ipcchan_msg *msg)
{
	seq_printf(m, " len %u prio %u type %u flags %#x from pid %d\n", msg->len, msg->prio,
		   msg->type, msg->flags, pid_nr(msg->ident->pid));
}

/* Who waits for the reply to a request that nobody has taken is told with it. */
static void ipcchan_queue_show_msgs_locked(struct seq_file *m, struct ipcchan_queue *q)
{
	const struct ipcchan_msg *msg;
	unsigned int nr = 0;

	list_for_each_entry(msg, &q->msgs, node) {
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		if (msg->flags & IPCCHAN_HAS_CALL)
			ipcchan_show_task(m, "client", msg->call->w.task);
		else
			seq_puts(m, "  message:");
		ipcchan_msg_show(m, msg);
	}
}

static void ipcchan_senders_show_locked(struct seq_file *m, const struct list_head *senders)
{
	const struct ipcchan_waiter *w;
	unsigned int nr = 0;

	list_for_each_entry(w, senders, node) {
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		ipcchan_show_task(m, "sender", w->task);
		ipcchan_msg_show(m, w->msg);
	}
}

static void ipcchan_receivers_show_locked(struct seq_file *m, struct ipcchan_queue *q)
{
	const struct ipcchan_waiter *w;
	unsigned int nr = 0;

	list_for_each_entry(w, &q->receivers, node) {
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		ipcchan_show_task(m, "receiver", w->task);
		seq_printf(m, " room %zu", w->room);
		ipcchan_show_match(m, w->match);
		seq_putc(m, '\n');
	}
}

/* Who waits for a reply, by who owes it; both are here while the lock is held. */
static void ipcchan_server_show_locked(struct seq_file *m, const struct ipcchan_server *server,
				       unsigned int *calls)
{
	const struct ipcchan_call_waiter *call;
	unsigned int i;

	seq_printf(m, "  server: endpoint %u pid %d\n", server->ep->id,
		   pid_nr(server->ep->sender.opener->pid));
	for (i = 0; i < ARRAY_SIZE(server->calls); i++) {
		hlist_for_each_entry(call, &server->calls[i], node) {
			if (*calls == IPCCHAN_SHOW_MAX)
				return;
			++*calls;
			ipcchan_show_task(m, "client", call->w.task);
			seq_printf(m, " call %llu room %zu\n", call->id, call->w.room);
		}
	}
}

static void ipcchan_servers_show_locked(struct seq_file *m, struct ipcchan_queue *q)
{
	const struct ipcchan_server *server;
	unsigned int nr = 0, calls = 0;

	hlist_for_each_entry(server, &q->servers, node) {
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		ipcchan_server_show_locked(m, server, &calls);
	}
}

static void ipcchan_shares_show_locked(struct seq_file *m, struct ipcchan_queue *q)
{
	const struct ipcchan_share *share;
	unsigned int nr = 0;

	list_for_each_entry(share, &q->shares, node) {
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		seq_printf(m, "  share: uid %u msgs %u bytes %llu refs %u\n",
			   from_kuid_munged(seq_user_ns(m), share->uid), share->nr,
			   share->bytes, share->refs);
		ipcchan_senders_show_locked(m, &share->senders);
	}
}

static void ipcchan_queue_show_state_locked(struct seq_file *m, const struct ipcchan_queue *q)
{
	const struct ipcchan_stats *s = &q->stats;

	seq_printf(m, "  queue: msgs %u bytes %llu special %d hangup %#x lost %u free %u\n",
		   q->nr, q->bytes, q->special, q->hangup, q->lost, q->slots.nr);
	seq_printf(m, "  limits: msgs %u len %u bytes %llu spin-ns %u sync-wake %d\n",
		   q->max_nr, q->max_len, q->max_bytes, q->spin_ns, q->sync_wake);
	seq_printf(m, "  stats: received %llu bytes %llu handovers %llu send-waits %llu",
		   s->received, s->received_bytes, s->handovers, s->send_waits);
	seq_printf(m, " recv-waits %llu wakeups %llu lost %llu\n", s->recv_waits, s->wakeups,
		   s->lost);
	if (q->spin_ns)
		seq_printf(m, "  sides: sender cpu %d misses %u receiver cpu %d misses %u\n",
			   READ_ONCE(q->send_side.cpu), READ_ONCE(q->send_side.misses),
			   READ_ONCE(q->recv_side.cpu), READ_ONCE(q->recv_side.misses));
	if (q->levels)
		seq_printf(m, "  levels: %#x\n", q->levels->mask);
}

/**
 * ipcchan_queue_show() - the state of a queue, for bug reports
 * @m: seq_file
 * @q: queue
 *
 * Of each kind no more than IPCCHAN_SHOW_MAX are shown: it is for one moment, and under
 * the lock that messages go by.
 *
 * Context: process.
 */
void ipcchan_queue_show(struct seq_file *m, struct ipcchan_queue *q)
{
	u32 receivers, senders = ipcchan_queue_waiting(q, &receivers);

	seq_printf(m, "  waiting: senders %u receivers %u\n", senders, receivers);
	spin_lock(&q->lock);
	ipcchan_queue_show_state_locked(m, q);
	ipcchan_queue_show_msgs_locked(m, q);
	ipcchan_servers_show_locked(m, q);
	ipcchan_receivers_show_locked(m, q);
	ipcchan_senders_show_locked(m, &q->senders);
	ipcchan_shares_show_locked(m, q);
	spin_unlock(&q->lock);
}
