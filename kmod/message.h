/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_MESSAGE_H
#define _IPCCHAN_MESSAGE_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct ipcchan_arena;
struct ipcchan_call_waiter;
struct ipcchan_fds;
struct ipcchan_ident;
struct ipcchan_share;
struct ipcchan_tenant;

/*
 * A small message lives whole in a recycled slot, which fills five cache lines with
 * the pointer that the allocator adds behind it.
 */
#define IPCCHAN_SLOT_SIZE	(5 * 64 - sizeof(void *))
#define IPCCHAN_SLOT_DATA	(IPCCHAN_SLOT_SIZE - sizeof(struct ipcchan_msg))

/*
 * Free slots are kept at three levels: one an endpoint, for its next message;
 * a few a queue; and the depot, one for all, which gives and takes batches.
 */
#define IPCCHAN_SLOTS_MAX	96	/* of a queue */
#define IPCCHAN_SLOTS_BATCH	16
#define IPCCHAN_DEPOT_MAX	4096

/*
 * A queue keeps the memory of one that fits no slot, up to a pipe's size, in bytes of
 * payload: what stays zeroes nothing, but nobody gets it back while the queue is in use.
 */
#define IPCCHAN_LARGE_KEPT	0x10000U

/* What a message has beside its payload: most have nothing, and all are looked at once. */
#define IPCCHAN_HAS_BODY	BIT(0)	/* @body has the payload */
#define IPCCHAN_HAS_FDS		BIT(1)	/* @fds */
#define IPCCHAN_HAS_CALL	BIT(2)	/* @call, until a server has taken it */
#define IPCCHAN_LOST_FDS	BIT(3)	/* it had descriptors */
#define IPCCHAN_HAS_PLACE	BIT(4)	/* the payload is in a block: ipcchan_msg_place() */

/**
 * struct ipcchan_msg - one message
 * @node: in the queue that owns it
 * @next: in the free slots that own it
 * @refs: of a body
 * @len: bytes of payload
 * @prio: 0 to IPCCHAN_PRIO_MAX
 * @flags: IPCCHAN_HAS_*, IPCCHAN_LOST_FDS; 0 in a free slot
 * @type: as the sender says
 * @lost: messages that a subscriber lost before this one
 * @cookie: as the sender says
 * @ident: who sent it, referenced, or NULL; of a free slot, who sent the last one
 * @other: who sent one before that was another's, referenced, or NULL
 * @body: with IPCCHAN_HAS_BODY the message that has the payload, referenced
 * @call: with IPCCHAN_HAS_CALL who waits for the reply, under the queue's lock
 * @id: of a request that a server has taken
 * @fds: with IPCCHAN_HAS_FDS the descriptors, owned
 * @share: what it is accounted to while it is queued, or NULL
 * @time_ns: when it was sent, or 0
 * @queued_ns: when it was queued or handed over, where that is recorded (times.h)
 * @data: payload
 *
 * Owned by exactly one of: the sender that built it, the queue, the receiver
 * that took it, an endpoint, a queue's free slots, the depot.  A body is never
 * queued; the messages that share it own it together.
 */
struct ipcchan_msg {
	union {
		struct list_head node;
		struct ipcchan_msg *next;
		refcount_t refs;
	};
	u32 len;
	u16 prio;
	u16 flags;
	u32 type;
	u32 lost;
	u64 cookie;
	struct ipcchan_ident *ident;
	struct ipcchan_ident *other;
	union {
		struct ipcchan_msg *body;
		struct ipcchan_call_waiter *call;
		u64 id;
	};
	struct ipcchan_fds *fds;
	struct ipcchan_share *share;
	u64 time_ns;
	u64 queued_ns;
	u8 data[];
};

/**
 * struct ipcchan_place - a block of an arena: where a payload is
 * @arena: whose block it is, referenced
 * @tenant: to whom it is charged, referenced; NULL where others have it, too
 * @was: to whom it was before, referenced, while it is being received; else NULL
 * @page: its first page
 * @nr: its pages
 * @node: in the blocks of the endpoint that holds it
 *
 * It stands where a slot has its payload otherwise.  A message that shares the payload of
 * another has a place only while an endpoint holds it.
 */
