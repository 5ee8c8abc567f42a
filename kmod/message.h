/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_MESSAGE_H
#define _IPCCHAN_MESSAGE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uio.h>

/*
 * A small message lives whole in a recycled slot, which fills 256 bytes with the
 * pointer that the allocator adds behind it.
 */
#define IPCCHAN_SLOT_SIZE	(256 - sizeof(void *))
#define IPCCHAN_SLOT_DATA	(IPCCHAN_SLOT_SIZE - sizeof(struct ipcchan_msg))

/*
 * Free slots are kept at three levels: one an endpoint, for its next message;
 * a few a queue; and the depot, one for all, which gives and takes batches.
 */
#define IPCCHAN_SLOTS_MAX	96	/* of a queue */
#define IPCCHAN_SLOTS_BATCH	16
#define IPCCHAN_DEPOT_MAX	4096

/**
 * struct ipcchan_msg - one message
 * @node: in the queue that owns it
 * @next: in the free slots that own it
 * @len: bytes in @data
 * @data: payload
 *
 * Owned by exactly one of: the sender that built it, the queue, the receiver
 * that took it, an endpoint, a queue's free slots, the depot.
 */
struct ipcchan_msg {
	union {
		struct list_head node;
		struct ipcchan_msg *next;
	};
	size_t len;
	u8 data[];
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

#endif /* _IPCCHAN_MESSAGE_H */
