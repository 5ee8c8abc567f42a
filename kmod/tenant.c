// SPDX-License-Identifier: GPL-2.0
/* Tenants: one user does not take all the blocks that others need. */

#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "arena.h"
#include "tenant.h"

static struct ipcchan_tenant *ipcchan_tenant_find_locked(struct ipcchan_arena *arena,
							 kuid_t uid)
{
	struct ipcchan_tenant *tenant;

	lockdep_assert_held(&arena->room.lock);
	list_for_each_entry(tenant, &arena->tenants, node) {
		if (uid_eq(tenant->uid, uid))
			return tenant;
	}
	return NULL;
}

/**
 * ipcchan_tenant_get() - find what a user has
 * @arena: arena
 * @uid: the user
 * Context: process, may sleep.
 * Return: with a reference; NULL without memory.
 */
struct ipcchan_tenant *ipcchan_tenant_get(struct ipcchan_arena *arena, kuid_t uid)
{
	struct ipcchan_tenant *tenant, *new;

	/* Lives with the arena. */
	if (likely(uid_eq(uid, READ_ONCE(arena->owner.uid))))
		return &arena->owner;
	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	new->uid = uid;
	spin_lock(&arena->room.lock);
	tenant = ipcchan_tenant_find_locked(arena, uid);
	if (!tenant) {
		tenant = new;
		new = NULL;
		list_add(&tenant->node, &arena->tenants);
	}
	tenant->refs++;
	spin_unlock(&arena->room.lock);
	kfree(new);
	return tenant;
}

/**
 * ipcchan_tenant_put_locked() - drop a reference
 * @arena: arena
 * @tenant: freed with the last one
 * Context: the arena's lock is held.
 */
void ipcchan_tenant_put_locked(struct ipcchan_arena *arena,
			       struct ipcchan_tenant *tenant)
{
	if (tenant == &arena->owner || --tenant->refs)
		return;
	list_del(&tenant->node);
	kfree(tenant);
}

/**
 * ipcchan_tenant_allows_locked() - may a user have so many pages more?
 * @arena: arena
 * @tenant: of the user
 * @nr: pages
 * @new: so many of them are not given out yet
 *
 * Blocks of which several have a copy count for each of them, and may be more than there
 * are.
 *
 * Context: the arena's lock is held.
 * Return: whether enough is left for others.
 */
bool ipcchan_tenant_allows_locked(const struct ipcchan_arena *arena,
				  const struct ipcchan_tenant *tenant, u32 nr, u32 new)
{
	u32 left;

	if (tenant == &arena->owner || !tenant->pages)
		return true;
	/* What others do not have: neither this user's, nor what is about to be. */
	left = min(arena->nr, arena->nr - arena->used + tenant->pages + nr - new);
	return tenant->pages + nr <= left / 2;
}
