/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_HELD_H
#define _IPCCHAN_HELD_H

#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct ipcchan_ep;
struct ipcchan_msg;
struct ipcchan_place;

/**
 * struct ipcchan_held - the blocks that an endpoint has
 * @lock: protects the others
 * @root: messages with a place, by offset
 * @nr: how many
 * @pages: of their blocks
 *
 * Each is the message that it was received in or will be sent in: taken out of here it is
 * owned by who takes it, as a message that was taken out of a queue.
 */
struct ipcchan_held {
	spinlock_t lock;	/* root, nr, pages */
	struct rb_root root;
	u32 nr;
	u64 pages;
};

void ipcchan_held_init(struct ipcchan_held *held);
void ipcchan_held_destroy(struct ipcchan_held *held);
void ipcchan_held_add(struct ipcchan_held *held, struct ipcchan_msg *msg);
u32 ipcchan_held_count(struct ipcchan_held *held, u64 *bytes);
struct ipcchan_msg *ipcchan_held_take(struct ipcchan_held *held, u64 offset);
struct ipcchan_place *ipcchan_held_next_locked(struct ipcchan_held *held, u64 offset);
void ipcchan_held_release(struct ipcchan_msg *msg);
u64 ipcchan_place_offset(const struct ipcchan_place *place);
u64 ipcchan_held_offset(struct ipcchan_msg *msg);

#endif /* _IPCCHAN_HELD_H */
