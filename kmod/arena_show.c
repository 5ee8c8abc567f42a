// SPDX-License-Identifier: GPL-2.0
/* What an arena looks like: who has how much of it, and who waits. */

#include <linux/bitmap.h>
#include <linux/seq_file.h>
#include <linux/user_namespace.h>

#include "arena.h"
#include "buffer.h"
#include "show.h"

static void ipcchan_arena_show_locked(struct seq_file *m, const char *what,
				      const struct ipcchan_tenant *tenant)
{
	if (tenant->pages)
		seq_printf(m, "ipcchan-%s-of:\tuid %u bytes %llu\n", what,
			   from_kuid_munged(seq_user_ns(m), tenant->uid),
			   (u64)tenant->pages << PAGE_SHIFT);
}

/**
 * ipcchan_arena_show() - who has how much of it
 * @m: of a file in /proc
 * @what: its name there
 * @arena: arena
 *
 * A block that several have counts for each of them, and for who sent it.
 *
 * Context: process.
 */
void ipcchan_arena_show(struct seq_file *m, const char *what, struct ipcchan_arena *arena)
{
	struct ipcchan_tenant *tenant;

	spin_lock(&arena->room.lock);
	seq_printf(m, "ipcchan-%s-used:\t%llu\n", what, (u64)arena->used << PAGE_SHIFT);
	ipcchan_arena_show_locked(m, what, &arena->owner);
	list_for_each_entry(tenant, &arena->tenants, node) {
		if (seq_has_overflowed(m))
			break;
		ipcchan_arena_show_locked(m, what, tenant);
	}
	spin_unlock(&arena->room.lock);
}

/* Pages in a row that are not given out. */
static u32 ipcchan_arena_longest(const struct ipcchan_arena *arena)
{
	unsigned long begin, end = 0;
	u32 longest = 0;

	while (end < arena->nr) {
		begin = find_next_zero_bit(arena->map, arena->nr, end);
		end = find_next_bit(arena->map, arena->nr, begin);
		longest = max_t(u32, longest, end - begin);
	}
	return longest;
}

/**
 * ipcchan_arena_show_state() - the state of an arena, for bug reports
 * @m: seq_file
 * @arena: arena of a channel that is held
 * Context: process.
 */
void ipcchan_arena_show_state(struct seq_file *m, struct ipcchan_arena *arena)
{
	const struct ipcchan_arena_waiter *w;
	const struct ipcchan_tenant *tenant;
	struct wait_queue_entry *entry;
	unsigned int nr = 0;
	u32 longest;

	/* Without the lock, which it would hold for long: it is of about this moment. */
	longest = data_race(ipcchan_arena_longest(arena));
	seq_printf(m, "  arena: pages %u longest-free %u revoke %d", arena->nr, longest,
		   !!arena->revoke);
	spin_lock(&arena->room.lock);
	seq_printf(m, " used %u closed %d walks %llu\n", arena->used, arena->closed, arena->walk);
	seq_printf(m, "  tenant: uid %u pages %u\n",
		   from_kuid_munged(seq_user_ns(m), arena->owner.uid), arena->owner.pages);
	list_for_each_entry(tenant, &arena->tenants, node) {
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		seq_printf(m, "  tenant: uid %u pages %u refs %u\n",
			   from_kuid_munged(seq_user_ns(m), tenant->uid), tenant->pages,
			   tenant->refs);
	}
	nr = 0;
	list_for_each_entry(entry, &arena->room.head, entry) {
		if (nr++ == IPCCHAN_SHOW_MAX)
			break;
		w = ipcchan_arena_waiter_of(entry);
		ipcchan_show_task(m, "borrower", entry->private);
		seq_printf(m, " pages %u error %d\n", w->place->nr, w->err);
	}
	spin_unlock(&arena->room.lock);
}
