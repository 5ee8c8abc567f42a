// SPDX-License-Identifier: GPL-2.0
/* Memory of messages. */

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "arena.h"
#include "fds.h"
#include "ident.h"
#include "ipcchan.h"
#include "message.h"

static struct kmem_cache *ipcchan_msg_cache;

static DEFINE_SPINLOCK(ipcchan_depot_lock);
static struct ipcchan_slots ipcchan_depot;

/* A cache that has a constructor is not zeroed at each allocation. */
static void ipcchan_msg_construct(void *slot)
{
	memset(slot, 0, sizeof(struct ipcchan_msg));
}

/**
 * ipcchan_msg_init() - create the slot cache
 * Context: process, at module load.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_msg_init(void)
{
	ipcchan_msg_cache =
		kmem_cache_create_usercopy("ipcchan_msg", IPCCHAN_SLOT_SIZE, 0,
					   SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT,
					   offsetof(struct ipcchan_msg, data),
					   IPCCHAN_SLOT_DATA,
					   ipcchan_msg_construct);
	return ipcchan_msg_cache ? 0 : -ENOMEM;
}

/* What a message that fits no slot has: what an allocator would make of it anyway. */
static size_t ipcchan_msg_room(size_t len)
{
	size_t size = offsetof(struct ipcchan_msg, data) + len;

	return size < PAGE_SIZE ? roundup_pow_of_two(size) : PAGE_ALIGN(size);
}

/*
 * Kernels mostly zero what they give out.  Of pages in a row that is up to twice what a
 * message has, which for a large one costs more than mapping just its pages.
 */
static struct ipcchan_msg *ipcchan_msg_alloc_large(size_t len)
{
	size_t size = ipcchan_msg_room(len);
	struct ipcchan_msg *msg = NULL;

	if (size <= PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER)
		msg = kmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN);
	if (!msg)
		msg = __vmalloc(size, IPCCHAN_GFP_LARGE);
	if (msg)
		ipcchan_msg_construct(msg);
	return msg;
}

/**
 * ipcchan_msg_alloc() - memory for one message
 * @len: bytes of payload, which the caller fills
 *
 * Charged to the caller's memory cgroup.
 *
 * Context: process, may sleep.
 * Return: the message, owned by the caller; NULL.
 */
struct ipcchan_msg *ipcchan_msg_alloc(size_t len)
{
	struct ipcchan_msg *msg;

	if (ipcchan_msg_is_slot(len))
		msg = kmem_cache_alloc(ipcchan_msg_cache, IPCCHAN_GFP_LARGE);
	else
		msg = ipcchan_msg_alloc_large(len);
	if (msg)
		msg->len = len;
	return msg;
}

/**
 * ipcchan_msg_reuse() - make another message of one that is done with
 * @msg: owned by the caller, fits no slot and has nothing beside its payload
 * @len: bytes of payload, which the caller fills; no slot either
 * Context: any.
 * Return: false, and it is as before, where it has more memory than that takes, or less.
 */
bool ipcchan_msg_reuse(struct ipcchan_msg *msg, size_t len)
{
	if (ipcchan_msg_room(msg->len) != ipcchan_msg_room(len))
		return false;
	msg->len = len;
	return true;
}

/**
 * ipcchan_msg_share() - make a free slot one more message of the same content
 * @slot: owned by the caller
 * @body: a message that was never queued, with its payload and its descriptors
 * Context: process.
 */
void ipcchan_msg_share(struct ipcchan_msg *slot, struct ipcchan_msg *body)
{
	if (slot->ident != body->ident) {
		refcount_inc(&body->ident->refs);
		ipcchan_ident_put(slot->ident, 1);
		slot->ident = body->ident;
	}
	refcount_inc(&body->refs);
	slot->body = body;
	slot->len = body->len;
	slot->prio = body->prio;
	slot->flags = IPCCHAN_HAS_BODY;
	if (body->flags & IPCCHAN_HAS_FDS) {
		slot->flags |= IPCCHAN_HAS_FDS;
		slot->fds = ipcchan_fds_get(body->fds);
	}
	slot->type = body->type;
	slot->lost = 0;
	slot->cookie = body->cookie;
	slot->time_ns = body->time_ns;
}

/**
 * ipcchan_msg_unshare() - drop a reference to a body
 * @body: freed with the last one
 * Context: process, may sleep.
 */
void ipcchan_msg_unshare(struct ipcchan_msg *body)
{
	if (refcount_dec_and_test(&body->refs))
		ipcchan_msg_free(body);
}

/**
 * ipcchan_msg_payload_special() - ipcchan_msg_payload(), where it is not in the message
 * @msg: message
 * Context: any.
 * Return: its bytes.
 */
u8 *ipcchan_msg_payload_special(struct ipcchan_msg *msg)
{
	const struct ipcchan_place *place;

	msg = ipcchan_msg_bearer(msg);
	if (!(msg->flags & IPCCHAN_HAS_PLACE))
		return msg->data;
	place = ipcchan_msg_place(msg);
	return place->arena->addr + ((size_t)place->page << PAGE_SHIFT);
}

