// SPDX-License-Identifier: GPL-2.0
/*
 * The library's ring for several producers and consumers over a memfd, one a direction,
 * without the module: messages built and read in place.
 */
#include <errno.h>
#include <ipcchan/mring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fd.h"

/**
 * struct mrings - both directions
 * @mem: a ring for each side that sends
 * @life: by whose locks the participants are known to live
 * @tx: where there are several of a side they only send, or only receive
 * @rx: likewise
 */
struct mrings {
	char *mem;
	size_t ring_size;
	int life;
	struct ipcchan_mring tx;
	struct ipcchan_mring rx;
};

static void mring_teardown(struct link *link)
{
	struct mrings *m = link->priv;

	if (!m)
		return;
	if (m->mem)
		munmap(m->mem, SIDES * m->ring_size);
	fd_close(&m->life);
	free(m);
	link->priv = NULL;
}

static struct ipcchan_claim_life life_of(const struct mrings *m, int side)
{
	return (struct ipcchan_claim_life){
		.fd = m->life, .start = (int64_t)side * IPCCHAN_CLAIM_PEERS,
	};
}

static int make_rings(struct link *link, struct mrings *m, size_t size)
{
	uint32_t flags = link->wait == WAIT_SPIN ? IPCCHAN_MRING_SPIN : 0;
	int side, err;

	for (side = 0; side < SIDES; side++) {
		const struct ipcchan_claim_life life = life_of(m, side);

		err = ipcchan_mring_format(m->mem + (size_t)side * m->ring_size, size,
					   link->size, flags, &life);
		if (err)
			return link_refuse(link, err, "ring: %s", strerror(-err));
	}
	return 0;
}

static int mring_setup(struct link *link)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size;
	struct mrings *m = calloc(1, sizeof(*m));

	if (!m)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = m;
	m->life = -1;
	size = ipcchan_mring_mem_size(fd_slots(link), link->size);
	if (!size)
		return link_refuse(link, -EINVAL, "no ring of so many, or so long, messages");
	if (link->crew[0] + link->crew[1] > IPCCHAN_CLAIM_PEERS)
		return link_refuse(link, -EUSERS, "a ring has at most %u participants",
				   IPCCHAN_CLAIM_PEERS);
	m->ring_size = (size + page - 1) / page * page;
	m->mem = fd_memory(SIDES * m->ring_size);
	m->life = memfd_create("ipcchan-bench-life", MFD_CLOEXEC);
	if (!m->mem || m->life < 0)
		return link_refuse(link, -errno, "memfd: %s", strerror(errno));
	return make_rings(link, m, size);
}

/* @side: which sends on it */
static int join(struct link *link, struct ipcchan_mring *ring, int side,
		enum ipcchan_claim_side as)
{
	static const enum ipcchan_wait_mode modes[] = {
		[WAIT_BLOCK] = IPCCHAN_WAIT_SLEEP,
		[WAIT_SPIN] = IPCCHAN_WAIT_SPIN,
		[WAIT_ADAPTIVE] = IPCCHAN_WAIT_ADAPTIVE,
	};
	const struct ipcchan_bell bell = ipcchan_bell_futex();
	struct mrings *m = link->priv;
	const struct ipcchan_claim_life life = life_of(m, side);
	int err;

	err = ipcchan_mring_attach(ring, m->mem + (size_t)side * m->ring_size, m->ring_size, as,
				   link->wait == WAIT_SPIN ? NULL : &bell, &life);
	if (!err)
		err = ipcchan_mring_set_wait(ring, modes[link->wait]);
	return err ? link_refuse(link, err, "ring: %s", strerror(-err)) : 0;
}

static int mring_attach(struct link *link, int side)
{
	struct mrings *m = link->priv;
	int err = 0;

	if (!side || !link_is_shared(link))
		err = join(link, &m->tx, side, IPCCHAN_CLAIM_PRODUCER);
	if (!err && (side || !link_is_shared(link)))
		err = join(link, &m->rx, !side, IPCCHAN_CLAIM_CONSUMER);
	return err;
}

/* Return: 0, to look again; negative errno */
static int wait_for(struct ipcchan_mring *ring)
{
	int err = ipcchan_mring_wait(ring, IPCCHAN_WAIT_FOREVER);

	return err == -EINTR ? 0 : err;
}

static int mring_begin(struct link *link, void **msg)
{
	struct mrings *m = link->priv;
	int err;

	while ((err = ipcchan_mring_reserve(&m->tx, link->size, msg)) == -EAGAIN) {
		err = wait_for(&m->tx);
		if (err)
			break;
	}
	return err;
}

static int mring_send(struct link *link)
{
	struct mrings *m = link->priv;

	return ipcchan_mring_commit(&m->tx);
}

static ssize_t mring_recv(struct link *link, const void **msg)
{
	struct mrings *m = link->priv;
	ssize_t len;
	int err;

	while ((len = ipcchan_mring_peek(&m->rx, msg)) == -EAGAIN) {
		err = wait_for(&m->rx);
		if (err)
			return err;
	}
	return len;
}

static int mring_done(struct link *link)
{
	struct mrings *m = link->priv;

	return ipcchan_mring_release(&m->rx);
}

const struct transport transport_shm_mring = {
	.name = "shm-mring",
	.about = "ring of several producers and consumers in shared memory, on a futex",
	.wait = WAIT_BLOCK,
	.waits = WAITS_SLEEP | 1u << WAIT_SPIN,
	.workloads = WORKLOADS_ALL,
	.max_size = IPCCHAN_SLOT_LEN_MASK,
	.copies = COPIES(0),
	.many = MANY_BOTH,
	.setup = mring_setup,
	.attach = mring_attach,
	.begin = mring_begin,
	.send = mring_send,
	.recv = mring_recv,
	.done = mring_done,
	.teardown = mring_teardown,
};
