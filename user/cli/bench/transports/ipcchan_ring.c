// SPDX-License-Identifier: GPL-2.0
/*
 * The library's ring in the shared buffers of two anonymous channels, one a
 * direction: sleeping through the doorbell, and spinning.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "chan.h"
#include "fd.h"
#include "rings.h"

struct chan_rings {
	struct rings rings;		/* first: see rings.h */
	struct ipcchan *chan[SIDES];	/* by the side that sends; the parent's */
	size_t ring_size;
	bool spin;
};

static void ring_teardown(struct link *link)
{
	struct chan_rings *r = link->priv;

	if (!r)
		return;
	ipcchan_close(r->chan[0]);
	ipcchan_close(r->chan[1]);
	free(r);
	link->priv = NULL;
}

static int make_ring(struct link *link, struct chan_rings *r, int side)
{
	const struct ipcchan_opts opts = {
		.role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV,
		.buf_size = r->ring_size,
	};
	size_t size;
	void *mem;
	int err;

	err = chan_open(link, &r->chan[side], NULL, &opts);
	if (err)
		return err;
	err = ipcchan_map(r->chan[side], &mem, &size);
	if (err)
		return link_refuse(link, err, "mmap: %s", strerror(-err));
	err = ipcchan_ring_format(mem, r->ring_size, r->spin ? IPCCHAN_RING_SPIN : 0);
	if (err)
		return link_refuse(link, err, "ring: %s", strerror(-err));
	return 0;
}

static int ring_setup(struct link *link)
{
	struct chan_rings *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = r;
	r->spin = link->wait == WAIT_SPIN;
	r->ring_size = rings_mem_size(link);
	if (!r->ring_size)
		return -EINVAL;
	err = make_ring(link, r, 0);
	return err ? err : make_ring(link, r, 1);
}

/* An endpoint and a mapping of its own; a consumer writes its index, so it sends */
static int take_ring(struct link *link, const struct ipcchan *of, void **mem,
		     struct ipcchan_bell *bell)
{
	const struct ipcchan_opts opts = {
		.role = IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV,
	};
	struct ipcchan *chan;
	size_t size;
	int err;

	err = chan_open(link, &chan, of, &opts);
	if (err)
		return err;
	err = ipcchan_map(chan, mem, &size);
	if (!err)
		err = ipcchan_bell_chan(bell, chan);
	if (err) {
		ipcchan_close(chan);
		return link_refuse(link, err, "mmap: %s", strerror(-err));
	}
	return 0;
}

static int ring_attach(struct link *link, int side)
{
	struct ipcchan_bell tx_bell, rx_bell;
	struct chan_rings *r = link->priv;
	void *tx_mem, *rx_mem;
	int err;

	err = take_ring(link, r->chan[side], &tx_mem, &tx_bell);
	if (!err)
		err = take_ring(link, r->chan[!side], &rx_mem, &rx_bell);
	if (err)
		return err;
	return rings_attach(link, &r->rings, tx_mem, rx_mem, r->ring_size,
			    r->spin ? NULL : &tx_bell, r->spin ? NULL : &rx_bell);
}

const struct transport transport_ipcchan_ring = {
	.name = "ipcchan-ring",
	.about = "ring in an ipcchan buffer, sleeping through the doorbell",
	.wait = WAIT_BLOCK,
	.waits = WAITS_SLEEP,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(0),
	.setup = ring_setup,
	.attach = ring_attach,
	.begin = rings_begin,
	.send = rings_send,
	.recv = rings_recv,
	.done = rings_done,
	.teardown = ring_teardown,
};

const struct transport transport_ipcchan_spin = {
	.name = "ipcchan-spin",
	.about = "ring in an ipcchan buffer, spinning, never in the kernel",
	.wait = WAIT_SPIN,
	.workloads = WORKLOADS_ALL,
	.max_size = UINT32_MAX,
	.copies = COPIES(0),
	.setup = ring_setup,
	.attach = ring_attach,
	.begin = rings_begin,
	.send = rings_send,
	.recv = rings_recv,
	.done = rings_done,
	.teardown = ring_teardown,
};
