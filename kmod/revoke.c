// SPDX-License-Identifier: GPL-2.0
/*
 * Revocation: a block can be written by the endpoint that has it, and by nobody else.
 *
 * What it takes away are entries of page tables: so a page is mapped without a reference,
 * which nobody can pin then to write to it later (get_user_pages() refuses such mappings).
 * A mapping holds its file, so the channel, so the pages.
 */

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "arena.h"
#include "buffer.h"
#include "compat.h"
#include "ipcchan.h"
#include "revoke.h"

/*
 * All channels are mapped from one inode.  Each of these has a part of it for itself, which
 * is taken away from nobody else's mappings; the first two are for those that keep theirs.
 */
#define IPCCHAN_REVOKE_SHIFT	(ilog2(IPCCHAN_POOL_OFFSET) - PAGE_SHIFT)
#define IPCCHAN_REVOKE_FIRST	2
#define IPCCHAN_REVOKE_MAX	min_t(unsigned long, INT_MAX, ULONG_MAX >> IPCCHAN_REVOKE_SHIFT)

/* A fault maps so many pages of a block. */
#define IPCCHAN_REVOKE_AROUND	64

static DEFINE_IDA(ipcchan_revoke_parts);

/**
 * ipcchan_revoke_create() - nobody may write
 * @arena: that is made
 * Context: process, may sleep.
 * Return: 0; -ENOMEM; -ENOSPC (there are too many channels of this kind).
 */
int ipcchan_revoke_create(struct ipcchan_arena *arena)
{
	struct ipcchan_revoke *revoke;
	int part;

	revoke = kvzalloc(struct_size(revoke, writers, arena->nr), IPCCHAN_GFP_LARGE);
	if (!revoke)
		return -ENOMEM;
	part = ida_alloc_range(&ipcchan_revoke_parts, IPCCHAN_REVOKE_FIRST,
			       IPCCHAN_REVOKE_MAX, GFP_KERNEL);
	if (part < 0) {
		kvfree(revoke);
		return part;
	}
	init_rwsem(&revoke->lock);
	revoke->first = (pgoff_t)part << IPCCHAN_REVOKE_SHIFT;
	arena->revoke = revoke;
	return 0;
}

/**
 * ipcchan_revoke_destroy() - free it
 * @revoke: of an arena that is not mapped; may be NULL
 * Context: process, may sleep.
 */
void ipcchan_revoke_destroy(struct ipcchan_revoke *revoke)
{
	if (!revoke)
		return;
	ida_free(&ipcchan_revoke_parts, revoke->first >> IPCCHAN_REVOKE_SHIFT);
	kvfree(revoke);
}

static void ipcchan_revoke_set(const struct ipcchan_place *place,
			       const struct ipcchan_ep *ep)
{
	const struct ipcchan_ep **writers = place->arena->revoke->writers + place->page;
	u32 i;

	for (i = 0; i < place->nr; i++)
		writers[i] = ep;
}

/**
 * ipcchan_revoke_grant() - an endpoint may write a block, from now on
 * @place: the block, which nobody may write
 * @ep: endpoint
 * Context: process, may sleep.
 */
void ipcchan_revoke_grant(const struct ipcchan_place *place, const struct ipcchan_ep *ep)
{
	struct ipcchan_revoke *revoke = place->arena->revoke;

	if (!revoke)
		return;
	down_write(&revoke->lock);
	ipcchan_revoke_set(place, ep);
	up_write(&revoke->lock);
}

/**
 * ipcchan_revoke_block() - nobody may write a block any more
 * @place: the block, taken from whoever could write it
 *
 * Once this returns no store to it is under way.
 *
 * Context: process, may sleep.
 */
void ipcchan_revoke_block(const struct ipcchan_place *place)
{
	struct ipcchan_revoke *revoke = place->arena->revoke;
	struct address_space *mapping;

	if (!revoke)
		return;
	down_write(&revoke->lock);
	if (!revoke->writers[place->page]) {
		up_write(&revoke->lock);
		return;
	}
	ipcchan_revoke_set(place, NULL);
	mapping = revoke->mapping;
	/* No new entry from here on; under the lock, which keeps the inode. */
	downgrade_write(&revoke->lock);
	if (mapping)
		unmap_mapping_range(mapping,
				    (loff_t)(revoke->first + place->page) << PAGE_SHIFT,
				    (loff_t)place->nr << PAGE_SHIFT, 1);
	up_read(&revoke->lock);
}

static struct ipcchan_arena *ipcchan_revoke_arena(const struct vm_area_struct *vma)
{
	return vma->vm_private_data;
}

static vm_fault_t ipcchan_revoke_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct ipcchan_arena *arena = ipcchan_revoke_arena(vma);
	const struct ipcchan_ep *ep = vma->vm_file->private_data;
	struct ipcchan_revoke *revoke = arena->revoke;
	pgoff_t page = vmf->pgoff - revoke->first;
	unsigned long at = vmf->address & PAGE_MASK;
	unsigned long end = min(vma->vm_end, at + IPCCHAN_REVOKE_AROUND * PAGE_SIZE);
	vm_fault_t ret = VM_FAULT_SIGBUS, next;

	down_read(&revoke->lock);
	for (; at < end && page < arena->nr && revoke->writers[page] == ep;
	     at += PAGE_SIZE, page++) {
		next = vmf_insert_pfn(vma, at, page_to_pfn(arena->buf->pages[page]));
		/* What cannot be mapped around it will have its own fault. */
		if (ret == VM_FAULT_SIGBUS)
			ret = next;
		if (next != VM_FAULT_NOPAGE)
			break;
	}
	up_read(&revoke->lock);
	return ret;
}

static void ipcchan_revoke_open(struct vm_area_struct *vma)
{
	struct ipcchan_revoke *revoke = ipcchan_revoke_arena(vma)->revoke;

	down_write(&revoke->lock);
	revoke->nr_maps++;
	up_write(&revoke->lock);
}

static void ipcchan_revoke_close(struct vm_area_struct *vma)
{
	struct ipcchan_revoke *revoke = ipcchan_revoke_arena(vma)->revoke;

	down_write(&revoke->lock);
	if (!--revoke->nr_maps)
		revoke->mapping = NULL;
	up_write(&revoke->lock);
}

static const struct vm_operations_struct ipcchan_revoke_vm_ops = {
	.open = ipcchan_revoke_open,
	.close = ipcchan_revoke_close,
	.fault = ipcchan_revoke_fault,
};

/**
 * ipcchan_revoke_mmap() - map (part of) a buffer, as far as the endpoint has it
 * @arena: of the buffer, pinned by @vma's file
 * @vma: from the mmap method, shared; of an endpoint that may write
 * Context: mmap_lock held for writing.
 * Return: 0; -EINVAL (past the end, or private), -EXDEV (it is mapped by another node of
 * the device).
 */
int ipcchan_revoke_mmap(struct ipcchan_arena *arena, struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	struct ipcchan_revoke *revoke = arena->revoke;
	int err = 0;

	if (vma->vm_pgoff > arena->nr || vma_pages(vma) > arena->nr - vma->vm_pgoff ||
	    !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	down_write(&revoke->lock);
	if (revoke->nr_maps && revoke->mapping != mapping) {
		err = -EXDEV;
	} else {
		revoke->mapping = mapping;
		revoke->nr_maps++;
	}
	up_write(&revoke->lock);
	if (err)
		return err;
	vm_flags_mod(vma, VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP, 0);
	vma->vm_pgoff += revoke->first;
	vma->vm_private_data = arena;
	vma->vm_ops = &ipcchan_revoke_vm_ops;
	return 0;
}
