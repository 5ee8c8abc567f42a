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
 * @lock: of all the rest but @filled
 * @filled: the last turn in which it was found full, odd; under the lock of the channel's
 *	queue, of a broadcast channel under that of its subscribers
 * @newest: the last turn of those that were come to be told: odd, it is full
 * @told: the last event that was told, or is being told, was that it is full
 * @telling: somebody tells it, or @work is to
 * @late: @work has been used
 * @next: the event of @newest, made while another is being told, or NULL
 * @work: tells @next
 */
struct ipcchan_fullness {
	spinlock_t lock;	/* newest to next */
	u32 filled;
	u32 newest;
	bool told;
	bool telling;
	bool late;
	struct sk_buff *next;
	struct work_struct work;
};

/**
 * ipcchan_fullness_filled() - a sender has found no room
 * @f: of its channel, which was not found full since it was empty
 * Context: the lock of @filled held.
 * Return: the turn of that, not 0.
 */
static inline u32 ipcchan_fullness_filled(struct ipcchan_fullness *f)
{
	return f->filled += 2;
}

/**
 * ipcchan_fullness_emptied() - what was found full is empty
 * @f: of its channel
 * Context: the lock of @filled held, or what keeps it from being found full.
 * Return: the turn of that; 0, which is not told, once in 2^31 turns.
 */
static inline u32 ipcchan_fullness_emptied(const struct ipcchan_fullness *f)
{
	return f->filled + 1;
}

void ipcchan_fullness_init(struct ipcchan_fullness *f);
void ipcchan_fullness_tell(struct ipcchan_chan *chan, u32 turn, u32 nr);
void ipcchan_fullness_settle(struct ipcchan_chan *chan);

#endif /* _IPCCHAN_FULLNESS_H */
