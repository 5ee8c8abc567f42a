// SPDX-License-Identifier: GPL-2.0
/* Shared buffers: pages and their mappings. */

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "buffer.h"
#include "compat.h"
#include "ipcchan.h"

/**
 * ipcchan_buf_create() - allocate a zeroed buffer
 * @size: bytes, 1 to IPCCHAN_LIMIT_BUF_SIZE, rounded up to whole pages
 *
 * Its pages are charged to the caller's memory cgroup, where
 * IPCCHAN_FEAT_BUFFER_CHARGED says so.
 *
 * Context: process, may sleep.
 * Return: the buffer; ERR_PTR of -ENOMEM, or -EINTR when the caller is killed.
 */
struct ipcchan_buf *ipcchan_buf_create(u64 size)
{
	size_t i, nr = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct ipcchan_buf *buf;
	int err = -ENOMEM;

	buf = kvzalloc(struct_size(buf, pages, nr), IPCCHAN_GFP_LARGE);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < ARRAY_SIZE(buf->bells); i++)
		init_waitqueue_head(&buf->bells[i]);
	for (i = 0; i < nr; i++) {
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			goto err_destroy;
		}
		buf->pages[i] = alloc_page(IPCCHAN_GFP_BUF | __GFP_ZERO);
		if (!buf->pages[i])
			goto err_destroy;
		buf->size += PAGE_SIZE;
		cond_resched();
	}
	return buf;

err_destroy:
	ipcchan_buf_destroy(buf);
	return ERR_PTR(err);
}

/**
 * ipcchan_buf_destroy() - free a buffer
 * @buf: not mapped and not slept on; may be NULL
 * Context: process, may sleep.
 */
void ipcchan_buf_destroy(struct ipcchan_buf *buf)
{
	size_t i;

	if (!buf)
		return;
	for (i = 0; i < buf->size >> PAGE_SHIFT; i++)
		put_page(buf->pages[i]);
	kvfree(buf);
}

/**
 * ipcchan_buf_word() - find a 32-bit word
 * @buf: buffer
 * @offset: bytes, from user space
 *
 * User space writes it at will: read it once.
 *
 * Context: any.
 * Return: its address, NULL when @offset is outside or not a multiple of 4.
 */
u32 *ipcchan_buf_word(struct ipcchan_buf *buf, u64 offset)
{
	if (offset >= buf->size || offset % sizeof(u32))
		return NULL;
	return page_address(buf->pages[offset >> PAGE_SHIFT]) +
	       offset_in_page(offset);
}

static vm_fault_t ipcchan_buf_fault(struct vm_fault *vmf)
{
	struct ipcchan_buf *buf = vmf->vma->vm_private_data;

	if (vmf->pgoff >= buf->size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	vmf->page = buf->pages[vmf->pgoff];
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct ipcchan_buf_vm_ops = {
	.fault = ipcchan_buf_fault,
};

/**
 * ipcchan_buf_mmap() - map (part of) a buffer
 * @buf: buffer, pinned by @vma's file
 * @vma: from the mmap method
 * @writable: the endpoint may write it
 *
 * Who may not write now never will: VM_MAYWRITE goes.  A private mapping
 * would show its own copy after the first write, so it is read-only too.
 *
 * Context: mmap_lock held for writing.
 * Return: 0; -EINVAL (past the end, or private and writable), -EACCES.
 */
int ipcchan_buf_mmap(struct ipcchan_buf *buf, struct vm_area_struct *vma,
		     bool writable)
{
	u64 nr = buf->size >> PAGE_SHIFT;

	if (vma->vm_pgoff > nr || vma_pages(vma) > nr - vma->vm_pgoff)
		return -EINVAL;
	if (!(vma->vm_flags & VM_SHARED)) {
		if (vma->vm_flags & VM_WRITE)
			return -EINVAL;
		writable = false;
	}
	if (!writable && (vma->vm_flags & VM_WRITE))
		return -EACCES;

	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP,
		     writable ? 0 : VM_MAYWRITE);
	vma->vm_private_data = buf;
	vma->vm_ops = &ipcchan_buf_vm_ops;
	return 0;
}
