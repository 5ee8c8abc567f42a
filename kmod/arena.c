// SPDX-License-Identifier: GPL-2.0
/* Arenas: blocks of a shared buffer, who has them, and who waits for one. */

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "account.h"
#include "arena.h"
#include "buffer.h"
#include "ipcchan.h"
#include "queue_locked.h"
#include "revoke.h"
#include "tenant.h"
#include "waiter.h"

/**
 * ipcchan_arena_create() - an arena of which nothing is given out
 * @buf: its buffer; the caller's still
 * @owner: the user who is not held to a share
 * Context: process, may sleep.
 * Return: the arena, with one reference; ERR_PTR(-ENOMEM).
 */
struct ipcchan_arena *ipcchan_arena_create(struct ipcchan_buf *buf, kuid_t owner)
{
	u32 nr = buf->size >> PAGE_SHIFT;
	struct ipcchan_arena *arena;

	arena = kvzalloc(struct_size(arena, map, BITS_TO_LONGS(nr)), IPCCHAN_GFP_LARGE);
	if (!arena)
		return ERR_PTR(-ENOMEM);
	/* In a row, so that a payload is copied as any other is. */
	arena->addr = vmap(buf->pages, nr, VM_MAP, PAGE_KERNEL);
	if (!arena->addr) {
		kvfree(arena);
		return ERR_PTR(-ENOMEM);
	}
	refcount_set(&arena->refs, 1);
	arena->buf = buf;
	arena->nr = nr;
	arena->owner.uid = owner;
	init_waitqueue_head(&arena->room);
	INIT_LIST_HEAD(&arena->tenants);
	return arena;
}

/**
 * ipcchan_arena_put() - drop a reference
 * @arena: freed with the last one, and its buffer with it if it pays for that
 * Context: process, may sleep.
 */
void ipcchan_arena_put(struct ipcchan_arena *arena)
{
	struct ipcchan_cost cost = {};

	if (!refcount_dec_and_test(&arena->refs))
		return;
	ipcchan_revoke_destroy(arena->revoke);
	vunmap(arena->addr);
	if (arena->account) {
		cost.of[IPCCHAN_ITEM_BUFS] = arena->buf->size;
		ipcchan_account_uncharge(arena->account, &cost);
		ipcchan_buf_destroy(arena->buf);
	}
	kvfree(arena);
}

/* Return: 0, -EDQUOT (its user has its share), -EAGAIN (there is none), -ESTALE (closed). */
static int ipcchan_arena_take_locked(struct ipcchan_arena *arena,
				     struct ipcchan_place *place)
{
	struct ipcchan_tenant *tenant = place->tenant;
	unsigned long page;

	if (unlikely(arena->closed))
		return -ESTALE;
	if (!ipcchan_tenant_allows_locked(arena, tenant, place->nr, place->nr))
		return -EDQUOT;
	page = bitmap_find_next_zero_area(arena->map, arena->nr, 0, place->nr, 0);
	if (page >= arena->nr)
		return -EAGAIN;
	bitmap_set(arena->map, page, place->nr);
	arena->used += place->nr;
	tenant->pages += place->nr;
	place->page = page;
	return 0;
}

/* Give one waiter its block, unless another of its user was not given one in this walk. */
static int ipcchan_arena_serve(struct wait_queue_entry *entry, unsigned int mode, int flags,
			       void *key)
{
	struct ipcchan_arena_waiter *w = ipcchan_arena_waiter_of(entry);
	struct ipcchan_arena *arena = w->place->arena;
	struct ipcchan_tenant *tenant = w->place->tenant;

	if (tenant->walk == arena->walk) {
		w->err = tenant->err;
		return 0;
	}
	w->err = ipcchan_arena_take_locked(arena, w->place);
	if (w->err == -EAGAIN || w->err == -EDQUOT) {
		tenant->walk = arena->walk;
		tenant->err = w->err;
		return 0;
	}
	list_del_init(&entry->entry);
	WRITE_ONCE(w->done, true);
	default_wake_function(entry, mode, flags, NULL);
	return 1;
}

static void ipcchan_arena_serve_locked(struct ipcchan_arena *arena)
{
	/* Under its lock. */
	if (likely(!waitqueue_active(&arena->room)))
		return;
	arena->walk++;
	__wake_up_locked(&arena->room, TASK_INTERRUPTIBLE, 0);
}

