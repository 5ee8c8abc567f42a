/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_REVOKE_H
#define _IPCCHAN_REVOKE_H

#include <linux/mm_types.h>
#include <linux/rwsem.h>
#include <linux/types.h>

struct ipcchan_arena;
struct ipcchan_ep;
struct ipcchan_place;
struct vm_area_struct;

/**
 * struct ipcchan_revoke - who may write which block: see IPCCHAN_OPT_REVOKE
 * @lock: taken for reading to map a page, for writing to change who may
 * @mapping: of the inode that the writable mappings are of, while there are any
 * @nr_maps: how many these are
 * @first: where they begin in @mapping, pages
 * @writers: by page, the endpoint that may write it, or NULL; compared, never followed
 *
 * Of an arena, with which it lives.
 */
struct ipcchan_revoke {
	struct rw_semaphore lock;
	struct address_space *mapping;
	unsigned int nr_maps;
	pgoff_t first;
	const struct ipcchan_ep *writers[];
};

int ipcchan_revoke_create(struct ipcchan_arena *arena);
void ipcchan_revoke_destroy(struct ipcchan_revoke *revoke);
void ipcchan_revoke_grant(const struct ipcchan_place *place, const struct ipcchan_ep *ep);
void ipcchan_revoke_block(const struct ipcchan_place *place);
int ipcchan_revoke_mmap(struct ipcchan_arena *arena, struct vm_area_struct *vma);

#endif /* _IPCCHAN_REVOKE_H */
