// SPDX-License-Identifier: GPL-2.0
#include "blocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"

/* What a channel's buffer, or a pool, may have. */
#define BLOCKS_BYTES_MAX	((size_t)256 << 20)

static size_t block_size(const struct link *link)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (link->size + page - 1) / page * page;
}

/* Messages under way, and as many that are not given back yet; no fewer for large ones. */
static size_t blocks_count(const struct link *link)
{
	size_t nr = 2 * (link->depth / link->size), most = BLOCKS_BYTES_MAX / block_size(link);

	if (nr < 4 * BLOCKS_PER_CALL)
		nr = 4 * BLOCKS_PER_CALL;
	return nr < most ? nr : most < 4 ? 4 : most;
}

size_t blocks_bytes(const struct link *link)
{
	return blocks_count(link) * block_size(link);
}

int blocks_init(struct blocks *blocks, const struct link *link)
{
	size_t most = blocks_count(link) / 4;

	blocks->nr = 0;
	blocks->most = most > BLOCKS_PER_CALL ? BLOCKS_PER_CALL : (unsigned int)most;
	blocks->offsets = calloc(blocks->most, sizeof(*blocks->offsets));
	return blocks->offsets ? 0 : -ENOMEM;
}

char *blocks_map(struct link *link, const struct ipcchan *chan, int prot, off_t offset)
{
	char *addr = mmap(NULL, blocks_bytes(link), prot, MAP_SHARED | MAP_POPULATE,
			  ipcchan_fd(chan), offset);

	if (addr != MAP_FAILED)
		return addr;
	link_refuse(link, -errno, "cannot map the blocks: %s", strerror(errno));
	return NULL;
}

ssize_t blocks_recv(struct link *link, uint64_t *offset)
{
	struct ipcchan_msghdr h = { 0 };
	struct ipcchan_xfer x = {
		.msgs = (uintptr_t)&h, .count = 1, .flags = IPCCHAN_XFER_PLACE,
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	int n = chan_ioctl(link->rx_fd, IPCCHAN_IOC_RECV, &x);

	if (n <= 0)
		return n ? n : -EPIPE;
	if (!(h.flags & IPCCHAN_MSG_PLACED))
		return -EBADMSG;
	*offset = h.buf;
	return h.len;
}

int blocks_done(struct link *link, struct blocks *blocks, uint64_t offset)
{
	struct ipcchan_give_back g = { .offsets = (uintptr_t)blocks->offsets };
	int n;

	blocks->offsets[blocks->nr++] = offset;
	if (blocks->nr < blocks->most)
		return 0;
	g.count = blocks->nr;
	n = chan_ioctl(link->rx_fd, IPCCHAN_IOC_GIVE_BACK, &g);
	if (n != (int)blocks->nr)
		return n < 0 ? n : -EIO;
	blocks->nr = 0;
	return 0;
}