/**
 * ipcchan_msg_strip_fds() - close the descriptors that a message carries
 * @msg: message that nobody else uses now
 * Context: process, may sleep.
 */
void ipcchan_msg_strip_fds(struct ipcchan_msg *msg)
{
	if (!(msg->flags & IPCCHAN_HAS_FDS))
		return;
	msg->flags &= ~IPCCHAN_HAS_FDS;
	ipcchan_fds_put(msg->fds);
}

/**
 * ipcchan_msg_strip() - give back what a message has beside its payload
 * @msg: owned by the caller, in no queue
 *
 * One whose payload is elsewhere is an empty slot afterwards.
 *
 * Context: process, may sleep.
 */
void ipcchan_msg_strip(struct ipcchan_msg *msg)
{
	u16 flags;

	ipcchan_msg_strip_fds(msg);
	flags = msg->flags;
	msg->flags = 0;
	if (flags & IPCCHAN_HAS_BODY) {
		msg->len = 0;
		ipcchan_msg_unshare(msg->body);
	}
	if (flags & IPCCHAN_HAS_PLACE) {
		msg->len = 0;
		ipcchan_arena_free(ipcchan_msg_place(msg));
	}
}

/**
 * ipcchan_msg_free() - free a message
 * @msg: owned by the caller, may be NULL
 * Context: process, may sleep.
 */
void ipcchan_msg_free(struct ipcchan_msg *msg)
{
	if (!msg)
		return;
	if (msg->flags)
		ipcchan_msg_strip(msg);
	ipcchan_ident_put(msg->ident, 1);
	ipcchan_ident_put(msg->other, 1);
	msg->ident = NULL;
	msg->other = NULL;
	if (ipcchan_msg_is_slot(msg->len))
		kmem_cache_free(ipcchan_msg_cache, msg);
	else
		kvfree(msg);
}

static void ipcchan_slots_release(struct ipcchan_slots *slots)
{
	void *batch[IPCCHAN_SLOTS_BATCH];
	unsigned int nr;

	while (slots->nr) {
		for (nr = 0; nr < ARRAY_SIZE(batch) && slots->nr; nr++)
			batch[nr] = ipcchan_slots_pop(slots);
		kmem_cache_free_bulk(ipcchan_msg_cache, nr, batch);
	}
}

/**
 * ipcchan_slots_alloc() - take a batch of slots
 * @slots: private to the caller
 *
 * Those that do not come out of the depot are charged to the caller's memory
 * cgroup; those that do stay charged to whom they were first.
 *
 * Context: process, may sleep.
 * Return: number of slots added, 0 when there was no memory for so many.
 */
unsigned int ipcchan_slots_alloc(struct ipcchan_slots *slots)
{
	void *batch[IPCCHAN_SLOTS_BATCH];
	unsigned int i, nr;

	spin_lock(&ipcchan_depot_lock);
	nr = ipcchan_slots_move(slots, &ipcchan_depot, IPCCHAN_SLOTS_BATCH);
	spin_unlock(&ipcchan_depot_lock);
	if (nr)
		return nr;

	/* All or nothing; what it returns is a number or, in newer kernels, a bool. */
	if (!kmem_cache_alloc_bulk(ipcchan_msg_cache, IPCCHAN_GFP_LARGE,
				   ARRAY_SIZE(batch), batch))
		return 0;
	for (i = 0; i < ARRAY_SIZE(batch); i++)
		ipcchan_slots_push(slots, batch[i]);
	return ARRAY_SIZE(batch);
}

/* Slots without a queue remember nobody.  Mostly they had all the same sender. */
static void ipcchan_slots_forget(struct ipcchan_slots *slots)
{
	struct ipcchan_ident *ident = NULL;
	struct ipcchan_msg *slot;
	unsigned int refs = 0;

	for (slot = slots->first; slot; slot = slot->next) {
		if (slot->ident != ident) {
			if (refs)
				ipcchan_ident_put(ident, refs);
			ident = slot->ident;
			refs = 0;
		}
		slot->ident = NULL;
		refs++;
		if (unlikely(slot->other)) {
			ipcchan_ident_put(slot->other, 1);
			slot->other = NULL;
		}
	}
	if (refs)
		ipcchan_ident_put(ident, refs);
}

/**
 * ipcchan_slots_free() - give all slots back
 * @slots: private to the caller, empty afterwards
 * Context: process.
 */
void ipcchan_slots_free(struct ipcchan_slots *slots)
{
	ipcchan_slots_forget(slots);
	spin_lock(&ipcchan_depot_lock);
	ipcchan_slots_move(&ipcchan_depot, slots,
			   IPCCHAN_DEPOT_MAX - ipcchan_depot.nr);
	spin_unlock(&ipcchan_depot_lock);
	ipcchan_slots_release(slots);
}

/**
 * ipcchan_msg_exit() - free the depot and the slot cache
 * Context: process, when no message is left.
 */
void ipcchan_msg_exit(void)
{
	ipcchan_slots_release(&ipcchan_depot);
	kmem_cache_destroy(ipcchan_msg_cache);
}