/**
 * ipcchan_arena_close() - give out nothing, or something again
 * @arena: arena, whose waiters are told
 * @closed: which of it
 * Context: process.
 */
void ipcchan_arena_close(struct ipcchan_arena *arena, bool closed)
{
	spin_lock(&arena->room.lock);
	arena->closed = closed;
	ipcchan_arena_serve_locked(arena);
	spin_unlock(&arena->room.lock);
}

/**
 * ipcchan_arena_chown() - another user is not held to a share from now on
 * @arena: arena
 * @owner: that user
 *
 * What the old one has is not in the way of the others, nor what the new one had.
 *
 * Context: process.
 */
void ipcchan_arena_chown(struct ipcchan_arena *arena, kuid_t owner)
{
	spin_lock(&arena->room.lock);
	WRITE_ONCE(arena->owner.uid, owner);
	spin_unlock(&arena->room.lock);
}

/* Return: 0; -ERESTARTSYS, -ETIMEDOUT, -ESTALE; where it may not wait, -EAGAIN, -EDQUOT. */
static int ipcchan_arena_wait_locked(struct ipcchan_arena *arena,
				     struct ipcchan_place *place, ktime_t until)
	__must_hold(&arena->room.lock)
{
	struct ipcchan_arena_waiter w = { .place = place, .err = -EAGAIN };
	int err;

	init_waitqueue_func_entry(&w.entry, ipcchan_arena_serve);
	w.entry.private = current;
	__add_wait_queue_entry_tail_exclusive(&arena->room, &w.entry);
	/* Those before it may all be others. */
	ipcchan_arena_serve_locked(arena);
	err = until == IPCCHAN_NO_WAIT ? w.err : 0;
	while (!w.done && !err) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&arena->room.lock);
		if (ipcchan_interrupted(until == IPCCHAN_FOREVER))
			err = -ERESTARTSYS;
		else if (!READ_ONCE(w.done) && !ipcchan_sleep(until))
			err = -ETIMEDOUT;
		spin_lock(&arena->room.lock);
	}
	__set_current_state(TASK_RUNNING);
	if (w.done)
		return w.err;
	__remove_wait_queue(&arena->room, &w.entry);
	/* Who stood behind this one may fit. */
	ipcchan_arena_serve_locked(arena);
	return err;
}

/**
 * ipcchan_arena_alloc() - take a block
 * @arena: arena
 * @len: bytes, at least 1
 * @uid: the user who will have it
 * @until: how long to wait
 * @place: out, on success
 * Context: process, may sleep.
 * Return: 0; -EMSGSIZE (it can never have so much), -EAGAIN, -EDQUOT (not waiting, and the
 * user has its share), -ETIMEDOUT, -ERESTARTSYS, -ENOMEM, -ESTALE (closed).
 */
int ipcchan_arena_alloc(struct ipcchan_arena *arena, u64 len, kuid_t uid, ktime_t until,
			struct ipcchan_place *place)
{
	u32 most = uid_eq(uid, READ_ONCE(arena->owner.uid)) ? arena->nr : max(arena->nr / 2, 1U);
	struct ipcchan_tenant *tenant;
	bool waited = false;
	int err = -EAGAIN;

	if (len > (u64)most << PAGE_SHIFT)
		return -EMSGSIZE;
	tenant = ipcchan_tenant_get(arena, uid);
	if (!tenant)
		return -ENOMEM;
	*place = (struct ipcchan_place) {
		.arena = arena, .tenant = tenant, .nr = DIV_ROUND_UP_ULL(len, PAGE_SIZE),
	};

	spin_lock(&arena->room.lock);
	/* Under its lock. */
	if (likely(!waitqueue_active(&arena->room)))
		err = ipcchan_arena_take_locked(arena, place);
	if (unlikely(err && err != -ESTALE)) {
		waited = until != IPCCHAN_NO_WAIT;
		err = ipcchan_arena_wait_locked(arena, place, until);
	}
	if (unlikely(err))
		ipcchan_tenant_put_locked(arena, tenant);
	spin_unlock(&arena->room.lock);
	if (likely(!err))
		refcount_inc(&arena->refs);
	else if (waited && arena->q)
		/* Others of this user, whose turn was behind it, may poll. */
		ipcchan_queue_notify(arena->q, false, true);
	return err;
}

