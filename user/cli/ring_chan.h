/* SPDX-License-Identifier: GPL-2.0 */
/* The ring that `create --ring` puts into the shared buffer of a channel. */
#ifndef IPCCHAN_CLI_RING_CHAN_H
#define IPCCHAN_CLI_RING_CHAN_H

#include <ipcchan/ring.h>

#include "chan_opts.h"

/* One side of it. */
struct ring_chan {
	struct ipcchan *chan;
	struct ipcchan_ring ring;
};

/**
 * ring_chan_format() - make an empty ring in the shared buffer of a channel
 * @chan: opened to send
 * @flags: IPCCHAN_RING_*
 *
 * Return: 0 or a negative errno.
 */
int ring_chan_format(struct ipcchan *chan, uint32_t flags);

/**
 * ring_chan_open() - open a channel and become one side of its ring
 * @rc: out, to be given to ring_chan_close() on success
 * @verb: argv[0] of the verb, for messages
 * @opts: where it creates: with a buffer and a ring
 *
 * Return: EXIT_OK; EXIT_SYSTEM after a message that says what to do.
 */
int ring_chan_open(struct ring_chan *rc, const char *verb, const char *name,
		   enum ipcchan_ring_side side, const struct chan_opts *opts);

/** ring_chan_close() - leave the ring and close the channel */
void ring_chan_close(struct ring_chan *rc);

/**
 * ring_chan_error() - say why an operation on the ring failed
 * @err: negative errno
 *
 * Return: EXIT_SYSTEM.
 */
int ring_chan_error(const char *verb, const char *name, int err);

#endif /* IPCCHAN_CLI_RING_CHAN_H */
