/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_BATCH_H
#define _IPCCHAN_BATCH_H

#include "hdr.h"
#include "link.h"
#include "queue.h"

/**
 * struct ipcchan_batch - messages of one call, in order, before they are sent
 * @msgs: owned, in a list of the caller's own
 * @nr: how many
 * @bytes: of their payloads
 */
struct ipcchan_batch {
	struct list_head msgs;
	unsigned int nr;
	u64 bytes;
};

static inline void ipcchan_batch_init(struct ipcchan_batch *batch)
{
	INIT_LIST_HEAD(&batch->msgs);
	batch->nr = 0;
	batch->bytes = 0;
}

static inline void ipcchan_batch_add(struct ipcchan_batch *batch,
				     struct ipcchan_msg *msg)
{
	ipcchan_link(&msg->node, batch->msgs.prev);
	batch->nr++;
	batch->bytes += msg->len;
}

/* @msg is the first of them, and goes. */
static inline void ipcchan_batch_pop(struct ipcchan_batch *batch,
				     struct ipcchan_msg *msg)
{
	ipcchan_unlink(&msg->node);
	batch->nr--;
	batch->bytes -= msg->len;
}

/* @msg was the first of them, and is so again. */
static inline void ipcchan_batch_unpop(struct ipcchan_batch *batch,
				       struct ipcchan_msg *msg)
{
	ipcchan_link(&msg->node, &batch->msgs);
	batch->nr++;
	batch->bytes += msg->len;
}

struct ipcchan_slots ipcchan_queue_slots(struct ipcchan_queue *q,
					 unsigned int nr,
					 struct ipcchan_sender *sender);
int ipcchan_queue_send_batch(struct ipcchan_queue *q,
			     struct ipcchan_batch *batch);
unsigned int ipcchan_queue_recv_batch(struct ipcchan_queue *q,
				      struct ipcchan_match match,
				      const struct ipcchan_room *room,
				      unsigned int nr, struct list_head *msgs);
void ipcchan_queue_putback_batch(struct ipcchan_queue *q,
				 struct list_head *msgs);
void ipcchan_queue_recycle(struct ipcchan_queue *q, struct ipcchan_slots *used);

#endif /* _IPCCHAN_BATCH_H */
