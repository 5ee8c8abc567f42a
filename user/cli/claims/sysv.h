/* SPDX-License-Identifier: GPL-2.0 */
/* Message queues and shared memory of System V, which whoever knows the key finds. */
#ifndef CLAIMS_SYSV_H
#define CLAIMS_SYSV_H

#include <sys/types.h>

#include "bench/transports/keeper.h"

/* Bytes of a message */
#define QUEUE_TEXT	64

/**
 * struct sysv - a queue or a segment
 * @keeper: who removes it, whatever becomes of this process
 * @key: by which others find it
 * @id: what they find
 */
struct sysv {
	struct keeper keeper;
	key_t key;
	int id;
};

/** queue_make() - a new one; 0, or a negative errno with which sysv_remove() is needed, too */
int queue_make(struct sysv *s);

/** segment_make() - likewise, shared memory of @size bytes */
int segment_make(struct sysv *s, size_t size);

/** sysv_remove() - and what is in it */
void sysv_remove(struct sysv *s);

/** queue_send() - a message of @size bytes, at most QUEUE_TEXT; 0 or a negative errno */
int queue_send(int id, long type, const void *text, size_t size);

/**
 * queue_recv() - the next message
 * @type: as of msgrcv(2)
 * @text: out, QUEUE_TEXT bytes
 * @flags: likewise
 *
 * Return: its bytes; negative errno.
 */
ssize_t queue_recv(int id, long type, void *text, int flags);

#endif /* CLAIMS_SYSV_H */
