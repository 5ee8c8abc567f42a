/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linking messages and waiters, under their queue's lock.  As list_add() and
 * list_del(), but for the checks of CONFIG_DEBUG_LIST, which stock kernels call
 * for each of them, and the poison.
 */
#ifndef _IPCCHAN_LINK_H
#define _IPCCHAN_LINK_H

#include <linux/list.h>

/**
 * ipcchan_link() - put into a list
 * @node: in none
 * @after: the one before it, or the list's head
 * Context: the queue's lock is held.
 */
static inline void ipcchan_link(struct list_head *node, struct list_head *after)
{
	struct list_head *next = after->next;

	node->next = next;
	node->prev = after;
	next->prev = node;
	after->next = node;
}

/**
 * ipcchan_unlink() - take off a list
 * @node: in a list; what it points to means nothing afterwards
 * Context: the queue's lock is held.
 */
static inline void ipcchan_unlink(struct list_head *node)
{
	__list_del(node->prev, node->next);
}

#endif /* _IPCCHAN_LINK_H */
