/* SPDX-License-Identifier: GPL-2.0 */
/* What transports over ipcchan channels have in common. */
#ifndef BENCH_TRANSPORTS_CHAN_H
#define BENCH_TRANSPORTS_CHAN_H

#include <errno.h>
#include <ipcchan.h>
#include <sys/ioctl.h>

#include "../transport.h"

/**
 * struct chan_pair - two anonymous channels, one a direction
 * @tx: by the side that sends: the sender's endpoint
 * @rx: likewise, the other side's
 */
struct chan_pair {
	struct ipcchan *tx[SIDES];
	struct ipcchan *rx[SIDES];
};

/**
 * chan_refuse() - say why there is no channel
 * @err: negative errno of the library
 *
 * Return: @err.
 */
int chan_refuse(struct link *link, int err);

/**
 * chan_open() - open an anonymous channel, or one more endpoint of one
 * @of: endpoint whose channel to attach to, or NULL with @opts for a new one
 * @opts: role, and limits for a new channel
 *
 * Return: 0; negative errno with @link->why filled.
 */
int chan_open(struct link *link, struct ipcchan **chan, const struct ipcchan *of,
	      const struct ipcchan_opts *opts);

/**
 * chan_limits() - limits of a channel that is @link->depth bytes deep
 * @opts: out, no more messages than the bytes have room for: the bytes are the limit
 *
 * Return: 0, with @link->depth what can be had; negative errno with @link->why filled.
 */
int chan_limits(struct link *link, struct ipcchan_opts *opts);

/**
 * chan_pair_open() - open two queues, by @link->depth, which tells what there is then
 * @opts: what they have beside their limits; NULL for nothing
 *
 * Where each receiver gets each message, that of side 0 is a broadcast, and has no receiver yet.
 *
 * Return: 0; negative errno with @link->why filled, and what is open in @pair.
 */
int chan_pair_open(struct link *link, struct chan_pair *pair,
		   const struct ipcchan_opts *opts);

/**
 * chan_pair_own() - in attach(): of several processes each has endpoints of its own
 * @own: its side
 *
 * As programs have that are not related.  Two processes keep those that they got by the fork.
 * Return: 0; negative errno with @link->why filled.
 */
int chan_pair_own(struct link *link, struct chan_pair *pair, int own);

/** chan_pair_close() - close what is open */
void chan_pair_close(struct chan_pair *pair);

/**
 * chan_ioctl() - ioctl(), begun anew when it was interrupted
 *
 * Not for CALL: a server may have taken the request by then.
 *
 * Return: what ioctl() does, or a negative errno; not EINTR.
 */
static inline int chan_ioctl(int fd, unsigned long cmd, void *arg)
{
	int n;

	do {
		n = ioctl(fd, cmd, arg);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

#endif /* BENCH_TRANSPORTS_CHAN_H */
