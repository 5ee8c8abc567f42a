// SPDX-License-Identifier: GPL-2.0
/* Levels of priority in a queue's list of messages. */

#include <linux/bitops.h>

#include "levels.h"
#include "message.h"

static struct ipcchan_msg *ipcchan_levels_entry(struct list_head *node)
{
	return list_entry(node, struct ipcchan_msg, node);
}

/**
 * ipcchan_levels_end() - where the next message of a level goes
 * @l: levels
 * @msgs: the queue's list
 * @prio: level
 * Context: the queue's lock is held.
 * Return: what it comes after.
 */
struct list_head *ipcchan_levels_end(const struct ipcchan_levels *l,
				     struct list_head *msgs, unsigned int prio)
{
	u32 from = l->mask & GENMASK(IPCCHAN_PRIO_MAX, prio);

	return from ? l->last[__ffs(from)] : msgs;
}

/**
 * ipcchan_levels_begin() - where a level begins
 * @l: levels
 * @msgs: the queue's list
 * @prio: level
 * Context: the queue's lock is held.
 * Return: what its first message comes after.
 */
struct list_head *ipcchan_levels_begin(const struct ipcchan_levels *l,
				       struct list_head *msgs,
				       unsigned int prio)
{
	return prio < IPCCHAN_PRIO_MAX ? ipcchan_levels_end(l, msgs, prio + 1) :
					 msgs;
}

/**
 * ipcchan_levels_link() - a message has been added to the list
 * @l: levels
 * @msg: message
 * Context: the queue's lock is held.
 */
void ipcchan_levels_link(struct ipcchan_levels *l, struct ipcchan_msg *msg)
{
	u32 bit = BIT(msg->prio);

	/* It may have been put at the beginning of its level. */
	if (!(l->mask & bit) || l->last[msg->prio] == msg->node.prev)
		l->last[msg->prio] = &msg->node;
	l->mask |= bit;
}

/**
 * ipcchan_levels_unlink() - a message will be removed from the list
 * @l: levels
 * @msgs: the queue's list
 * @msg: message
 * Context: the queue's lock is held.
 */
void ipcchan_levels_unlink(struct ipcchan_levels *l, struct list_head *msgs,
			   struct ipcchan_msg *msg)
{
	struct list_head *prev = msg->node.prev;

	if (l->last[msg->prio] != &msg->node)
		return;
	if (prev != msgs && ipcchan_levels_entry(prev)->prio == msg->prio)
		l->last[msg->prio] = prev;
	else
		l->mask &= ~BIT(msg->prio);
}
