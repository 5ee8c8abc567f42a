/* SPDX-License-Identifier: GPL-2.0 */
/* What transports over ipcchan channels have in common. */
#ifndef BENCH_TRANSPORTS_CHAN_H
#define BENCH_TRANSPORTS_CHAN_H

#include <ipcchan.h>

#include "../transport.h"

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

#endif /* BENCH_TRANSPORTS_CHAN_H */
