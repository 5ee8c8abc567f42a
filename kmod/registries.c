// SPDX-License-Identifier: GPL-2.0
/* All registries: for who looks at the channels of every network namespace. */

#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "registries.h"
#include "registry.h"
#include "show.h"

/* Held while one of them is looked at: it stays. */
static DEFINE_MUTEX(ipcchan_registries_lock);
static DEFINE_XARRAY_ALLOC1(ipcchan_registries);
static u32 ipcchan_registries_last;

/**
 * ipcchan_registries_add() - a registry has come to be
 * @reg: of a network namespace
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_registries_add(struct ipcchan_registry *reg)
{
	int err;

	mutex_lock(&ipcchan_registries_lock);
	err = xa_alloc_cyclic(&ipcchan_registries, &reg->index, reg,
			      XA_LIMIT(1, IPCCHAN_REGISTRY_MAX), &ipcchan_registries_last,
			      GFP_KERNEL);
	mutex_unlock(&ipcchan_registries_lock);
	return min(err, 0);
}

/**
 * ipcchan_registries_del() - a registry goes
 * @reg: registry; nobody looks at it any more on return
 * Context: process, may sleep.
 */
void ipcchan_registries_del(struct ipcchan_registry *reg)
{
	mutex_lock(&ipcchan_registries_lock);
	xa_erase(&ipcchan_registries, reg->index);
	mutex_unlock(&ipcchan_registries_lock);
}

/**
 * ipcchan_registries_next() - find the next channel of all
 * @index: in and out, of its registry
 * @id: in and out, of the channel: this one, if there is one, or the next
 *
 * Each that is there throughout is found once by who goes on behind the last one.
 *
 * Context: process, may sleep.
 * Return: whether there is one.
 */
bool ipcchan_registries_next(u32 *index, u32 *id)
{
	struct ipcchan_registry *reg;
	unsigned long i, n = *id;
	bool found = false;

	mutex_lock(&ipcchan_registries_lock);
	xa_for_each_start(&ipcchan_registries, i, reg, *index) {
		if (i != *index)
			n = 0;
		found = xa_find(&reg->chans, &n, INT_MAX, XA_PRESENT);
		if (found)
			break;
		cond_resched();
	}
	mutex_unlock(&ipcchan_registries_lock);
	*index = i;
	*id = n;
	return found;
}

/**
 * ipcchan_registries_show() - show a channel, if it is there still
 * @m: seq_file
 * @index: of its registry
 * @id: of the channel
 * Context: process, may sleep.
 */
void ipcchan_registries_show(struct seq_file *m, u32 index, u32 id)
{
	struct ipcchan_registry *reg;
	struct ipcchan_chan *chan;

	mutex_lock(&ipcchan_registries_lock);
	reg = xa_load(&ipcchan_registries, index);
	if (reg) {
		mutex_lock(&reg->lock);
		chan = ipcchan_registry_find_locked(reg, NULL, id);
		if (chan)
			ipcchan_chan_show(m, chan);
		mutex_unlock(&reg->lock);
	}
	mutex_unlock(&ipcchan_registries_lock);
}
