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

/* What a page table entry of the second level maps; without them no page is huge. */
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#define IPCCHAN_BUF_ORDER	HPAGE_PMD_ORDER
#else
#define IPCCHAN_BUF_ORDER	0
#endif

static struct page *ipcchan_buf_alloc(const struct ipcchan_buf *buf, unsigned int order)
{
	gfp_t gfp = IPCCHAN_GFP_BUF | __GFP_ZERO;

	/* There are small ones instead, which need no memory to be moved about. */
	if (order)
		gfp = (gfp & ~__GFP_RETRY_MAYFAIL) | __GFP_COMP | __GFP_NORETRY;
	if (buf->flags & IPCCHAN_BUF_NODE)
		return alloc_pages_node(buf->node, gfp | __GFP_THISNODE, order);
	return alloc_pages(gfp, order);
}

/* The next page, huge if it is wanted, would fit, and can be had. */
static int ipcchan_buf_grow(struct ipcchan_buf *buf, size_t nr)
{
	size_t i, first = buf->size >> PAGE_SHIFT;
	unsigned int order = 0;
	struct page *page = NULL;

	if (buf->flags & IPCCHAN_BUF_HUGE && IS_ALIGNED(first, 1UL << IPCCHAN_BUF_ORDER) &&
	    nr - first >= 1UL << IPCCHAN_BUF_ORDER)
		order = IPCCHAN_BUF_ORDER;
	if (order)
		page = ipcchan_buf_alloc(buf, order);
	if (page) {
		buf->huge += PAGE_SIZE << order;
	} else {
		order = 0;
		page = ipcchan_buf_alloc(buf, order);
	}
	if (!page)
		return -ENOMEM;
	for (i = 0; i < 1UL << order; i++)
		buf->pages[first + i] = page + i;
	buf->size += PAGE_SIZE << order;
	return 0;
}

/**
 * ipcchan_buf_create() - allocate a zeroed buffer
 * @size: bytes, 1 to IPCCHAN_LIMIT_BUF_SIZE, rounded up to whole pages
 * @flags: IPCCHAN_BUF_*
 * @node: with IPCCHAN_BUF_NODE a node that the caller may use
 *
 * Its pages are charged to the caller's memory cgroup, where
 * IPCCHAN_FEAT_BUFFER_CHARGED says so.
 *
 * Context: process, may sleep.
 * Return: the buffer; ERR_PTR of -ENOMEM, or -EINTR when the caller is killed.
 */
struct ipcchan_buf *ipcchan_buf_create(u64 size, u32 flags, u32 node)
{
	size_t i, nr = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct ipcchan_buf *buf;
	int err = 0;

	buf = kvzalloc(struct_size(buf, pages, nr), IPCCHAN_GFP_LARGE);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	buf->flags = flags;
	buf->node = node;
	for (i = 0; i < ARRAY_SIZE(buf->bells); i++)
		init_waitqueue_head(&buf->bells[i]);
	while (!err && buf->size >> PAGE_SHIFT < nr) {
		err = fatal_signal_pending(current) ? -EINTR : ipcchan_buf_grow(buf, nr);
		cond_resched();
	}
	if (err) {
		ipcchan_buf_destroy(buf);
		return ERR_PTR(err);
	}
	return buf;
}

/**
 * ipcchan_buf_destroy() - free a buffer
 * @buf: not mapped and not slept on; may be NULL
 * Context: process, may sleep.
 */
void ipcchan_buf_destroy(struct ipcchan_buf *buf)
{
	size_t i, nr;

	if (!buf)
		return;
	for (i = 0; i < buf->size >> PAGE_SHIFT; i += nr) {
		nr = compound_nr(buf->pages[i]);
		put_page(buf->pages[i]);
	}
	kvfree(buf);
}

/**
 * ipcchan_buf_align() - where a mapping is best put
 * @buf: buffer
 * Context: any.
 * Return: bytes, which its address is best a multiple of.
 */
u32 ipcchan_buf_align(const struct ipcchan_buf *buf)
{
	return PAGE_SIZE << (buf->huge ? IPCCHAN_BUF_ORDER : 0);
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

/*
 * Of a huge page, too, it is the one that was touched: where the whole of it is within the
 * area and both are aligned alike, the core maps all of it, with this one reference, or
 * has asked for that before.
 */
static vm_fault_t ipcchan_buf_fault(struct vm_fault *vmf)
{
	struct ipcchan_buf *buf = vmf->vma->vm_private_data;

	if (vmf->pgoff >= buf->size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	vmf->page = buf->pages[vmf->pgoff];
	get_page(vmf->page);
	return 0;
}

#ifdef IPCCHAN_HAS_HUGE_FAULT
static vm_fault_t ipcchan_buf_huge_fault(struct vm_fault *vmf, unsigned int order)
{
	struct ipcchan_buf *buf = vmf->vma->vm_private_data;
	unsigned long first = ALIGN_DOWN(vmf->pgoff, 1UL << order);

	if (vmf->pgoff >= buf->size >> PAGE_SHIFT || order != IPCCHAN_BUF_ORDER ||
	    compound_nr(buf->pages[first]) != 1UL << order ||
	    !thp_vma_suitable_order(vmf->vma, vmf->address, order))
		return VM_FAULT_FALLBACK;
	return vmf_insert_folio_pmd(vmf, page_folio(buf->pages[first]),
				    vmf->flags & FAULT_FLAG_WRITE);
}
#endif

static const struct vm_operations_struct ipcchan_buf_vm_ops = {
	.fault = ipcchan_buf_fault,
#ifdef IPCCHAN_HAS_HUGE_FAULT
	.huge_fault = ipcchan_buf_huge_fault,
#endif
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
