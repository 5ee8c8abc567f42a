// SPDX-License-Identifier: GPL-2.0
/*
 * The library's broadcast ring over a memfd, without the module: messages built in place and
 * copied out, as what is read in place may be overwritten meanwhile.  Its sender waits for
 * nobody: what a receiver has not read in time it loses.
 */
#include <errno.h>
#include <ipcchan/bring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fd.h"

/**
 * struct bring - the ring, and in a child its handle
 * @mem: @size bytes
 * @life: by whose locks the sender is known to live
 */
struct bring {
	void *mem;
	size_t size;
	int life;
	struct ipcchan_bring ring;
};

static void bring_teardown(struct link *link)
{
	struct bring *b = link->priv;

	if (!b)
		return;
	if (b->mem)
		munmap(b->mem, b->size);
	fd_close(&b->life);
	free(b);
	link->priv = NULL;
}

static int bring_setup(struct link *link)
{
	uint32_t flags = link->wait == WAIT_SPIN ? IPCCHAN_BRING_SPIN : 0;
	struct bring *b = calloc(1, sizeof(*b));
	struct ipcchan_claim_life life = { 0 };
	int err;

	if (!b)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = b;
	b->life = -1;
	b->size = ipcchan_bring_mem_size(fd_slots(link), link->size);
	if (!b->size)
		return link_refuse(link, -EINVAL, "no ring of so many, or so long, messages");
	b->mem = fd_memory(b->size);
	b->life = memfd_create("ipcchan-bench-life", MFD_CLOEXEC);
	if (!b->mem || b->life < 0)
		return link_refuse(link, -errno, "memfd: %s", strerror(errno));
	life.fd = b->life;
	err = ipcchan_bring_format(b->mem, b->size, link->size, flags, &life);
	return err ? link_refuse(link, err, "ring: %s", strerror(-err)) : 0;
}

static int bring_attach(struct link *link, int side)
{
	static const enum ipcchan_wait_mode modes[] = {
		[WAIT_BLOCK] = IPCCHAN_WAIT_SLEEP,
		[WAIT_SPIN] = IPCCHAN_WAIT_SPIN,
		[WAIT_ADAPTIVE] = IPCCHAN_WAIT_ADAPTIVE,
	};
	const struct ipcchan_bell futex = ipcchan_bell_futex();
	const struct ipcchan_bell *bell = link->wait == WAIT_SPIN ? NULL : &futex;
	struct bring *b = link->priv;
	const struct ipcchan_claim_life life = { .fd = b->life };
	int err;

	err = (side ? ipcchan_bring_attach_reader : ipcchan_bring_attach_producer)
		(&b->ring, b->mem, b->size, bell, &life);
	if (!err)
		err = ipcchan_bring_set_wait(&b->ring, modes[link->wait]);
	if (err)
		return link_refuse(link, err, "ring: %s", strerror(-err));
	link->rx_buf = fd_buffer(link->size);
	return link->rx_buf ? 0 : link_refuse(link, -ENOMEM, "no memory for a message");
}

/* There is one producer: nobody is in the middle of a message, and there is always room */
static int bring_begin(struct link *link, void **msg)
{
	struct bring *b = link->priv;

	return ipcchan_bring_reserve(&b->ring, link->size, msg);
}

static int bring_send(struct link *link)
{
	struct bring *b = link->priv;

	return ipcchan_bring_commit(&b->ring);
}

static ssize_t bring_recv(struct link *link, const void **msg)
{
	struct bring *b = link->priv;
	ssize_t len;

	*msg = link->rx_buf;
	do {
		len = ipcchan_bring_recv(&b->ring, link->rx_buf, link->size,
					 IPCCHAN_WAIT_FOREVER, NULL);
	} while (len == -EINTR);
	return len;
}

const struct transport transport_shm_bring = {
	.name = "shm-bring",
	.about = "broadcast ring in shared memory, on a futex: who is slow loses messages",
	.wait = WAIT_BLOCK,
	.waits = WAITS_SLEEP | 1u << WAIT_SPIN,
	.max_size = IPCCHAN_SLOT_LEN_MASK,
	.copies = COPIES(1),
	.many = EACH_OWN,
	.drops = true,
	.setup = bring_setup,
	.attach = bring_attach,
	.begin = bring_begin,
	.send = bring_send,
	.recv = bring_recv,
	.done = fd_done,
	.teardown = bring_teardown,
};
