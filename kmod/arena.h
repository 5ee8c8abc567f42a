/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_ARENA_H
#define _IPCCHAN_ARENA_H

#include <linux/compiler.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>

#include "message.h"
#include "tenant.h"

struct ipcchan_account;
struct ipcchan_buf;
struct ipcchan_queue;
struct ipcchan_revoke;
struct seq_file;

/**
 * struct ipcchan_arena - a shared buffer whose pages the kernel gives out in blocks
 * @refs: of its owner, and of each block
 * @buf: the buffer
 * @addr: the same pages, one after the other in the kernel's memory
 * @base: where the buffer begins in the endpoint's file, bytes
 * @nr: pages, constant
 * @q: whose senders poll for room here, or NULL; pinned by who has a block
 * @revoke: who may write which block, or NULL, constant
 * @account: who pays for @buf, if that is the arena's own: of a pool, as is
 * @full: enum ipcchan_pool_full
 * @min_len: shortest message that goes there, bytes
 * @room: those who wait for a block, oldest first; its lock protects all below
 * @closed: nothing is given out for now
 * @used: pages given out
 * @walk: counts the walks through the waiters
 * @owner: the user who is not held to a share; its uid is read at once
 * @tenants: the others who have blocks
 * @map: which pages are given out
 *
 * A block is whole pages in a row.  Who frees one gives it to who waits, before that is
 * woken.  Of one user nobody passes another who came before, or a large block would wait
 * for small ones for ever; but no user is in the way of others.
 */
struct ipcchan_arena {
	refcount_t refs;
	struct ipcchan_buf *buf;
	u8 *addr;
	u64 base;
	u32 nr;
	struct ipcchan_queue *q;
	struct ipcchan_revoke *revoke;
	struct ipcchan_account *account;
	u32 full;
	u32 min_len;
	wait_queue_head_t room;
	bool closed;
	u32 used;
	u64 walk;
	struct ipcchan_tenant owner;
	struct list_head tenants;
	unsigned long map[];
};

/**
 * struct ipcchan_arena_waiter - one task that waits for a block, on its own stack
 * @entry: in @room of the arena, whose lock protects all of it
 * @place: what it waits for
 * @err: why it has not got it yet
 * @done: it has got it, or never will
 */
struct ipcchan_arena_waiter {
	struct wait_queue_entry entry;
	struct ipcchan_place *place;
	int err;
	bool done;
};

static inline struct ipcchan_arena_waiter *
ipcchan_arena_waiter_of(struct wait_queue_entry *entry)
{
	return container_of(entry, struct ipcchan_arena_waiter, entry);
}

struct ipcchan_arena *ipcchan_arena_create(struct ipcchan_buf *buf, kuid_t owner);
void ipcchan_arena_put(struct ipcchan_arena *arena);
void ipcchan_arena_close(struct ipcchan_arena *arena, bool closed);
void ipcchan_arena_chown(struct ipcchan_arena *arena, kuid_t owner);
int ipcchan_arena_alloc(struct ipcchan_arena *arena, u64 len, kuid_t uid, ktime_t until,
			struct ipcchan_place *place);
void ipcchan_arena_free(struct ipcchan_place *place);
int ipcchan_arena_charge(struct ipcchan_place *place, kuid_t uid);
void ipcchan_arena_charged(struct ipcchan_place *place);
void ipcchan_arena_uncharge(struct ipcchan_place *place);
void ipcchan_arena_show(struct seq_file *m, const char *what, struct ipcchan_arena *arena);
void ipcchan_arena_show_state(struct seq_file *m, struct ipcchan_arena *arena);
bool ipcchan_arena_fits(struct ipcchan_arena *arena, u64 len, kuid_t uid);

/**
 * ipcchan_arena_used() - how much of it is given out
 * @arena: arena
 * Context: any.
 * Return: bytes, of this moment.
 */
static inline u64 ipcchan_arena_used(const struct ipcchan_arena *arena)
{
	/* without the lock: whoever is told cannot rely on it anyway */
	return (u64)data_race(arena->used) << PAGE_SHIFT;
}

#endif /* _IPCCHAN_ARENA_H */
