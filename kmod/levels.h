/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_LEVELS_H
#define _IPCCHAN_LEVELS_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/ipcchan.h>

struct ipcchan_msg;

/**
 * struct ipcchan_levels - where the levels of priority end in a queue's list
 * @mask: levels that have messages
 * @last: the last message of each of them
 *
 * The list is sorted, highest level first, and one level after the other in order of
 * arrival.  A queue gets this with its first message of a priority: until then all are
 * of level 0.
 */
struct ipcchan_levels {
	u32 mask;
	struct list_head *last[IPCCHAN_PRIO_MAX + 1];
};

struct list_head *ipcchan_levels_end(const struct ipcchan_levels *l,
				     struct list_head *msgs, unsigned int prio);
struct list_head *ipcchan_levels_begin(const struct ipcchan_levels *l,
				       struct list_head *msgs,
				       unsigned int prio);
void ipcchan_levels_link(struct ipcchan_levels *l, struct ipcchan_msg *msg);
void ipcchan_levels_unlink(struct ipcchan_levels *l, struct list_head *msgs,
			   struct ipcchan_msg *msg);

#endif /* _IPCCHAN_LEVELS_H */