struct ipcchan_place {
	struct ipcchan_arena *arena;
	struct ipcchan_tenant *tenant;
	struct ipcchan_tenant *was;
	u32 page;
	u32 nr;
	struct rb_node node;
};

/**
 * struct ipcchan_slots - free slots, of a queue under its lock or of the depot
 * @first: that which was freed last
 * @nr: how many
 */
struct ipcchan_slots {
	struct ipcchan_msg *first;
	unsigned int nr;
};

int ipcchan_msg_init(void);
void ipcchan_msg_exit(void);
struct ipcchan_msg *ipcchan_msg_alloc(size_t len);
bool ipcchan_msg_reuse(struct ipcchan_msg *msg, size_t len);
void ipcchan_msg_share(struct ipcchan_msg *slot, struct ipcchan_msg *body);
void ipcchan_msg_unshare(struct ipcchan_msg *body);
u8 *ipcchan_msg_payload_special(struct ipcchan_msg *msg);
void ipcchan_msg_strip(struct ipcchan_msg *msg);
void ipcchan_msg_strip_fds(struct ipcchan_msg *msg);
void ipcchan_msg_free(struct ipcchan_msg *msg);
unsigned int ipcchan_slots_alloc(struct ipcchan_slots *slots);
void ipcchan_slots_free(struct ipcchan_slots *slots);

/**
 * ipcchan_msg_is_slot() - can this message be recycled?
 * @len: of its payload, bytes
 * Context: any.
 * Return: whether it lives in a slot.
 */
static inline bool ipcchan_msg_is_slot(size_t len)
{
	return len <= IPCCHAN_SLOT_DATA;
}

/**
 * ipcchan_msg_bearer() - which message has the payload
 * @msg: message
 * Context: any.
 * Return: @msg, or the one whose payload it shares.
 */
static inline struct ipcchan_msg *ipcchan_msg_bearer(struct ipcchan_msg *msg)
{
	return msg->flags & IPCCHAN_HAS_BODY ? msg->body : msg;
}

/**
 * ipcchan_msg_payload() - where the payload of a message is
 * @msg: message
 * Context: any.
 * Return: its bytes.
 */
static inline u8 *ipcchan_msg_payload(struct ipcchan_msg *msg)
{
	if (unlikely(msg->flags & (IPCCHAN_HAS_BODY | IPCCHAN_HAS_PLACE)))
		return ipcchan_msg_payload_special(msg);
	return msg->data;
}

/**
 * ipcchan_msg_place() - which block a message has
 * @msg: a slot with IPCCHAN_HAS_PLACE, or one that shares such a message's payload
 * Context: any.
 * Return: the block.
 */
static inline struct ipcchan_place *ipcchan_msg_place(struct ipcchan_msg *msg)
{
	static_assert(sizeof(struct ipcchan_place) <= IPCCHAN_SLOT_DATA);
	static_assert(offsetof(struct ipcchan_msg, data) % sizeof(void *) == 0);

	return (struct ipcchan_place *)msg->data;
}

static inline void ipcchan_slots_push(struct ipcchan_slots *slots,
				      struct ipcchan_msg *slot)
{
	slot->next = slots->first;
	slots->first = slot;
	slots->nr++;
}

static inline struct ipcchan_msg *ipcchan_slots_pop(struct ipcchan_slots *slots)
{
	struct ipcchan_msg *slot = slots->first;

	if (!slot)
		return NULL;
	slots->first = slot->next;
	slots->nr--;
	return slot;
}

/**
 * ipcchan_slots_move() - move slots in one piece
 * @to: gets them
 * @from: loses those that were freed last
 * @max: how many, at most
 * Context: both are private to the caller, or their locks are held.
 * Return: how many.
 */
static inline unsigned int ipcchan_slots_move(struct ipcchan_slots *to,
					      struct ipcchan_slots *from,
					      unsigned int max)
{
	unsigned int nr = min(from->nr, max), i;
	struct ipcchan_msg *last = from->first, *rest;

	if (!nr)
		return 0;
	if (!to->first && nr == from->nr) {
		swap(*to, *from);
		return nr;
	}
	for (i = 1; i < nr; i++)
		last = last->next;
	rest = last->next;
	last->next = to->first;
	to->first = from->first;
	from->first = rest;
	to->nr += nr;
	from->nr -= nr;
	return nr;
}

#endif /* _IPCCHAN_MESSAGE_H */
