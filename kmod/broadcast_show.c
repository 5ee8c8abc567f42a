// SPDX-License-Identifier: GPL-2.0
/* What a broadcast channel looks like: who sends, and each subscriber. */

#include <linux/ipcchan_netlink.h>
#include <linux/seq_file.h>
#include <linux/wait.h>

#include "broadcast.h"
#include "show.h"
#include "sub.h"

/* Those of ipcchan_broadcast_wait(); others on this head poll. */
static bool ipcchan_broadcast_is_sender(const struct wait_queue_entry *entry)
{
	return entry->func == autoremove_wake_function;
}

static void ipcchan_broadcast_show_senders(struct seq_file *m, struct ipcchan_broadcast *b)
{
	const struct wait_queue_entry *entry;
	unsigned int nr = 0;

	spin_lock_irq(&b->room.lock);
	list_for_each_entry(entry, &b->room.head, entry) {
		if (!ipcchan_broadcast_is_sender(entry))
			continue;
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		ipcchan_show_task(m, "sender", entry->private);
		seq_putc(m, '\n');
	}
	spin_unlock_irq(&b->room.lock);
}

static void ipcchan_sub_show(struct seq_file *m, struct ipcchan_sub *sub)
{
	/* Changes under the lock of those who send, which may be held for long. */
	struct ipcchan_match match = data_race(sub->match);
	/* Likewise. */
	unsigned int strays = data_race(sub->strays);

	seq_printf(m, "  subscriber: strays %u", strays);
	ipcchan_show_match(m, match);
	seq_putc(m, '\n');
	ipcchan_queue_show(m, &sub->queue);
}

/**
 * ipcchan_broadcast_show() - the state of a broadcast channel, for bug reports
 * @m: seq_file
 * @b: broadcast, of a channel that is held
 * Context: process, may sleep.
 */
void ipcchan_broadcast_show(struct seq_file *m, struct ipcchan_broadcast *b)
{
	u32 receivers, senders = ipcchan_broadcast_waiting(b, &receivers);
	struct ipcchan_sub *sub;
	unsigned int nr = 0;

	seq_printf(m, "  broadcast: senders %u changes %u hangup %#x\n",
		   senders, (u32)atomic_read(&b->changes),
		   READ_ONCE(b->hangup));
	ipcchan_broadcast_show_senders(m, b);
	mutex_lock(&b->subs_lock);
	list_for_each_entry(sub, &b->subs, node) {
		if (nr++ == IPCCHAN_SHOW_MAX) {
			seq_puts(m, "  and more subscribers\n");
			break;
		}
		ipcchan_sub_show(m, sub);
	}
	mutex_unlock(&b->subs_lock);
}
