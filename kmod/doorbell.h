/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_DOORBELL_H
#define _IPCCHAN_DOORBELL_H

#include <linux/hash.h>
#include <linux/types.h>

#include "buffer.h"

struct seq_file;

/**
 * struct ipcchan_bell_key - what a waker passes to each wake function on a bell
 * @offset: of the word that is rung, bytes
 * @woken: sleepers woken so far
 */
struct ipcchan_bell_key {
	u64 offset;
	u32 woken;
};

/**
 * ipcchan_doorbell_of() - the bell of a word, which other words may share
 * @buf: buffer
 * @offset: of the word, bytes, inside of @buf
 * Context: any.
 * Return: where its sleepers are.
 */
static inline wait_queue_head_t *ipcchan_doorbell_of(struct ipcchan_buf *buf, u64 offset)
{
	return &buf->bells[hash_32((u32)(offset / sizeof(u32)), IPCCHAN_BELL_BITS)];
}

void ipcchan_doorbell_show(struct seq_file *m, struct ipcchan_buf *buf);
int ipcchan_doorbell_wait(struct ipcchan_buf *buf, u64 offset, u32 expected,
			  s64 timeout_ns);
int ipcchan_doorbell_wake(struct ipcchan_buf *buf, u64 offset, u32 count);

#endif /* _IPCCHAN_DOORBELL_H */
