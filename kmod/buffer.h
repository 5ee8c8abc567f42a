/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_BUFFER_H
#define _IPCCHAN_BUFFER_H

#include <linux/types.h>
#include <linux/wait.h>

#define IPCCHAN_BELL_BITS	6

struct page;
struct vm_area_struct;

/**
 * struct ipcchan_buf - shared buffer of a channel
 * @size: bytes, whole pages, constant
 * @huge: of these, bytes in huge pages, constant
 * @flags: IPCCHAN_BUF_*, constant
 * @node: NUMA node with IPCCHAN_BUF_NODE, constant
 * @bells: sleepers on its words, by a hash of the offset (doorbell.h): who rings for
 *	one word does not pass by all that sleep on others
 * @pages: zeroed at creation, @size >> PAGE_SHIFT of them; those of a huge page, which
 *	has a reference for all of them, in a row from a multiple of their number
 *
 * Owned by its channel, from creation to the channel's end.  A mapping holds
 * the file, so the endpoint, so the channel; each mapped page is referenced.
 */
struct ipcchan_buf {
	u64 size;
	u64 huge;
	u32 flags;
	u32 node;
	wait_queue_head_t bells[1 << IPCCHAN_BELL_BITS];
	struct page *pages[];
};

struct ipcchan_buf *ipcchan_buf_create(u64 size, u32 flags, u32 node);
void ipcchan_buf_destroy(struct ipcchan_buf *buf);
u32 ipcchan_buf_align(const struct ipcchan_buf *buf);
u32 *ipcchan_buf_word(struct ipcchan_buf *buf, u64 offset);
int ipcchan_buf_mmap(struct ipcchan_buf *buf, struct vm_area_struct *vma,
		     bool writable);

#endif /* _IPCCHAN_BUFFER_H */
