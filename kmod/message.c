// SPDX-License-Identifier: GPL-2.0
/* Messages: memory and the copy from user space. */

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "message.h"

/* A message with at most so many bytes lives whole in a slot of the cache. */
#define IPCCHAN_SLOT_SIZE	256
#define IPCCHAN_SLOT_DATA	(IPCCHAN_SLOT_SIZE - sizeof(struct ipcchan_msg))

static struct kmem_cache *ipcchan_msg_cache;

/**
 * ipcchan_msg_init() - create the slot cache
 * Context: process, at module load.
 * Return: 0 or -ENOMEM.
 */
int ipcchan_msg_init(void)
{
	ipcchan_msg_cache =
		kmem_cache_create_usercopy("ipcchan_msg", IPCCHAN_SLOT_SIZE, 0,
					   SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT,
					   offsetof(struct ipcchan_msg, data),
					   IPCCHAN_SLOT_DATA, NULL);
	return ipcchan_msg_cache ? 0 : -ENOMEM;
}

/**
 * ipcchan_msg_exit() - destroy the slot cache
 * Context: process, when no message is left.
 */
void ipcchan_msg_exit(void)
{
	kmem_cache_destroy(ipcchan_msg_cache);
}

static struct ipcchan_msg *ipcchan_msg_alloc(size_t len)
{
	struct ipcchan_msg *msg;

	if (likely(len <= IPCCHAN_SLOT_DATA))
		msg = kmem_cache_alloc(ipcchan_msg_cache, GFP_KERNEL);
	else
		msg = kvmalloc(struct_size(msg, data, len), GFP_KERNEL_ACCOUNT);
	if (likely(msg))
		msg->len = len;
	return msg;
}

/**
 * ipcchan_msg_from_iter() - build a message out of user memory
 * @from: all that it holds becomes the payload; unchanged on error
 *
 * Memory is charged to the caller's memory cgroup.
 *
 * Context: process, may sleep.
 * Return: the message, owned by the caller; ERR_PTR of -ENOMEM or -EFAULT.
 */
struct ipcchan_msg *ipcchan_msg_from_iter(struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct ipcchan_msg *msg = ipcchan_msg_alloc(len);

	if (unlikely(!msg))
		return ERR_PTR(-ENOMEM);
	if (unlikely(!copy_from_iter_full(msg->data, len, from))) {
		ipcchan_msg_free(msg);
		return ERR_PTR(-EFAULT);
	}
	return msg;
}

/**
 * ipcchan_msg_free() - free a message
 * @msg: owned by the caller
 * Context: process, may sleep.
 */
void ipcchan_msg_free(struct ipcchan_msg *msg)
{
	if (likely(msg->len <= IPCCHAN_SLOT_DATA))
		kmem_cache_free(ipcchan_msg_cache, msg);
	else
		kvfree(msg);
}
