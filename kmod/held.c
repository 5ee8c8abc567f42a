// SPDX-License-Identifier: GPL-2.0
/* Blocks that an endpoint has, to build messages in or to read them from. */

#include <linux/err.h>
#include <linux/mm.h>

#include "arena.h"
#include "held.h"
#include "message.h"
#include "revoke.h"

/**
 * ipcchan_held_init() - no blocks
 * @held: out
 * Context: any.
 */
void ipcchan_held_init(struct ipcchan_held *held)
{
	spin_lock_init(&held->lock);
	held->root = RB_ROOT;
	held->nr = 0;
	held->pages = 0;
}

static struct ipcchan_msg *ipcchan_held_msg(struct rb_node *node)
{
	struct ipcchan_place *place = rb_entry(node, struct ipcchan_place, node);

	return container_of((u8 *)place, struct ipcchan_msg, data[0]);
}

/**
 * ipcchan_held_release() - an endpoint does not have a block any more
 * @msg: its message, the caller's
 * Context: process, may sleep.
 */
void ipcchan_held_release(struct ipcchan_msg *msg)
{
	/* Others may have it as well: it is not free, but not here any more. */
	if (msg->flags & IPCCHAN_HAS_BODY)
		ipcchan_arena_uncharge(ipcchan_msg_place(msg));
	else
		ipcchan_revoke_block(ipcchan_msg_place(msg));
}

/**
 * ipcchan_held_destroy() - give all back
 * @held: nobody uses it any more
 * Context: process, may sleep.
 */
void ipcchan_held_destroy(struct ipcchan_held *held)
{
	struct rb_node *node;

	while ((node = rb_first(&held->root))) {
		rb_erase(node, &held->root);
		ipcchan_held_release(ipcchan_held_msg(node));
		ipcchan_msg_free(ipcchan_held_msg(node));
		cond_resched();
	}
}

/**
 * ipcchan_place_offset() - where a block is
 * @place: the block
 * Context: any.
 * Return: offset in the endpoint's file, bytes.
 */
u64 ipcchan_place_offset(const struct ipcchan_place *place)
{
	return place->arena->base + ((u64)place->page << PAGE_SHIFT);
}

/**
 * ipcchan_held_offset() - where the block of a message is
 * @msg: message with a place
 * Context: any.
 * Return: offset in the endpoint's file, bytes.
 */
u64 ipcchan_held_offset(struct ipcchan_msg *msg)
{
	return ipcchan_place_offset(ipcchan_msg_place(msg));
}

/**
 * ipcchan_held_add() - the endpoint has a block from now on
 * @held: of the endpoint
 * @msg: its message, whose place no other one here has
 * Context: process.
 */
void ipcchan_held_add(struct ipcchan_held *held, struct ipcchan_msg *msg)
{
	struct ipcchan_place *place = ipcchan_msg_place(msg), *at;
	struct rb_node **link = &held->root.rb_node, *parent = NULL;
	u64 offset = ipcchan_place_offset(place);

	spin_lock(&held->lock);
	while (*link) {
		parent = *link;
		at = rb_entry(parent, struct ipcchan_place, node);
		link = offset < ipcchan_place_offset(at) ? &parent->rb_left :
							   &parent->rb_right;
	}
	rb_link_node(&place->node, parent, link);
	rb_insert_color(&place->node, &held->root);
	held->nr++;
	held->pages += place->nr;
	spin_unlock(&held->lock);
}

/**
 * ipcchan_held_take() - the endpoint has a block no more
 * @held: of the endpoint
 * @offset: of the block, from user space
 * Context: process.
 * Return: its message, the caller's; NULL when there is no such block.
 */
struct ipcchan_msg *ipcchan_held_take(struct ipcchan_held *held, u64 offset)
{
	struct ipcchan_place *place = NULL;
	struct rb_node *node;
	u64 at;

	spin_lock(&held->lock);
	for (node = held->root.rb_node; node; ) {
		place = rb_entry(node, struct ipcchan_place, node);
		at = ipcchan_place_offset(place);
		if (at == offset)
			break;
		node = offset < at ? node->rb_left : node->rb_right;
	}
	if (node) {
		rb_erase(node, &held->root);
		held->nr--;
		held->pages -= place->nr;
	}
	spin_unlock(&held->lock);
	return node ? ipcchan_held_msg(node) : NULL;
}

/**
 * ipcchan_held_next_locked() - a block that an endpoint has
 * @held: of the endpoint
 * @offset: from here on
 * Context: @held->lock held.
 * Return: the first one, or NULL.
 */
struct ipcchan_place *ipcchan_held_next_locked(struct ipcchan_held *held, u64 offset)
{
	struct ipcchan_place *place, *next = NULL;
	struct rb_node *node = held->root.rb_node;

	while (node) {
		place = rb_entry(node, struct ipcchan_place, node);
		if (ipcchan_place_offset(place) >= offset) {
			next = place;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return next;
}

/**
 * ipcchan_held_count() - how much an endpoint has
 * @held: of the endpoint
 * @bytes: out, of all its blocks
 * Context: process.
 * Return: how many blocks.
 */
u32 ipcchan_held_count(struct ipcchan_held *held, u64 *bytes)
{
	u32 nr;

	spin_lock(&held->lock);
	nr = held->nr;
	*bytes = (u64)held->pages << PAGE_SHIFT;
	spin_unlock(&held->lock);
	return nr;
}
