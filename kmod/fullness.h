/* SPDX-License-Identifier: GPL-2.0 */
/* Events that there is no room in a channel, and that it is empty again. */
#ifndef _IPCCHAN_FULLNESS_H
#define _IPCCHAN_FULLNESS_H

#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct ipcchan_chan;
struct sk_buff;

/**
 * struct ipcchan_fullness - what was told of it, and what is to be told
 * @lock: of all the rest
 * @level: how often it has become full, less how often empty again, so far as the tasks that
 *	have found it so have come to tell it: 0 or 1 when all of them have, while it is full above 0
 * @told: the last event that was told, or is being told, was that it is full
 * @telling: somebody tells it, or @work is to
 * @late: @work has been used
 * @next: the event that @level asks for, made while another is being told, or NULL
 * @work: tells @next
 */
struct ipcchan_fullness {
	spinlock_t lock;
	s32 level : 29;		/* there are 2^22 tasks at most */
	bool told : 1;
	bool telling : 1;
	bool late : 1;
	struct sk_buff *next;
	struct work_struct work;
};

void ipcchan_fullness_init(struct ipcchan_fullness *f);
void ipcchan_fullness_tell(struct ipcchan_chan *chan, bool full, u32 nr);
void ipcchan_fullness_settle(struct ipcchan_chan *chan);

#endif /* _IPCCHAN_FULLNESS_H */
