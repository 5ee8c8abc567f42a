// SPDX-License-Identifier: MIT
/* Blocks: loans of the channel's buffer, and pools. */
#include <sys/mman.h>

#include "internal.h"

/* Blocks of one system call. */
#define CHUNK	64U

_Static_assert(sizeof(off_t) == 8, "a pool lies beyond 4 GiB in its file");

/* Return: 0 and the offset that the kernel knows @block by, or -EINVAL */
static int offset_of(const struct ipcchan *chan, const void *block, uint64_t *offset)
{
	const char *buf = __atomic_load_n(&chan->addr, __ATOMIC_ACQUIRE);
	const char *pool = __atomic_load_n(&chan->pool, __ATOMIC_ACQUIRE);
	const char *view = buf ? chan->view : NULL;
	uintptr_t at = (uintptr_t)block;

	if (buf && at - (uintptr_t)buf < chan->size) {
		*offset = at - (uintptr_t)buf;
		return 0;
	}
	if (view && at - (uintptr_t)view < chan->size) {
		*offset = at - (uintptr_t)view;
		return 0;
	}
	if (pool && at - (uintptr_t)pool < chan->pool_size) {
		*offset = IPCCHAN_POOL_OFFSET + (at - (uintptr_t)pool);
		return 0;
	}
	return -EINVAL;
}

static char *address_of(const struct ipcchan *chan, uint64_t offset)
{
	if (offset >= IPCCHAN_POOL_OFFSET)
		return (char *)chan->pool + (size_t)(offset - IPCCHAN_POOL_OFFSET);
	return (char *)chan->addr + (size_t)offset;
}

int ipcchan_loan(struct ipcchan *chan, size_t len, void **blocks, uint32_t count,
		 uint32_t flags, int64_t timeout_ns)
{
	uint64_t offsets[CHUNK];
	struct ipcchan_loan loan = {
		.len = len,
		.offsets = (uint64_t)(uintptr_t)offsets,
		.count = count < CHUNK ? count : CHUNK,
		.flags = flags,
		.timeout_ns = timeout_ns,
	};
	size_t size;
	void *addr;
	int i, ret;

	ret = ipcchan_map(chan, &addr, &size);
	if (ret)
		return ret == -ENODEV ? -EOPNOTSUPP : ret;
	ret = (int)ipcchan_ioctl(chan->fd, IPCCHAN_IOC_LOAN, &loan);
	for (i = 0; i < ret; i++)
		blocks[i] = address_of(chan, offsets[i]);
	return ret;
}

int ipcchan_give_back(struct ipcchan *chan, const void *const *blocks, uint32_t count)
{
	uint64_t offsets[CHUNK];
	struct ipcchan_give_back back = { .offsets = (uint64_t)(uintptr_t)offsets };
	uint32_t i, nr, done = 0;
	int ret = -EINVAL;

	while (done < count) {
		nr = count - done < CHUNK ? count - done : CHUNK;
		for (i = 0; i < nr; i++) {
			ret = offset_of(chan, blocks[done + i], &offsets[i]);
			if (ret)
				break;
		}
		if (!i)
			break;
		back.count = i;
		ret = (int)ipcchan_ioctl(chan->fd, IPCCHAN_IOC_GIVE_BACK, &back);
		if (ret < 0)
			break;
		done += (uint32_t)ret;
		if ((uint32_t)ret < nr)
			break;
	}
	return done ? (int)done : ret;
}

int ipcchan_msg_block(const struct ipcchan *chan, struct ipcchan_msghdr *msg,
		      const void *block, size_t len)
{
	uint64_t offset;
	int ret = offset_of(chan, block, &offset);

	if (ret)
		return ret;
	ipcchan_msg_init(msg, NULL, len);
	msg->buf = offset;
	msg->flags = IPCCHAN_MSG_PLACED;
	return 0;
}

void *ipcchan_msg_payload(const struct ipcchan *chan, const struct ipcchan_msghdr *msg)
{
	if (!(msg->flags & IPCCHAN_MSG_PLACED))
		return (void *)(uintptr_t)msg->buf;
	if (chan->view)
		return (char *)chan->view + (size_t)msg->buf;
	return address_of(chan, msg->buf);
}

/* Return: 0 when there is a pool that this caller is to map, and no other one */
static int pool_make(struct ipcchan *chan, struct ipcchan_pool *pool)
{
	if (!__atomic_exchange_n(&chan->unmapped, 0, __ATOMIC_ACQUIRE))
		return (int)ipcchan_ioctl(chan->fd, IPCCHAN_IOC_POOL, pool);
	if (!memcmp(pool, &chan->made, sizeof(*pool)))
		return 0;
	__atomic_store_n(&chan->unmapped, 1, __ATOMIC_RELEASE);
	return -EBUSY;
}

int ipcchan_pool(struct ipcchan *chan, size_t size, uint32_t full, size_t min_len)
{
	struct ipcchan_pool pool = {
		.size = size,
		.full = full,
		.min_len = min_len > UINT32_MAX ? UINT32_MAX : (uint32_t)min_len,
	};
	int saved = errno;
	void *addr;
	int ret;

	ret = pool_make(chan, &pool);
	if (ret < 0)
		return ret;
	addr = mmap(NULL, size, PROT_READ, MAP_SHARED, chan->fd, (off_t)IPCCHAN_POOL_OFFSET);
	if (addr == MAP_FAILED) {
		ret = -errno;
		errno = saved;
		chan->made = pool;
		__atomic_store_n(&chan->unmapped, 1, __ATOMIC_RELEASE);
		return ret;
	}
	chan->pool_size = size;
	__atomic_store_n(&chan->pool, addr, __ATOMIC_RELEASE);
	return 0;
}
