/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _IPCCHAN_TENANT_H
#define _IPCCHAN_TENANT_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct ipcchan_arena;

/**
 * struct ipcchan_tenant - what a user has in an arena
 * @node: in the arena's tenants
 * @uid: the user
 * @pages: in blocks taken, sent and not received yet, or received
 * @refs: blocks and waiters that point here
 * @walk: the last walk through the waiters in which there was none for this user
 * @err: why
 *
 * Protected by the arena's lock; freed with the last reference.  The rule is that of
 * struct ipcchan_share, and a single block takes at most half of the arena.
 */
struct ipcchan_tenant {
	struct list_head node;
	kuid_t uid;
	u32 pages;
	u32 refs;
	u64 walk;
	int err;
};

struct ipcchan_tenant *ipcchan_tenant_get(struct ipcchan_arena *arena, kuid_t uid);
void ipcchan_tenant_put_locked(struct ipcchan_arena *arena,
			       struct ipcchan_tenant *tenant);
bool ipcchan_tenant_allows_locked(const struct ipcchan_arena *arena,
				  const struct ipcchan_tenant *tenant, u32 nr, u32 new);

#endif /* _IPCCHAN_TENANT_H */
