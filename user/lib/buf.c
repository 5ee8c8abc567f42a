// SPDX-License-Identifier: MIT
/* The shared buffer of a channel. */
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

/*
 * Map at a multiple of @align, which is more than the kernel promises by itself: within what
 * a reservation was long enough for, which is given back before.  Were it mapped over, a
 * failure would leave a hole in it, where another thread may have mapped something before
 * the rest is given back.  One that has been faster here, too, leaves another place to try.
 */
static void *map_aligned(int fd, size_t size, int prot, int flags, size_t align)
{
	size_t room = size + align;
	char *base, *addr;

	if (room < size) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	do {
		base = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			    -1, 0);
		if (base == MAP_FAILED || munmap(base, room))
			return MAP_FAILED;
		base += -(uintptr_t)base & (align - 1);
		addr = mmap(base, size, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);
	} while (addr == MAP_FAILED && errno == EEXIST);
	return addr;
}

/* Return: the address, NULL and a negative errno value in @err on failure */
static void *buf_mmap(const struct ipcchan *chan, size_t size, int prot, size_t align,
		      int *err)
{
	int flags = MAP_SHARED | (chan->populate ? MAP_POPULATE : 0);
	int saved = errno;
	void *addr;

	if (align > (size_t)sysconf(_SC_PAGESIZE))
		addr = map_aligned(chan->fd, size, prot, flags, align);
	else
		addr = mmap(NULL, size, prot, flags, chan->fd, 0);
	if (addr == MAP_FAILED) {
		*err = -errno;
		addr = NULL;
	}
	errno = saved;
	return addr;
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
	new = buf_mmap(chan, (size_t)info->buf_size, PROT_READ, info->buf_align, &err);
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
	new = buf_mmap(chan, (size_t)info.buf_size, prot, info.buf_align, &ret);
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
