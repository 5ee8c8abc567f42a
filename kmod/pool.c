// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: a receiver's own pages, into which senders' bytes are copied, once.
 *
 * As in bus1, and in binder, a sender allocates in its receiver's memory, which only the
 * kernel can write.  A queue's receiver is not known when a message is made: so a message
 * in a pool is one as any other to receivers that the pool is not of.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "account.h"
#include "arena.h"
#include "buffer.h"
#include "endpoint.h"
#include "pool.h"
#include "queue_locked.h"

/* Return: an arena that pays for its buffer; ERR_PTR of -EDQUOT, -ENOMEM, -EINTR. */
static struct ipcchan_arena *ipcchan_pool_create(const struct ipcchan_pool *p)
{
	struct ipcchan_cost cost = { .of[IPCCHAN_ITEM_BUFS] = PAGE_ALIGN(p->size) };
	struct ipcchan_account *account;
	struct ipcchan_arena *arena;
	struct ipcchan_buf *buf;

	account = ipcchan_account_charge(&cost);
	if (IS_ERR(account))
		return ERR_CAST(account);
	buf = ipcchan_buf_create(p->size, 0, 0);
	if (IS_ERR(buf)) {
		arena = ERR_CAST(buf);
		goto uncharge;
	}
	arena = ipcchan_arena_create(buf, current_euid());
	if (IS_ERR(arena))
		goto destroy_buf;
	arena->account = account;
	arena->base = IPCCHAN_POOL_OFFSET;
	arena->full = p->full;
	arena->min_len = max(p->min_len, 1U);
	return arena;

destroy_buf:
	ipcchan_buf_destroy(buf);
uncharge:
	ipcchan_account_uncharge(account, &cost);
	return arena;
}

static int ipcchan_pool_join(struct ipcchan_ep *ep, struct ipcchan_arena *arena)
{
	struct ipcchan_queue *q = ep->recv;
	int err = -EBUSY;

	arena->q = q;
	mutex_lock(&ep->lock);
	spin_lock(&q->lock);
	if (!ep->pool && !q->pool) {
		WRITE_ONCE(q->pool, arena);
		err = 0;
	}
	spin_unlock(&q->lock);
	if (!err) {
		/* Pairs with the acquire in ipcchan_pool_mmap(). */
		smp_store_release(&ep->pool, arena);
	}
	mutex_unlock(&ep->lock);
	return err;
}

/**
 * ipcchan_pool() - IPCCHAN_IOC_POOL
 * @ep: attached
 * @arg: user pointer to struct ipcchan_pool
 * Context: process, may sleep.
 * Return: 0, or as struct ipcchan_pool says.
 */
int ipcchan_pool(struct ipcchan_ep *ep, const void __user *arg)
{
	struct ipcchan_arena *arena;
	struct ipcchan_pool p;
	int err;

	if (copy_from_user(&p, arg, sizeof(p)))
		return -EFAULT;
	if (p.reserved || p.full > IPCCHAN_POOL_FAIL || !p.size ||
	    p.size > IPCCHAN_LIMIT_BUF_SIZE)
		return -EINVAL;
	if (!(ep->role & IPCCHAN_ROLE_RECV))
		return -EBADF;
	if (ep->chan->kind != IPCCHAN_KIND_QUEUE)
		return -EOPNOTSUPP;
	/* Looked at again when there is a pool. */
	if (READ_ONCE(ep->pool) || READ_ONCE(ep->recv->pool))
		return -EBUSY;
	arena = ipcchan_pool_create(&p);
	if (IS_ERR(arena))
		return PTR_ERR(arena);
	err = ipcchan_pool_join(ep, arena);
	if (err)
		ipcchan_arena_put(arena);
	return err;
}

/**
 * ipcchan_pool_leave() - no message goes there any more
 * @ep: endpoint that is closed
 *
 * Those that are in it are for other receivers.
 *
 * Context: process, may sleep.
 */
void ipcchan_pool_leave(struct ipcchan_ep *ep)
{
	struct ipcchan_queue *q = ep->recv;

	if (!ep->pool)
		return;
	spin_lock(&q->lock);
	WRITE_ONCE(q->pool, NULL);
	spin_unlock(&q->lock);
	ipcchan_queue_notify(q, false, true);
	ipcchan_arena_close(ep->pool, true);
	ipcchan_arena_put(ep->pool);
}

/**
 * ipcchan_pool_mmap() - map (part of) an endpoint's pool
 * @ep: endpoint
 * @vma: from the mmap method, from IPCCHAN_POOL_OFFSET on or further
 * Context: mmap_lock held for writing.
 * Return: 0; -ENODEV (it has none), or as ipcchan_buf_mmap().
 */
