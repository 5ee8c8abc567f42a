/* SPDX-License-Identifier: GPL-2.0 */
/* The table of channels. */
#ifndef IPCCHAN_CLI_CHAN_TABLE_H
#define IPCCHAN_CLI_CHAN_TABLE_H

#include "nl.h"

/**
 * chans_print() - print it to the standard output
 * @stats: with the counters
 * @numeric: numbers, not names, of users and groups
 *
 * Return: 0; -ENOMEM.
 */
int chans_print(const struct nl_chan *chans, size_t n, bool stats, bool numeric);

#endif /* IPCCHAN_CLI_CHAN_TABLE_H */