static void ipcchan_arena_uncharge_locked(struct ipcchan_place *place)
{
	place->tenant->pages -= place->nr;
	ipcchan_tenant_put_locked(place->arena, place->tenant);
	place->tenant = NULL;
}

/**
 * ipcchan_arena_free() - give a block back
 * @place: the block, nobody's any more
 * Context: process, may sleep.
 */
void ipcchan_arena_free(struct ipcchan_place *place)
{
	struct ipcchan_arena *arena = place->arena;

	spin_lock(&arena->room.lock);
	bitmap_clear(arena->map, place->page, place->nr);
	arena->used -= place->nr;
	ipcchan_arena_uncharge_locked(place);
	ipcchan_arena_serve_locked(arena);
	spin_unlock(&arena->room.lock);
	if (arena->q)
		ipcchan_queue_notify(arena->q, false, true);
	ipcchan_arena_put(arena);
}

/**
 * ipcchan_arena_charge() - a block is being received, by another user perhaps
 * @place: the block; where others have it as well, the copy of this one, not charged yet
 * @uid: who will have it
 *
 * To be followed by ipcchan_arena_charged(), or where place->was says that this has charged
 * it, or others have it as well, by ipcchan_arena_uncharge().
 *
 * Context: process, may sleep.
 * Return: 0; -EDQUOT (that user has its share), -ENOMEM, and all is as it was.
 */
int ipcchan_arena_charge(struct ipcchan_place *place, kuid_t uid)
{
	struct ipcchan_arena *arena = place->arena;
	struct ipcchan_tenant *tenant;
	int err = 0;

	place->was = NULL;
	if (likely(place->tenant && uid_eq(uid, READ_ONCE(place->tenant->uid))))
		return 0;
	tenant = ipcchan_tenant_get(arena, uid);
	if (!tenant)
		return -ENOMEM;
	spin_lock(&arena->room.lock);
	if (ipcchan_tenant_allows_locked(arena, tenant, place->nr, 0)) {
		if (place->tenant)
			place->tenant->pages -= place->nr;
		tenant->pages += place->nr;
		place->was = place->tenant;
		place->tenant = tenant;
		ipcchan_arena_serve_locked(arena);
	} else {
		ipcchan_tenant_put_locked(arena, tenant);
		err = -EDQUOT;
	}
	spin_unlock(&arena->room.lock);
	return err;
}

/**
 * ipcchan_arena_charged() - it was received
 * @place: as for ipcchan_arena_charge()
 * Context: process.
 */
void ipcchan_arena_charged(struct ipcchan_place *place)
{
	struct ipcchan_arena *arena = place->arena;

	if (likely(!place->was))
		return;
	spin_lock(&arena->room.lock);
	ipcchan_tenant_put_locked(arena, place->was);
	place->was = NULL;
	spin_unlock(&arena->room.lock);
}

/**
 * ipcchan_arena_uncharge() - it was not received, after all, or is given back
 * @place: as for ipcchan_arena_charge(), and charged by it
 * Context: process.
 */
void ipcchan_arena_uncharge(struct ipcchan_place *place)
{
	struct ipcchan_arena *arena = place->arena;

	spin_lock(&arena->room.lock);
	ipcchan_arena_uncharge_locked(place);
	place->tenant = place->was;
	place->was = NULL;
	if (place->tenant)
		place->tenant->pages += place->nr;
	ipcchan_arena_serve_locked(arena);
	spin_unlock(&arena->room.lock);
}

/**
 * ipcchan_arena_fits() - would a user be given a block at once, if it has its share?
 * @arena: arena
 * @len: bytes
 * @uid: the user
 * Context: any, after poll_wait().
 * Return: whether.
 */
bool ipcchan_arena_fits(struct ipcchan_arena *arena, u64 len, kuid_t uid)
{
	u32 nr = min_t(u64, DIV_ROUND_UP_ULL(len, PAGE_SIZE), arena->nr);
	struct wait_queue_entry *entry;
	bool fits;

	spin_lock(&arena->room.lock);
	fits = bitmap_find_next_zero_area(arena->map, arena->nr, 0, nr, 0) < arena->nr;
	list_for_each_entry(entry, &arena->room.head, entry) {
		if (uid_eq(ipcchan_arena_waiter_of(entry)->place->tenant->uid, uid))
			fits = false;
	}
	spin_unlock(&arena->room.lock);
	return fits;
}
