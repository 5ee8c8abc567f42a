// SPDX-License-Identifier: GPL-2.0
/* The library's ring over a memfd, without the module: sleeping, and spinning. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../touch.h"
#include "fd.h"
#include "rings.h"

struct shm {
	struct rings rings;	/* first: see rings.h */
	char *mem;		/* a ring for each side that sends */
	size_t ring_size;
	bool spin;
};

static void shm_teardown(struct link *link)
{
	struct shm *s = link->priv;

	if (!s)
		return;
	if (s->mem)
		munmap(s->mem, SIDES * s->ring_size);
	free(s);
	link->priv = NULL;
}

static int shm_setup(struct link *link)
{
	struct shm *s = calloc(1, sizeof(*s));
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size;
	int side, err;

	if (!s)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = s;
	s->spin = link->wait == WAIT_SPIN;
	size = rings_mem_size(link);
	if (!size)
		return -EINVAL;
	s->ring_size = (size + page - 1) / page * page;
	s->mem = fd_memory(SIDES * s->ring_size);
	if (!s->mem)
		return link_refuse(link, -errno, "memfd: %s", strerror(errno));
	for (side = 0; side < SIDES; side++) {
		err = ipcchan_ring_format(s->mem + (size_t)side * s->ring_size, size,
					  s->spin ? IPCCHAN_RING_SPIN : 0);
		if (err)
			return link_refuse(link, err, "ring: %s", strerror(-err));
	}
	return 0;
}

static int shm_attach(struct link *link, int side)
{
	const struct ipcchan_bell bell = ipcchan_bell_futex();
	struct shm *s = link->priv;

	memory_touch(s->mem, SIDES * s->ring_size);
	return rings_attach(link, &s->rings, s->mem + (size_t)side * s->ring_size,
			    s->mem + (size_t)!side * s->ring_size, s->ring_size,
			    s->spin ? NULL : &bell, s->spin ? NULL : &bell);
}

const struct transport transport_shm_futex = {
	.name = "shm-futex",
	.about = "ring in shared memory, sleeping on a futex",
	.wait = WAIT_BLOCK,
	.waits = WAITS_SLEEP,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(0),
	.setup = shm_setup,
	.attach = shm_attach,
	.begin = rings_begin,
	.send = rings_send,
	.recv = rings_recv,
	.done = rings_done,
	.teardown = shm_teardown,
};

const struct transport transport_shm_spin = {
	.name = "shm-spin",
	.about = "ring in shared memory, spinning, never in the kernel",
	.wait = WAIT_SPIN,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(0),
	.setup = shm_setup,
	.attach = shm_attach,
	.begin = rings_begin,
	.send = rings_send,
	.recv = rings_recv,
	.done = rings_done,
	.teardown = shm_teardown,
};
