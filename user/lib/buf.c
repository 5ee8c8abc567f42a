// SPDX-License-Identifier: MIT
/* The shared buffer of a channel. */
#include <sys/mman.h>

#include "internal.h"

/* Return: the address, NULL and a negative errno value in @err on failure */
static void *buf_mmap(int fd, size_t size, int prot, int *err)
{
	int saved = errno;
	void *addr = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	if (addr != MAP_FAILED)
		return addr;
	*err = -errno;
	errno = saved;
	return NULL;
}

/*
 * What came by broadcast can be written by nobody, and a mapping for writing does not show
 * it where blocks are revoked.  A second thread may be here too: the first wins.
 */
static int map_view(struct ipcchan *chan, const struct ipcchan_info *info)
{
	const void *old = NULL;
	int err = 0;
	void *new;

	if (!(info->options & IPCCHAN_OPT_REVOKE) || !(info->role & IPCCHAN_ROLE_SEND) ||
	    info->kind != IPCCHAN_KIND_BROADCAST)
		return 0;
	new = buf_mmap(chan->fd, (size_t)info->buf_size, PROT_READ, &err);
	if (!new)
		return err;
	if (!__atomic_compare_exchange_n(&chan->view, &old, new, 0, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		munmap(new, (size_t)info->buf_size);
	return 0;
}

int ipcchan_map(struct ipcchan *chan, void **addr, size_t *size)
{
	struct ipcchan_info info;
	void *new, *old;
	int ret, prot;

	old = __atomic_load_n(&chan->addr, __ATOMIC_ACQUIRE);
	if (old)
		goto out;
	ret = ipcchan_get_info(chan, &info);
	if (ret < 0)
		return ret;
	if (!info.buf_size)
		return -ENODEV;
	if (info.buf_size > SIZE_MAX)
		return -ENOMEM;
	__atomic_store_n(&chan->size, (size_t)info.buf_size, __ATOMIC_RELAXED);
	ret = map_view(chan, &info);
	if (ret)
		return ret;
	prot = PROT_READ;
	if (info.role & IPCCHAN_ROLE_SEND)
		prot |= PROT_WRITE;
	new = buf_mmap(chan->fd, (size_t)info.buf_size, prot, &ret);
	if (!new)
		return ret;

	/* a second thread may be here too: the first to publish its mapping wins */
	if (__atomic_compare_exchange_n(&chan->addr, &old, new, 0,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		old = new;
	else
		munmap(new, (size_t)info.buf_size);
out:
	*addr = old;
	*size = __atomic_load_n(&chan->size, __ATOMIC_RELAXED);
	return 0;
}