int ipcchan_pool_mmap(struct ipcchan_ep *ep, struct vm_area_struct *vma)
{
	/* Pairs with the release in ipcchan_pool_join(). */
	struct ipcchan_arena *arena = smp_load_acquire(&ep->pool);

	if (vma->vm_pgoff >= 2 * IPCCHAN_POOL_OFFSET >> PAGE_SHIFT)
		return -EINVAL;
	if (!arena)
		return -ENODEV;
	/* From here on it is a page of the pool's. */
	vma->vm_pgoff -= IPCCHAN_POOL_OFFSET >> PAGE_SHIFT;
	return ipcchan_buf_mmap(arena->buf, vma, false);
}

/* Return: the pool of a queue, with a reference, or NULL. */
static struct ipcchan_arena *ipcchan_pool_get(struct ipcchan_queue *q)
{
	struct ipcchan_arena *arena;

	spin_lock(&q->lock);
	arena = q->pool;
	if (arena)
		refcount_inc(&arena->refs);
	spin_unlock(&q->lock);
	return arena;
}

/* Return: a slot with a block; or why not: -ESTALE where the pool does not matter. */
static struct ipcchan_msg *ipcchan_pool_place(struct ipcchan_ep *ep,
					      struct ipcchan_queue *q,
					      struct ipcchan_arena *arena,
					      size_t len, ktime_t until)
{
	struct ipcchan_msg *msg;
	int err;

	if (len < arena->min_len)
		return ERR_PTR(-ESTALE);
	msg = ipcchan_ep_take_slot(ep) ?: ipcchan_queue_slot(q, &ep->sender);
	if (!msg)
		return ERR_PTR(-ENOMEM);
	if (arena->full != IPCCHAN_POOL_BLOCK)
		until = IPCCHAN_NO_WAIT;
	err = ipcchan_arena_alloc(arena, len, current_euid(), until,
				  ipcchan_msg_place(msg));
	if (!err) {
		msg->flags = IPCCHAN_HAS_PLACE;
		trace_ipcchan_map(q, ipcchan_msg_place(msg));
		return msg;
	}
	ipcchan_ep_keep_slot(ep, msg);
	if (err == -ENOMEM || err == -ESTALE)
		return ERR_PTR(err);
	if (arena->full == IPCCHAN_POOL_FAIL)
		return ERR_PTR(-ENOBUFS);
	/* It will never have room for this one. */
	if (arena->full == IPCCHAN_POOL_COPY || err == -EMSGSIZE)
		return ERR_PTR(-ESTALE);
	return ERR_PTR(err);
}

/**
 * ipcchan_pool_slot() - memory for a message where there may be a pool
 * @ep: endpoint that will send it
 * @q: queue
 * @len: bytes
 * @until: how long to wait
 * Context: process, may sleep.
 * Return: the message, the caller's; ERR_PTR of -ENOMEM, -ENOBUFS, and where the pool is
 * full and its senders wait, -EAGAIN, -EDQUOT, -ETIMEDOUT, -ERESTARTSYS.
 */
noinline struct ipcchan_msg *ipcchan_pool_slot(struct ipcchan_ep *ep,
					       struct ipcchan_queue *q, size_t len,
					       ktime_t until)
{
	struct ipcchan_arena *arena = ipcchan_pool_get(q);
	struct ipcchan_msg *msg;

	if (arena) {
		msg = ipcchan_pool_place(ep, q, arena, len, until);
		ipcchan_arena_put(arena);
		if (msg != ERR_PTR(-ESTALE))
			return msg;
	}
	if (ipcchan_msg_is_slot(len))
		msg = ipcchan_ep_take_slot(ep) ?: ipcchan_queue_slot(q, &ep->sender);
	else
		msg = ipcchan_queue_large(q, len);
	return msg ?: ERR_PTR(-ENOMEM);
}

/**
 * ipcchan_pool_writable() - would a message of any allowed length get its place at once?
 * @q: queue
 * Context: process, after poll_wait() on the head for senders.
 * Return: whether; where senders do not wait for the pool, always.
 */
bool ipcchan_pool_writable(struct ipcchan_queue *q)
{
	struct ipcchan_arena *arena = ipcchan_pool_get(q);
	bool writable;

	if (!arena)
		return true;
	writable = arena->full != IPCCHAN_POOL_BLOCK ||
		   ipcchan_arena_fits(arena, READ_ONCE(q->max_len), current_euid());
	ipcchan_arena_put(arena);
	return writable;
}
